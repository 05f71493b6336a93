/**
 * `POST /v1/traces`: OTLP over HTTP, as the exporters of OpenTelemetry send it. The spans of each
 * trace go to the home of the episode that the trace becomes. What can never be taken is reported as the
 * protocol has it, a partial success; what may be taken later makes the exporter repeat the request,
 * which does no harm.
 *
 * @module
 */

import { spansOf } from "../../../client/runs/spans/otlp.ts";
import type { ProblemCode } from "../../contract/call.ts";
import { LIMITS } from "../../contract/limits.ts";
import { type Meant, SPAN_ROUTES, type SpanRecord } from "../../contract/spans/requests.ts";
import { sha256Hex } from "../../util/hashing/hash.ts";
import { parseJson, wellFormed } from "../body.ts";
import { OTLP_TYPES, PROTOBUF_TYPES, typeOf } from "../edge/content.ts";
import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import type { Asked } from "../routes/route.ts";
import { validate } from "../validate.ts";
import { exportAnswer, readTraces, statusAnswer } from "./otlp-protobuf.ts";
import { spanRecord } from "./span-record.ts";

/** Traces that are sent on at once. */
const CONCURRENCY = 8;
/** Refusals that stand, whenever the spans come again. */
const LASTING: ReadonlySet<ProblemCode> = new Set([
  "validation_failed",
  "limit_exceeded",
  "quota_exceeded",
  "secret_found",
]);
/** Reasons that an answer names. */
const REASONS_MAX = 5;
/** The format's name in the ids of episodes: the same trace, imported from a file, is the same. */
const SOURCE = "otel";

export async function recordSpans(
  context: RequestContext,
  { query }: Asked<(typeof SPAN_ROUTES)["recordSpans"]>,
): Promise<Response> {
  const type = typeOf(context.request);
  const isProtobuf = PROTOBUF_TYPES.some((one) => one === type);
  try {
    await context.authorize("write");
    // Spans have their own ids: a key that is none is refused all the same.
    context.idempotencyKey();
    context.isBatch = true;
    const rejections = await record(context, query, isProtobuf);
    return exported(rejections, isProtobuf ? type : null);
  } catch (error) {
    if (!isProtobuf || !(error instanceof Problem)) throw error;
    const headers = { ...error.headers, "Content-Type": type };
    return new Response(statusAnswer(error.message), { status: error.status, headers });
  }
}

/** Spans that were rejected, and why. */
class Rejections {
  spans = 0;
  readonly #reasons = new Set<string>();

  add(spans: number, reason: string): void {
    this.spans += spans;
    if (spans > 0 && this.#reasons.size < REASONS_MAX) this.#reasons.add(reason);
  }

  get message(): string {
    return [...this.#reasons].join("; ");
  }
}

/** @throws Problem when the request is none, or is to be sent again */
async function record(
  context: RequestContext,
  meant: Meant,
  isProtobuf: boolean,
): Promise<Rejections> {
  const bytes = await context.bytes(OTLP_TYPES);
  const { replaced } = context;
  const sent = isProtobuf
    ? wellFormed(readTraces(bytes), "", replaced)
    : parseJson(bytes, replaced, "nearest");
  const rejections = new Rejections();
  const traces = tracesOf(sent, rejections);
  const queue = [...traces];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [trace, spans] = next;
      await send(context, { trace, spans, meant }, rejections);
    }
  };
  const worked = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work));
  for (const one of worked) if (one.status === "rejected") throw one.reason;
  return rejections;
}

/** The spans by their traces. @throws Problem for what is no request */
function tracesOf(sent: unknown, rejections: Rejections): Map<string, SpanRecord[]> {
  const { resourceSpans = [] } = validate(SPAN_ROUTES.recordSpans.body, sent);
  const traces = new Map<string, SpanRecord[]>();
  for (const span of spansOf({ resourceSpans }) ?? []) {
    const checked = spanRecord(span);
    if (typeof checked === "string") rejections.add(1, checked);
    else if (!traces.has(checked.trace) && traces.size >= LIMITS.traces_per_request_max)
      rejections.add(1, `a request has spans of at most ${LIMITS.traces_per_request_max} traces`);
    else {
      const spans = traces.get(checked.trace) ?? [];
      traces.set(checked.trace, spans);
      spans.push(checked.span);
    }
  }
  return traces;
}

/** @throws Problem when it is to be sent again */
async function send(
  context: RequestContext,
  { trace, spans, meant }: { trace: string; spans: SpanRecord[]; meant: Meant },
  rejections: Rejections,
): Promise<void> {
  const id = await episodeIdOf(trace);
  try {
    const { value } = await context.run("spans.take", { id, trace, spans, meant });
    const { trace_spans_max, trace_bytes_max } = LIMITS;
    const reason = `a trace has at most ${trace_spans_max} spans, of ${trace_bytes_max} bytes`;
    rejections.add(value.rejected, reason);
  } catch (error) {
    if (!(error instanceof Problem) || !LASTING.has(error.code)) throw error;
    rejections.add(spans.length, error.message);
  }
}

/** The id that importers give the episode of a trace: a UUID of version 8, whose bits are ours. */
async function episodeIdOf(trace: string): Promise<string> {
  const hash = await sha256Hex(`${SOURCE}\0${trace}`);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** @param type of protobuf; null: JSON is answered */
function exported({ spans, message }: Rejections, type: string | null): Response {
  if (type !== null)
    return new Response(exportAnswer(spans, message), { headers: { "Content-Type": type } });
  const partialSuccess = { rejectedSpans: String(spans), errorMessage: message };
  return Response.json(spans === 0 ? {} : { partialSuccess });
}
