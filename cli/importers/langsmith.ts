/**
 * LangSmith's runs: a trace is an episode, its runs of the type tool are the steps.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  idOf,
  jsonItems,
  line,
  object,
  objects,
  short,
  textOf,
  timeOf,
  type Importer,
  type Json,
  type Line,
  type Unmapped,
  wordOf,
} from "./importer.ts";
import { omitUndefined } from "../omit-undefined.ts";

const TAGS_MAX = 50;
const VERDICT_MAX = 2_000;

export const langsmith: Importer = {
  reads: "runs exported from LangSmith, as JSON or a line a run",
  files: /\.jsonl?$/,
  *read(text, _name, unmapped) {
    const runs = jsonItems(text, unmapped).flatMap((item) => flat(object(item)));
    const traces = Map.groupBy(runs, (run) => String(run["trace_id"] ?? run["id"]));
    for (const [id, trace] of traces) {
      const root =
        trace.find((run) => run["id"] === id) ?? trace.find((run) => !run["parent_run_id"]);
      if (root) yield episodeOf(id, root, trace, unmapped);
      else unmapped.note("traces without their root run");
    }
  },
};

function episodeOf(id: string, root: Json, trace: readonly Json[], unmapped: Unmapped): Line {
  const order = (run: Json): string => String(run["dotted_order"] ?? run["start_time"]);
  const tools = trace
    .filter((run) => run["run_type"] === "tool")
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  for (const run of trace)
    if (run !== root && run["run_type"] !== "tool")
      unmapped.note(`runs of the type ${String(run["run_type"])}`);
  return line(
    {
      id: idOf("langsmith", id),
      task: taskOf(root),
      tags: ((root["tags"] ?? []) as unknown[]).map(String).slice(0, TAGS_MAX),
      context: { tags: ["langsmith"] },
      metadata: {
        trace: id,
        name: wordOf(root["name"], ""),
        ...texts(object(object(root["extra"])["metadata"])),
      },
      steps: tools.map(stepOf),
      ...omitUndefined({
        started_at: timeOf(root["start_time"]),
        ended_at: timeOf(root["end_time"]),
        outcome: outcomeOf(root),
      }),
    },
    unmapped,
  );
}

/** undefined: it has not ended. */
function outcomeOf(root: Json): Json | undefined {
  if (typeof root["error"] === "string" && root["error"] !== "")
    return { type: "failure", reason: short(root["error"]) };
  if (root["status"] !== "success" && root["end_time"] === undefined) return undefined;
  const verdict = short(textOf(answerOf(object(root["outputs"])))).slice(0, VERDICT_MAX);
  return { type: "success", verdict };
}

/** A run and those inside it: some exports nest them. */
function flat(run: Json): Json[] {
  return [run, ...objects(run["child_runs"]).flatMap(flat)];
}

function stepOf(run: Json): Step {
  const [start, end] = [timeOf(run["start_time"]), timeOf(run["end_time"])];
  const failed = typeof run["error"] === "string" && run["error"] !== "";
  const result: Step["result"] = failed
    ? { type: "error", message: String(run["error"]) }
    : run["outputs"] === undefined || run["outputs"] === null
      ? null
      : { type: "success", output: textOf(answerOf(object(run["outputs"]))) };
  return {
    tool: wordOf(run["name"], "unknown"),
    parameters: run["inputs"] ?? {},
    result,
    ...omitUndefined({ at: start }),
    ...(start !== undefined && end !== undefined
      ? { latency_ms: Math.max(0, Date.parse(end) - Date.parse(start)) }
      : {}),
  };
}

/** The value when there is one, else all of it. */
function answerOf(outputs: Json): unknown {
  const values = Object.values(outputs);
  const only = outputs["output"] ?? (values.length === 1 ? values[0] : outputs);
  const content = object(only)["content"];
  return typeof content === "string" ? content : only;
}

/** What was asked: the first message of a person, or the input. */
function taskOf(root: Json): string {
  const inputs = object(root["inputs"]);
  const messages = objects(Array.isArray(inputs["messages"]) ? inputs["messages"].flat() : []);
  const human = messages.find((one) =>
    ["human", "user"].includes(String(one["type"] ?? one["role"])),
  );
  const said = human
    ? textOf(human["content"] ?? object(human["kwargs"])["content"])
    : textOf(inputs["input"] ?? inputs["question"] ?? inputs["query"]);
  return said.trim() === "" ? `${String(root["name"])}: ${JSON.stringify(inputs)}` : said;
}

function texts(metadata: Json): Record<string, string> {
  const entries = Object.entries(metadata).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  return Object.fromEntries(entries.slice(0, 40).map(([name, value]) => [name, String(value)]));
}
