/**
 * A span as an instance gets it: checked, and without what no episode is made of.
 *
 * @module
 */

import type { Json } from "../../../client/calls/values.ts";
import { kindOf, RESOURCE_NAMES } from "../../../client/runs/spans/conventions.ts";
import type { Span } from "../../../client/runs/spans/otlp.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SpanRecord } from "../../contract/spans/requests.ts";
import { byteLength } from "../../util/bytes.ts";

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const NO_ID = /^0*$/;

/** Attributes that are of agents, by the beginnings of their names. */
const OF_AGENTS = /^(?:gen_ai|ai|llm|openinference|traceloop|session|operation|error|exception)\./;

interface CheckedSpan {
  trace: string;
  span: SpanRecord;
}

/** The span, or why it is none. @param span null: it has no trace */
export function spanRecord(span: Span | null): CheckedSpan | string {
  if (span === null) return "a span has no trace id";
  const trace = span.trace.toLowerCase();
  const id = span.id.toLowerCase();
  const parent = span.parent.toLowerCase();
  if (!TRACE_ID.test(trace)) return "a trace id is not 32 hexadecimal digits, or all zero";
  if (!SPAN_ID.test(id)) return "a span id is not 16 hexadecimal digits, or all zero";

  const record: SpanRecord = {
    id,
    parent: NO_ID.test(parent) ? "" : parent,
    isRemote: span.isRemote,
    name: span.name,
    resource: whoOf(span),
    ...(kindOf(span) === "other" ? ofNoAgent(span) : ofAgent(span)),
    status: span.status ?? null,
    message: span.message,
    start: span.start || 0,
    end: span.end || 0,
  };
  const isTooLarge = byteLength(JSON.stringify(record)) > LIMITS.span_max_bytes;
  return isTooLarge
    ? `a span has more than ${LIMITS.span_max_bytes} bytes as JSON`
    : { trace, span: record };
}

const WHO: ReadonlySet<string> = new Set(Object.values(RESOURCE_NAMES).flat());
const whoOf = ({ resource }: Span): Json =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => WHO.has(name)));

type Told = Pick<SpanRecord, "attributes" | "events">;

const ofAgent = ({ attributes, events }: Span): Told => ({ attributes, events });

/** What it may tell of the whole trace: most spans are of requests, queries and the like. */
function ofNoAgent({ attributes, events }: Span): Told {
  const kept = Object.entries(attributes).filter(([name]) => OF_AGENTS.test(name));
  return {
    attributes: Object.fromEntries(kept) as Json,
    events: events.filter(({ name }) => name === "exception" || name.startsWith("gen_ai.")),
  };
}
