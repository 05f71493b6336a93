/**
 * OpenTelemetry's spans of agents, over one file or several: a trace is an episode, its calls of
 * tools are the steps. A span that is there twice counts once.
 *
 * @module
 */

import type { ImportEvent } from "../../../client/runs/events.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { spansOf, type Span } from "../../../client/runs/spans/otlp.ts";
import { traceEvents } from "../../../client/runs/spans/trace.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";

export const otel: Importer = {
  reads:
    "OpenTelemetry spans (GenAI, OpenInference, traceloop, Vercel AI SDK, ADK), as OTLP or Jaeger JSON",
  files: /\.(json|jsonl|ndjson)$/,
  isSpread: true,
  open: (notes) => new Otel(notes),
};

class Otel implements FormatReader {
  readonly #notes: Notes;
  readonly #traces = new Map<string, Map<string, Span>>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value, place }) => {
      const spans = spansOf(value);
      if (spans === null)
        this.#notes.odd(file.name, place, "neither a span nor OTLP's resourceSpans");
      for (const span of spans ?? [])
        if (span) this.#add(span);
        else this.#notes.odd(file.name, place, "a span without a trace");
      return [];
    });
  }

  *end(): Generator<ImportEvent> {
    for (const [trace, spans] of this.#traces) {
      const ordered = [...spans.values()].sort((a, b) => (a.start || 0) - (b.start || 0));
      yield* traceEvents(trace, ordered, this.#notes);
    }
    this.#traces.clear();
  }

  #add(span: Span): void {
    const spans = this.#traces.get(span.trace) ?? new Map<string, Span>();
    this.#traces.set(span.trace, spans);
    if (spans.has(span.id)) this.#notes.note("spans that are there twice");
    spans.set(span.id, span);
  }
}
