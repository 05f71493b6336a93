/**
 * What OpenTelemetry's exporters send, and what an instance gets of it. The Worker evaluates this
 * file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { name } from "../fields.ts";
import { operation } from "../operation.ts";
import { post, type RouteContract } from "../route.ts";

/** Of runs whose spans do not say it. */
const meant = z.strictObject({
  outcome: z.enum(["success", "failure"]).exactOptional(),
  domain: name.exactOptional(),
});
export type Meant = z.output<typeof meant>;

export const SPAN_ROUTES = {
  recordSpans: post("/v1/traces", "write", {
    query: meant,
    body: z.looseObject({ resourceSpans: z.array(z.looseObject({})).exactOptional() }),
    bodyReadBy: "handler",
    bodyOr: "application/x-protobuf",
  }),
} as const satisfies Record<string, RouteContract>;

/** A span of a trace. */
export interface SpanRecord {
  /** 16 hexadecimal digits. */
  id: string;
  /** Empty: it is the root. */
  parent: string;
  /** Its parent is of another process. */
  isRemote: boolean;
  name: string;
  attributes: Record<string, unknown>;
  /** Of its process: who it was. */
  resource: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  /** null: unset. */
  status: "ok" | "error" | null;
  message: string;
  /** ms since the epoch; 0: unknown. */
  start: number;
  end: number;
}

interface SpansToTake {
  /** Of the episode that the trace becomes. */
  id: string;
  /** 32 hexadecimal digits. */
  trace: string;
  spans: SpanRecord[];
  meant: Meant;
}

interface SpansTaken {
  /** Spans beyond what a trace may have. */
  rejected: number;
}

export const SPAN_OPERATIONS = {
  "spans.take": operation<SpansToTake, SpansTaken>("episode", "write"),
};
