/**
 * Spans of OpenTelemetry's GenAI conventions, made for tests, and files of them read.
 *
 * @module
 */

import { readFiles } from "./reading.ts";

export type Json = Record<string, unknown>;

export const TRACE = "a".repeat(32);
export const span = (spanId: string, name: string, attributes: Json, more: Json = {}): Json => ({
  traceId: TRACE,
  spanId,
  name,
  startTimeUnixNano: `177235920${spanId}000000000`,
  endTimeUnixNano: `177235920${spanId}500000000`,
  attributes: Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : value,
  })),
  ...more,
});
export const otlp = (...spans: Json[]): Json => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
export const readSpans = (...files: unknown[]) =>
  readFiles(
    "otel",
    Object.fromEntries(files.map((file, i) => [`${i}.json`, JSON.stringify(file)])),
  );
export const agent = span("0", "invoke_agent x", {
  "gen_ai.operation.name": "invoke_agent",
  "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"cancel it"}]}]',
});
export const tool = (id: string, name: string, attributes: Json = {}, more: Json = {}): Json =>
  span(
    id,
    `execute_tool ${name}`,
    { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, ...attributes },
    more,
  );
export const failed = {
  status: { code: 2 },
  events: [
    {
      name: "exception",
      attributes: [
        { key: "exception.type", value: { stringValue: "ValueError" } },
        { key: "exception.message", value: { stringValue: "bad id" } },
      ],
    },
  ],
};
