/**
 * The predecessor's episodes as JSON: its backup, or an export of episodes.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
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

const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
];
/** Tags, and notes of an episode or a step, that the service takes. */
const ITEMS_MAX = 50;
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
      const patterns = objects(file["patterns"]);
      if (patterns.length > 0 && file["episodes"])
        unmapped.note("patterns, which are learned anew", patterns.length);
      for (const episode of objects(file["episodes"] ?? [file])) {
        const made = episodeOf(episode, unmapped);
        if (made) yield made;
        else unmapped.note("items that are no episode");
      }
    }
  },
};

/** null: it is no episode. */
function episodeOf(episode: Json, unmapped: Unmapped): Line | null {
  const id = episode["episode_id"] ?? episode["id"];
  const task = episode["task_description"] ?? episode["task"];
  if (typeof id !== "string" || typeof task !== "string") return null;
  noteLeft(episode, unmapped);
  const outcome = outcomeOf(episode["outcome"], unmapped);
  const taskType = snake(wordOf(episode["task_type"], "other"));
  return line(
    {
      id,
      task,
      task_type: TASK_TYPES.includes(taskType) ? taskType : "other",
      context: contextOf(object(episode["context"])),
      tags: texts(episode["tags"]),
      metadata: Object.fromEntries(
        Object.entries(object(episode["metadata"]))
          .slice(0, ITEMS_MAX)
          .map(([name, value]) => [name, textOf(value)]),
      ),
      steps: objects(episode["steps"]).map(stepOf),
      ...omitUndefined({
        started_at: timeOf(episode["start_time"]),
        ended_at: timeOf(episode["end_time"]),
      }),
      ...(outcome ? { outcome } : { status: "abandoned" }),
    },
    unmapped,
  );
}

function noteLeft(episode: Json, unmapped: Unmapped): void {
  for (const field of LEFT) {
    const value = episode[field];
    if (value && (!Array.isArray(value) || value.length > 0))
      unmapped.note(`${field} of episodes, which the service works out by itself`);
  }
  if (objects(episode["checkpoints"]).length > 0) unmapped.note("checkpoints");
}

function contextOf(context: Json): Json {
  const complexity = snake(String(context["complexity"]));
  return {
    domain: wordOf(context["domain"], ""),
    language: context["language"] ?? null,
    framework: context["framework"] ?? null,
    complexity: COMPLEXITIES.includes(complexity) ? complexity : "moderate",
    tags: texts(context["tags"]),
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String).slice(0, ITEMS_MAX) : [];

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
    ...omitUndefined({ at: timeOf(step["timestamp"]) }),
    ...(typeof step["latency_ms"] === "number" && step["latency_ms"] > 0
      ? { latency_ms: step["latency_ms"] }
      : {}),
    ...(typeof step["tokens_used"] === "number" ? { tokens: step["tokens_used"] } : {}),
    metadata: Object.fromEntries(
      Object.entries(object(step["metadata"]))
        .slice(0, ITEMS_MAX - 1)
        .map(([name, value]) => [name, textOf(value).slice(0, 2_000)]),
    ),
  };
}

function outcomeOf(value: unknown, unmapped: Unmapped): Json | null {
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
