/**
 * LangSmith's runs: a trace is an episode, its runs of the type tool are the steps.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  given,
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
  wordOf,
} from "./importer.ts";

export const langsmith: Importer = {
  reads: "runs exported from LangSmith, as JSON or a line a run",
  files: /\.jsonl?$/,
  *read(text, _name, unmapped) {
    const runs = jsonItems(text, unmapped).flatMap((item) => flat(object(item)));
    const traces = Map.groupBy(runs, (run) => String(run["trace_id"] ?? run["id"]));
    for (const [trace, known] of traces) {
      const root =
        known.find((run) => run["id"] === trace) ?? known.find((run) => !run["parent_run_id"]);
      if (!root) {
        unmapped.note("traces without their root run");
        continue;
      }
      const order = (run: Json): string => String(run["dotted_order"] ?? run["start_time"]);
      const tools = known
        .filter((run) => run["run_type"] === "tool")
        .sort((a, b) => (order(a) < order(b) ? -1 : 1));
      for (const run of known) {
        if (run !== root && run["run_type"] !== "tool")
          unmapped.note(`runs of the type ${String(run["run_type"])}`);
      }
      const failed = typeof root["error"] === "string" && root["error"] !== "";
      const ended = root["status"] === "success" || root["end_time"] !== undefined;
      yield line(
        {
          id: idOf("langsmith", trace),
          task: taskOf(root),
          tags: ((root["tags"] ?? []) as unknown[]).map(String).slice(0, 50),
          context: { tags: ["langsmith"] },
          metadata: {
            trace,
            name: wordOf(root["name"], ""),
            ...texts(object(object(root["extra"])["metadata"])),
          },
          steps: tools.map(stepOf),
          ...given({ started_at: timeOf(root["start_time"]), ended_at: timeOf(root["end_time"]) }),
          ...(failed
            ? { outcome: { type: "failure", reason: short(String(root["error"])) } }
            : ended
              ? {
                  outcome: {
                    type: "success",
                    verdict: short(textOf(answerOf(object(root["outputs"])))).slice(0, 2_000),
                  },
                }
              : {}),
        },
        unmapped,
      );
    }
  },
};

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
    ...given({ at: start }),
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
