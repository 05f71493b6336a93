/**
 * LangSmith's runs, nested or flat, over one file or several: a trace is an episode, its runs of
 * the type tool are the steps. A run that is pending has no outcome and no result.
 *
 * @module
 */

import { readChat } from "../../../client/calls/calls.ts";
import { answerIn } from "../../../client/calls/messages.ts";
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
    for (const { value, place } of fileItems(file, this.#notes))
      this.#take(value, {}, { file: file.name, place });
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
    const id = wordOf(run["id"] ?? run["run_id"], "");
    const trace = wordOf(run["trace_id"] ?? outer["trace_id"], id);
    const parent = run["parent_run_id"] ?? outer["id"];
    const whole = { ...run, id, trace_id: trace, parent_run_id: parent };
    const runs = this.#traces.get(trace) ?? new Map<string, TraceRun>();
    this.#traces.set(trace, runs);
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
  const isEmpty = object(answer) === answer && Object.keys(object(answer)).length === 0;
  return { type: "success", verdict: isEmpty ? "" : textOf(answer) };
}

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
  return resultOf(answerOf(outputs), status === "success" ? "ended" : "unsaid");
}

/** The value when there is one, else all of it; of a message its content. */
function answerOf(outputs: unknown): unknown {
  const fields = object(outputs);
  const values = Object.values(fields);
  const only = fields["output"] ?? (values.length === 1 ? values[0] : outputs);
  const content = object(only)["content"] ?? object(object(only)["kwargs"])["content"];
  return content ?? only;
}

/** What was asked: the first message of a person, or the input. */
function taskOf(root: Json): string {
  const inputs = parsed(root["inputs"]);
  const fields = object(inputs);
  const given = fields["messages"] ?? fields["input"] ?? fields["chat_history"];
  const isBatch = (item: unknown): item is unknown[] =>
    Array.isArray(item) && typeof item[0] !== "string";
  const list = Array.isArray(given)
    ? (given as unknown[]).flatMap((item) => (isBatch(item) ? item : [item]))
    : [given];
  const { prompt } = readChat(list.map(messageOf));
  if (prompt !== null) return prompt;
  for (const name of ["input", "question", "query", "prompt", "text", "task"]) {
    const said = fields[name];
    if (typeof said === "string" && said.trim() !== "") return said;
  }
  if (typeof inputs === "string" && inputs.trim() !== "") return inputs;
  return `${wordOf(root["name"], "run")}: ${JSON.stringify(inputs ?? {})}`;
}

/** Messages are also written as pairs: `["user", "…"]`. */
function messageOf(value: unknown): Json {
  if (!Array.isArray(value)) return object(value);
  const [role, content] = value as unknown[];
  return { role: role === "human" ? "user" : role, content };
}
