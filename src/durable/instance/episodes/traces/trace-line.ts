/**
 * The episode that the spans of a trace make, as the line of an import has it: by the same rules as
 * traces that are imported from files. Pure.
 *
 * @module
 */

import type { Json } from "../../../../../client/calls/values.ts";
import { Bounds } from "../../../../../client/runs/bounds.ts";
import { Notes, type NoteKind } from "../../../../../client/runs/notes.ts";
import { Run } from "../../../../../client/runs/run.ts";
import type { Span } from "../../../../../client/runs/spans/otlp.ts";
import { traceEvents } from "../../../../../client/runs/spans/trace.ts";
import type { Meant, SpanRecord } from "../../../../contract/spans/requests.ts";
import { episodeLine, type EpisodeLine } from "../../../../contract/transfer/requests.ts";

/** The format's name. */
const SOURCE = "otel";
/** Nesting of a step's parameters, beyond which they are left out. */
const DEPTH_MAX = 50;

export interface TraceToTell {
  /** Of the episode. */
  id: string;
  trace: string;
  meant: Meant;
}

/** What stands in no episode. */
type LeftOut = Exclude<NoteKind, "unsaid">;

/** The episode, and how much of the trace is not in it, by kind. */
interface ToldTrace {
  episode: EpisodeLine;
  leftOut: ReadonlyMap<LeftOut, number>;
}

/**
 * null: there is neither an agent nor a tool in it. Throws an Error for what would be no episode.
 *
 * @param spans in an order that is the same for the same spans
 */
export function traceLine(
  { id, trace, meant }: TraceToTell,
  spans: readonly SpanRecord[],
): ToldTrace | null {
  const notes = new Notes();
  const run = new Run({ source: SOURCE, idOf: () => id }, trace, notes);
  const ordered = spans.map((span) => spanOf(trace, span)).sort((a, b) => a.start - b.start);
  for (const event of traceEvents(trace, ordered, notes)) {
    if (event.type === "call") run.call({ ...event, parameters: readable(event.parameters) });
    if (event.type !== "about") continue;
    const { type: _type, run: _run, ...about } = event;
    run.about(about);
  }
  const told = run.line();
  if (!told) return null;

  const line = new Bounds(notes).line(told);
  const leftOut = leftOutOf(notes);
  const metadata = { ...line.metadata, ...saidOf(leftOut) };
  const whole = { ...line, metadata, ...judged(line, meant) };
  const { success, data, error } = episodeLine.safeParse(whole);
  if (!success) throw new Error(`the spans make no episode: ${error.issues[0]?.message ?? ""}`);
  const { type: _type, ...episode } = data;
  return { episode: { ...episode, id }, leftOut };
}

function leftOutOf(notes: Notes): ReadonlyMap<LeftOut, number> {
  const kinds = new Map<LeftOut, number>();
  for (const [kind, count] of notes.kinds()) if (kind !== "unsaid") kinds.set(kind, count);
  return kinds;
}

/** For who reads the episode: it is not all of the trace. Spans of no tool are no part of it. */
function saidOf(leftOut: ReadonlyMap<LeftOut, number>): Record<string, string> {
  const said = [...leftOut].filter(([kind]) => kind !== "spans");
  if (said.length === 0) return {};
  return { left_out: said.map(([kind, count]) => `${kind}: ${count}`).join(", ") };
}

/** What is meant of runs that do not say it. What nobody says is unknown. */
function judged({ outcome, context = {} }: { outcome?: Json; context?: Json }, meant: Meant): Json {
  const of = meant.domain === undefined ? context : { ...context, domain: meant.domain };
  if (outcome) return { context: of };
  if (meant.outcome === "success")
    return { context: of, outcome: { type: "success", verdict: "" } };
  if (meant.outcome === "failure") return { context: of, outcome: { type: "failure", reason: "" } };
  return { context: of, status: "abandoned" };
}

function spanOf(trace: string, { status, ...span }: SpanRecord): Span {
  return { ...span, trace, status: status ?? undefined };
}

/** JSON that stood inside a text: within bounds, and of whole characters. */
function readable(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "\ufffd").toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH_MAX) return "[nested too deep]";
  if (Array.isArray(value)) return value.map((item) => readable(item, depth + 1));
  const entries = Object.entries(value).filter(([name]) => name !== "__proto__");
  return Object.fromEntries(
    entries.map(([name, item]) => [String(readable(name)), readable(item, depth + 1)]),
  );
}
