/**
 * LangSmith's runs, nested or flat, over one file or several: a trace is an episode, its runs of
 * the type tool are the steps. A run that is pending has no outcome and no result.
 *
 * @module
 */

import { lastAsked } from "../../../client/calls/calls.ts";
import { answerIn, messageOf } from "../../../client/calls/messages.ts";
import { resultOf, type CallResult } from "../../../client/calls/results.ts";
import {
  object,
  objects,
  parsed,
  textOf,
  wordOf,
  type Json,
} from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { textsOf, timeOf } from "../../../client/runs/values.ts";

export const langsmith: Importer = {
  reads: "runs exported from LangSmith, as JSON or a line a run",
  files: /\.(jsonl?|ndjson)$/,
  isSpread: true,
  open: (notes) => new LangSmith(notes),
};

interface TraceRun {
  run: Json;
  file: string;
  place: string;
}

class LangSmith implements FormatReader {
  readonly #notes: Notes;
  /** By trace, then by run: one that was updated is there again. */
  readonly #traces = new Map<string, Map<string, TraceRun>>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Nothing is passed on yet: a trace may go on in another file. */
  read(file: SourceFile): [] {
    for (const { value, place } of fileItems(file, this.#notes)) {
      const at = { file: file.name, place };
      const { post, patch } = value;
      // What the SDK sends: runs as they begin, and what is new of them as they end.
      const sent = [...objects(post), ...objects(patch)];
      for (const run of sent.length > 0 ? sent : [value]) this.#take(run, {}, at);
    }
    return [];
  }

  *end(): Generator<ImportEvent> {
    for (const [id, runs] of this.#traces) {
      const all = [...runs.values()];
      const first = all[0];
      if (!first) continue;
      const trace = { id, runs: all, place: first.place };
      yield* eachOf([trace], first.file, this.#notes, (one) => this.#events(one.id, one.runs));
    }
    this.#traces.clear();
  }

  /** A run and those inside it: some exports nest them, and name the trace on the outer one only. */
  #take(run: Json, outer: Json, at: { file: string; place: string }): void {
    if (run["run_type"] === undefined && run["trace_id"] === undefined) {
      this.#notes.odd(at.file, at.place, "no run: it has neither run_type nor trace_id");
      return;
    }
    const id = wordOf(run["id"] ?? run["run_id"], "") || lastOf(run["dotted_order"]);
    const trace = wordOf(run["trace_id"] ?? outer["trace_id"], id);
    const [above] = Array.isArray(run["parent_run_ids"]) ? run["parent_run_ids"].slice(-1) : [];
    const parent = run["parent_run_id"] ?? outer["id"] ?? above;
    const runs = this.#traces.get(trace) ?? new Map<string, TraceRun>();
    this.#traces.set(trace, runs);
    const before = runs.get(id)?.run ?? {};
    const whole = { ...before, ...said(run), id, trace_id: trace, parent_run_id: parent };
    runs.set(id || `${runs.size}`, { run: whole, ...at });
    for (const child of objects(run["child_runs"])) this.#take(child, whole, at);
  }

  *#events(id: string, all: readonly TraceRun[]): Generator<ImportEvent> {
    const runs = all.map(({ run }) => run);
    const root = runs.find((run) => run["id"] === id) ?? runs.find((run) => !run["parent_run_id"]);
    if (!root) {
      this.#notes.note("traces without their root run");
      return;
    }
    for (const run of runs)
      if (run !== root && run["run_type"] !== "tool")
        this.#notes.note(`runs of the type ${String(run["run_type"])}`);
    yield aboutRoot(id, root);
    const tools = runs.filter((run) => run["run_type"] === "tool");
    const order = new Map(tools.map((run) => [run, orderOf(run)]));
    tools.sort((a, b) => compare(order.get(a), order.get(b)));
    for (const run of tools) yield toolEvent(id, run);
  }
}

/** What is new of a run does not say again what it has said. */
const said = (run: Json): Json =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => value !== null));

/** The run that an order is of: `20260101T000000000001Zid.20260101T000000000002Zid`. */
const lastOf = (order: unknown): string =>
  /^\d{8}T\d{12,}Z(.+)$/.exec(wordOf(order, "").split(".").at(-1) ?? "")?.[1] ?? "";

/** By time, and where that is the same by the order that LangSmith gave them. */
function orderOf(run: Json): [time: number, order: string] {
  const at = Date.parse(timeOf(run["start_time"]) ?? "");
  return [Number.isNaN(at) ? 0 : at, wordOf(run["dotted_order"] ?? run["start_time"], "")];
}

function compare(a: [number, string] = [0, ""], b: [number, string] = [0, ""]): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}

function aboutRoot(run: string, root: Json): ImportEvent {
  const { name, tags, extra } = root;
  return {
    type: "about",
    run,
    task: taskOf(root),
    tags: textsOf(tags),
    metadata: { trace: run, name, ...object(object(parsed(extra))["metadata"]) },
    started_at: timeOf(root["start_time"]),
    ended_at: timeOf(root["end_time"]),
    outcome: outcomeOf(root),
  };
}

const hasEnded = (run: Json): boolean => run["end_time"] !== undefined && run["end_time"] !== null;
const hasError = ({ error, status }: Json): boolean =>
  (error !== undefined && error !== null && error !== "") || status === "error";

/** undefined: it has not ended. */
function outcomeOf(root: Json): Json | undefined {
  const { status, error } = root;
  if (hasError(root)) return { type: "failure", reason: textOf(error) || "error" };
  if (status !== "success" && (status === "pending" || !hasEnded(root))) return undefined;
  const answer = answerOf(parsed(root["outputs"]));
  return { type: "success", verdict: isEmpty(answer) ? "" : textOf(answer) };
}

const isEmpty = (value: unknown): boolean =>
  object(value) === value && Object.keys(object(value)).length === 0;

function toolEvent(run: string, tool: Json): ImportEvent {
  const at = timeOf(tool["start_time"]);
  const took = Date.parse(timeOf(tool["end_time"]) ?? "") - Date.parse(at ?? "");
  return {
    type: "call",
    run,
    id: null,
    tool: wordOf(tool["name"], "unknown"),
    parameters: parsed(tool["inputs"]) ?? {},
    at,
    ...(took >= 0 ? { latency_ms: took } : {}),
    result: resultIn(tool),
  };
}

/** null: it has not ended, or its end says nothing. */
function resultIn(tool: Json): CallResult | null {
  const { error, status } = tool;
  const outputs = parsed(tool["outputs"]);
  if (hasError(tool)) return resultOf(error ?? textOf(answerOf(outputs)), "error");
  if (status === "pending" || outputs === undefined || outputs === null) return null;
  const message = answerIn(object(outputs)["output"] ?? outputs);
  if (message && message.verdict !== "unsaid") return resultOf(message.content, message.verdict);
  const answer = answerOf(outputs);
  const verdict = status === "success" ? "ended" : "unsaid";
  return resultOf(isEmpty(answer) ? "" : answer, verdict);
}

/** The value when there is one, else all of it; of a message its content. */
function answerOf(outputs: unknown): unknown {
  const fields = object(outputs);
  const values = Object.values(fields);
  const only = fields["output"] ?? (values.length === 1 ? values[0] : outputs);
  // A model's answer as its provider gave it.
  const message = object(object(objects(fields["choices"])[0])["message"]);
  const content = object(only)["content"] ?? object(object(only)["kwargs"])["content"];
  return content ?? message["content"] ?? only;
}

/** What was asked: the last message of a person, which earlier ones lead to, or the input. */
function taskOf(root: Json): string {
  const inputs = parsed(root["inputs"]);
  const fields = object(inputs);
  const given = fields["messages"] ?? fields["input"] ?? fields["chat_history"];
  const isBatch = (item: unknown): item is unknown[] =>
    Array.isArray(item) && typeof item[0] !== "string";
  const list = Array.isArray(given)
    ? (given as unknown[]).flatMap((item) => (isBatch(item) ? item : [item]))
    : [given];
  const prompt = lastAsked(list.map(messageOf));
  if (prompt !== null) return prompt;
  for (const name of ["input", "question", "query", "prompt", "text", "task"]) {
    const said = fields[name];
    if (typeof said === "string" && said.trim() !== "") return said;
  }
  if (typeof inputs === "string" && inputs.trim() !== "") return inputs;
  const name = wordOf(root["name"], "run");
  return isEmpty(inputs ?? {}) ? name : `${name}: ${JSON.stringify(inputs)}`;
}
