/**
 * The predecessor's episodes as JSON: its backup, an export of episodes, or its traces.
 *
 * @module
 */

import type { CallResult } from "../../../client/calls/results.ts";
import {
  object,
  objects,
  parsed,
  textOf,
  wordOf,
  type Json,
} from "../../../client/calls/values.ts";
import type { CallEvent, ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { textsOf, timeOf } from "../../../client/runs/values.ts";

const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
];
/** An id that the service takes. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
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
  isSpread: false,
  open: (notes) => new Predecessor(notes),
};

class Predecessor implements FormatReader {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    for (const { value, place } of fileItems(file, this.#notes)) {
      const patterns = objects(value["patterns"]);
      if (patterns.length > 0 && value["episodes"])
        this.#notes.note("patterns, which are learned anew", patterns.length);
      const episodes = objects(value["episodes"] ?? [value]).map((episode, i) => ({
        episode,
        place: value["episodes"] ? `episode ${i + 1}` : place,
      }));
      yield* eachOf(episodes, file.name, this.#notes, ({ episode }) => this.#events(episode));
    }
  }

  *#events(episode: Json): Generator<ImportEvent> {
    const run = episode["episode_id"] ?? episode["id"];
    const task = episode["task_description"] ?? episode["task"];
    if (typeof run !== "string" || typeof task !== "string") {
      this.#notes.note("items that are no episode");
      return;
    }
    noteLeft(episode, this.#notes);
    const isId = ID.test(run);
    if (!isId) this.#notes.note("ids that the service does not take, in whose place are others");
    const outcome = outcomeOf(episode["outcome"], this.#notes);
    const taskType = snake(wordOf(episode["task_type"], "other"));
    const metadata = Object.entries(object(episode["metadata"]));
    yield {
      type: "about",
      run,
      ...(isId ? { id: run } : {}),
      task,
      task_type: TASK_TYPES.includes(taskType) ? taskType : "other",
      context: contextOf({ domain: episode["domain"], ...object(episode["context"]) }),
      tags: textsOf(episode["tags"]),
      metadata: Object.fromEntries(metadata.map(([name, value]) => [name, textOf(value)])),
      started_at: timeOf(episode["start_time"] ?? episode["recorded_at"]),
      ended_at: timeOf(episode["end_time"]),
      ...(outcome ? { outcome } : { status: "abandoned" }),
    };
    for (const step of objects(episode["steps"])) yield stepOf(run, step);
  }
}

function noteLeft(episode: Json, notes: Notes): void {
  for (const field of LEFT) {
    const value = episode[field];
    if (value && (!Array.isArray(value) || value.length > 0))
      notes.note(`${field} of episodes, which the service works out by itself`);
  }
  if (objects(episode["checkpoints"]).length > 0) notes.note("checkpoints");
}

function contextOf(context: Json): Json {
  const complexity = snake(String(context["complexity"]));
  return {
    domain: wordOf(context["domain"], ""),
    language: context["language"] ?? null,
    framework: context["framework"] ?? null,
    complexity: COMPLEXITIES.includes(complexity) ? complexity : "moderate",
    tags: textsOf(context["tags"]),
  };
}

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

function stepOf(run: string, step: Json): CallEvent {
  const { latency_ms: took, tokens_used: tokens } = step;
  const metadata = Object.entries(object(step["metadata"]));
  return {
    type: "call",
    run,
    id: null,
    tool: wordOf(step["tool"], "unknown"),
    action: wordOf(step["action"], ""),
    parameters: parsed(step["parameters"]) ?? {},
    result: resultIn(step["result"]) ?? observedIn(step),
    at: timeOf(step["timestamp"]),
    ...(typeof took === "number" && took > 0 ? { latency_ms: took } : {}),
    ...(typeof tokens === "number" ? { tokens } : {}),
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name, textOf(value)])),
  };
}

/** What a step of a trace says: whether it went well, and what was seen; null: neither. */
function observedIn({ success, observation }: Json): CallResult | null {
  if (success === true) return { type: "success", output: textOf(observation) };
  return success === false ? { type: "error", message: textOf(observation) } : null;
}

/** null: unknown. */
function resultIn(value: unknown): CallResult | null {
  const said = variant(value);
  if (said?.name === "success") return { type: "success", output: textOf(said.fields["output"]) };
  if (said?.name === "error") return { type: "error", message: textOf(said.fields["message"]) };
  return said?.name === "timeout" ? { type: "timeout" } : null;
}

function outcomeOf(value: unknown, notes: Notes): Json | null {
  const said = variant(value);
  if (!said) return null;
  const { fields } = said;
  if (said.name === "success")
    return {
      type: "success",
      verdict: textOf(fields["verdict"]),
      artifacts: textsOf(fields["artifacts"]),
    };
  if (said.name === "partial_success") {
    return {
      type: "partial_success",
      verdict: textOf(fields["verdict"]),
      completed: textsOf(fields["completed"]),
      failed: textsOf(fields["failed"]),
    };
  }
  if (said.name === "failure") {
    const more = fields["error_details"] ?? fields["details"];
    return {
      type: "failure",
      reason: textOf(fields["reason"]),
      details: more === undefined || more === null ? null : textOf(more),
    };
  }
  if (said.name === "abstained") {
    if (fields["stopped_at_step"] !== undefined)
      notes.note("stopped_at_step of abstained outcomes");
    return {
      type: "abstained",
      reason: textOf(fields["reason"]),
      signals: textsOf(fields["infeasibility_signals"] ?? fields["signals"]),
    };
  }
  notes.note(`outcomes of the kind ${said.name}`);
  return null;
}
