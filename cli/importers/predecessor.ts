/**
 * The predecessor's episodes as JSON: its backup, or an export of episodes.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  given,
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

const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
];
const COMPLEXITIES = ["simple", "moderate", "complex"];
/** Fields that this service works out anew, or does not have. */
const LEFT = [
  "reward",
  "reflection",
  "patterns",
  "heuristics",
  "applied_patterns",
  "salient_features",
  "embedding",
];

export const predecessor: Importer = {
  reads: "the predecessor's backup or export of episodes, as JSON",
  files: /\.jsonl?$/,
  *read(text, _name, unmapped) {
    for (const item of jsonItems(text, unmapped)) {
      const file = object(item);
      const episodes = objects(file["episodes"] ?? [file]);
      if (objects(file["patterns"]).length > 0 && file["episodes"])
        unmapped.note("patterns, which are learned anew", objects(file["patterns"]).length);
      for (const episode of episodes) {
        const id = episode["episode_id"] ?? episode["id"];
        const task = episode["task_description"] ?? episode["task"];
        if (typeof id !== "string" || typeof task !== "string") {
          unmapped.note("items that are no episode");
          continue;
        }
        for (const field of LEFT) {
          const value = episode[field];
          if (value && (!Array.isArray(value) || value.length > 0))
            unmapped.note(`${field} of episodes, which the service works out by itself`);
        }
        const ended = timeOf(episode["end_time"]);
        const outcome = outcomeOf(episode["outcome"], unmapped);
        const about = object(episode["context"]);
        const taskType = snake(wordOf(episode["task_type"], "other"));
        yield line(
          {
            id,
            task,
            task_type: TASK_TYPES.includes(taskType) ? taskType : "other",
            context: {
              domain: wordOf(about["domain"], ""),
              language: about["language"] ?? null,
              framework: about["framework"] ?? null,
              complexity:
                COMPLEXITIES.find((one) => one === snake(String(about["complexity"]))) ??
                "moderate",
              tags: texts(about["tags"]),
            },
            tags: texts(episode["tags"]),
            metadata: Object.fromEntries(
              Object.entries(object(episode["metadata"]))
                .slice(0, 50)
                .map(([name, value]) => [name, textOf(value)]),
            ),
            steps: objects(episode["steps"]).map(stepOf),
            ...given({ started_at: timeOf(episode["start_time"]), ended_at: ended }),
            ...(outcome ? { outcome } : { status: "abandoned" }),
          },
          unmapped,
        );
        if (objects(episode["checkpoints"]).length > 0) unmapped.note("checkpoints");
      }
    }
  },
};

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String).slice(0, 50) : [];

/** "PartialSuccess" and "partial_success" are the same. */
function snake(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

/** An enumeration of Rust: {"Success":{…}}, {"type":"success",…}, or "Timeout". */
function variant(value: unknown): { name: string; fields: Json } | null {
  if (typeof value === "string") return { name: snake(value), fields: {} };
  const fields = object(value);
  if (typeof fields["type"] === "string") return { name: snake(fields["type"]), fields };
  const [only] = Object.entries(fields);
  return only ? { name: snake(only[0]), fields: object(only[1]) } : null;
}

function stepOf(step: Json): Step {
  const said = variant(step["result"]);
  const result: Step["result"] =
    said === null
      ? null
      : said.name === "success"
        ? { type: "success", output: textOf(said.fields["output"]) }
        : said.name === "error"
          ? { type: "error", message: textOf(said.fields["message"]) }
          : said.name === "timeout"
            ? { type: "timeout" }
            : null;
  let { parameters } = step;
  if (typeof parameters === "string") {
    try {
      parameters = JSON.parse(parameters) as unknown;
    } catch {
      // It stays the text that it is.
    }
  }
  return {
    tool: wordOf(step["tool"], "unknown"),
    action: wordOf(step["action"], ""),
    parameters: parameters ?? {},
    result,
    ...given({ at: timeOf(step["timestamp"]) }),
    ...(typeof step["latency_ms"] === "number" && step["latency_ms"] > 0
      ? { latency_ms: step["latency_ms"] }
      : {}),
    ...(typeof step["tokens_used"] === "number" ? { tokens: step["tokens_used"] } : {}),
    metadata: Object.fromEntries(
      Object.entries(object(step["metadata"]))
        .slice(0, 49)
        .map(([name, value]) => [name, textOf(value).slice(0, 2_000)]),
    ),
  };
}

function outcomeOf(value: unknown, unmapped: { note(what: string): void }): Json | null {
  const said = variant(value);
  if (!said) return null;
  const { fields } = said;
  if (said.name === "success")
    return {
      type: "success",
      verdict: short(textOf(fields["verdict"])),
      artifacts: texts(fields["artifacts"]),
    };
  if (said.name === "partial_success") {
    return {
      type: "partial_success",
      verdict: short(textOf(fields["verdict"])),
      completed: texts(fields["completed"]),
      failed: texts(fields["failed"]),
    };
  }
  if (said.name === "failure") {
    const more = fields["error_details"] ?? fields["details"];
    return {
      type: "failure",
      reason: short(textOf(fields["reason"])),
      details: more === undefined || more === null ? null : short(textOf(more)),
    };
  }
  if (said.name === "abstained") {
    if (fields["stopped_at_step"] !== undefined)
      unmapped.note("stopped_at_step of abstained outcomes");
    return {
      type: "abstained",
      reason: short(textOf(fields["reason"])),
      signals: texts(fields["infeasibility_signals"] ?? fields["signals"]),
    };
  }
  unmapped.note(`outcomes of the kind ${said.name}`);
  return null;
}
