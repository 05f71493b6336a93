/**
 * Traces of the OpenAI Agents SDK (Python and TypeScript), as its exporters write them: a trace is
 * an episode, its spans of functions are the steps.
 *
 * @module
 */

import { lastAsked } from "../../../client/calls/calls.ts";
import { resultOf, type CallResult } from "../../../client/calls/results.ts";
import {
  argumentsOf,
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
import { timeOf } from "../../../client/runs/values.ts";

export const openaiAgents: Importer = {
  reads: "traces of the OpenAI Agents SDK, as JSON or a line an item",
  files: /\.(jsonl?|ndjson)$/,
  isSpread: true,
  open: (notes) => new OpenaiAgents(notes),
};

interface AgentsTrace {
  about: Json;
  /** By id: a span that is exported again, as it began and as it ended, is one. */
  spans: Map<string, Json>;
  file: string;
  place: string;
}

class OpenaiAgents implements FormatReader {
  readonly #notes: Notes;
  readonly #traces = new Map<string, AgentsTrace>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value, place }) => {
      this.#take(value, { file: file.name, place });
      return [];
    });
  }

  *end(): Generator<ImportEvent> {
    for (const [run, trace] of this.#traces)
      yield* eachOf([trace], trace.file, this.#notes, () => this.#events(run, trace));
    this.#traces.clear();
  }

  #take(value: Json, at: { file: string; place: string }): void {
    // Some exporters keep the spans inside of their trace.
    for (const span of objects(value["spans"])) this.#take({ object: "trace.span", ...span }, at);
    const isSpan = value["object"] === "trace.span" || "span_data" in value;
    if (isSpan && object(value["span_data"]) !== value["span_data"]) {
      this.#notes.odd(at.file, at.place, "a span that says nothing of itself");
      return;
    }
    if (
      !isSpan &&
      value["object"] !== "trace" &&
      !("workflow_name" in value) &&
      !("spans" in value)
    ) {
      this.#notes.odd(at.file, at.place, "neither a trace nor a span of one");
      return;
    }
    const own = isSpan ? value["trace_id"] : (value["id"] ?? value["trace_id"]);
    const trace = this.#trace(wordOf(own, "unknown"), at);
    if (!isSpan) trace.about = { ...trace.about, ...value };
    else {
      const id = wordOf(value["id"] ?? value["span_id"], `${trace.spans.size}`);
      trace.spans.set(id, { ...trace.spans.get(id), ...value });
    }
  }

  #trace(id: string, at: { file: string; place: string }): AgentsTrace {
    const present = this.#traces.get(id);
    if (present) return present;
    const trace: AgentsTrace = { about: {}, spans: new Map(), ...at };
    this.#traces.set(id, trace);
    return trace;
  }

  *#events(run: string, { about, spans }: AgentsTrace): Generator<ImportEvent> {
    const ordered = [...spans.values()].sort((a, b) => startOf(a) - startOf(b));
    const { workflow_name: workflow, group_id: group, metadata } = about;
    const top = ordered.find((span) => dataOf(span)["type"] === "agent") ?? ordered[0];
    yield {
      type: "about",
      run,
      ...(spans.size > 0 ? { instead: wordOf(workflow ?? dataOf(top)["name"], "unknown") } : {}),
      metadata: { trace: run, workflow, group, agent: dataOf(top)["name"], ...object(metadata) },
      ...(top && hasError(top) ? { outcome: { type: "failure", reason: errorOf(top) } } : {}),
    };
    for (const span of ordered) yield* this.#spanEvents(run, span);
  }

  *#spanEvents(run: string, span: Json): Generator<ImportEvent> {
    const data = dataOf(span);
    const type = String(data["type"]);
    const at = timeOf(span["started_at"]);
    yield { type: "seen", run, at };
    yield { type: "seen", run, at: timeOf(span["ended_at"]) };
    if (type === "function") {
      const took = Date.parse(timeOf(span["ended_at"]) ?? "") - Date.parse(at ?? "");
      yield {
        type: "call",
        run,
        id: null,
        tool: wordOf(data["name"], "unknown"),
        parameters: argumentsOf(data["input"]),
        at,
        ...(took >= 0 ? { latency_ms: took } : {}),
        result: resultIn(span, data),
      };
    } else if (type === "generation" || type === "response") {
      const asked = askedOf(data["input"] ?? data["_input"]);
      if (asked !== null) yield { type: "prompt", run, text: asked };
      yield { type: "about", run, metadata: { model: data["model"] } };
    } else if (type !== "agent") this.#notes.note(`spans of the type ${type}`);
  }
}

const dataOf = (span: Json | undefined): Json => object(span?.["span_data"]);
const startOf = (span: Json): number => Date.parse(timeOf(span["started_at"]) ?? "") || 0;
const hasError = ({ error }: Json): boolean => error !== undefined && error !== null;

function errorOf({ error }: Json): string {
  const { message, data } = object(error);
  const more = textOf(object(data)["error"]);
  return [textOf(message ?? error), more].filter((text) => text !== "").join(": ");
}

/** null: it has not ended, or its output was not exported. */
function resultIn(span: Json, { output }: Json): CallResult | null {
  if (hasError(span)) return resultOf(errorOf(span), "error");
  return output === undefined || output === null ? null : resultOf(output, "unsaid");
}

/** What a person said last in what a model was given: before it are earlier runs; null: nothing. */
function askedOf(input: unknown): string | null {
  const given = parsed(input);
  if (typeof given === "string") return given.trim() === "" ? null : given;
  return lastAsked(objects(given));
}
