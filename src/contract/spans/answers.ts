/**
 * What OpenTelemetry's exporters are answered, and what the document says of it. The Worker imports
 * only types from here.
 *
 * @module
 */

import * as z from "zod";
import { named, text } from "../answer-fields.ts";
import type { RouteDocs } from "../route.ts";
import type { SPAN_ROUTES } from "./requests.ts";

const exportAnswer = named(
  "ExportTraceServiceResponse",
  z.object({
    partialSuccess: z
      .object({
        rejectedSpans: text.describe("How many will never be taken; an integer as a text"),
        errorMessage: text.describe("Why, each reason once"),
      })
      .optional()
      .describe("Absent: all were taken"),
  }),
);

export const SPAN_DOCS: RouteDocs<typeof SPAN_ROUTES> = {
  recordSpans: {
    tag: "Import and export",
    summary: "Record agents by their OpenTelemetry spans",
    description:
      "OTLP over HTTP: an `ExportTraceServiceRequest` as JSON, or as protobuf (`application/x-protobuf`), which is answered likewise, failures as a `google.rpc.Status`. The body may be gzip. Spans by the GenAI conventions (old names and new), OpenInference, traceloop and the Vercel AI SDK. A trace becomes an episode, its calls of tools are the steps. Its spans may come in any number of requests, in any order, and twice: when its root has ended and none came for `trace_quiet_seconds`, or after `trace_age_seconds`, the episode is there, and spans that come later update it. Its id is that which `memory-cli import --from otel` gives the trace. A root whose status is ok is a success, one whose status is an error a failure; of one that does not say it, `outcome` does, or it is abandoned. Spans that can never be taken are counted in `partialSuccess`; a 429 or 503 is to be sent again.",
    queryExample: { domain: "airline" },
    examples: {
      trace: {
        summary: "An agent that called a tool",
        body: {
          resourceSpans: [
            {
              scopeSpans: [
                {
                  spans: [
                    {
                      traceId: "5b8efff798038103d269b633813fc60c",
                      spanId: "eee19b7ec3c1b174",
                      name: "invoke_agent travel",
                      startTimeUnixNano: "1767225600000000000",
                      endTimeUnixNano: "1767225604000000000",
                      attributes: [
                        { key: "gen_ai.operation.name", value: { stringValue: "invoke_agent" } },
                        { key: "input.value", value: { stringValue: "Cancel booking 8JX2WO" } },
                      ],
                      status: { code: 1 },
                    },
                    {
                      traceId: "5b8efff798038103d269b633813fc60c",
                      spanId: "eee19b7ec3c1b175",
                      parentSpanId: "eee19b7ec3c1b174",
                      name: "execute_tool cancel_booking",
                      startTimeUnixNano: "1767225601000000000",
                      endTimeUnixNano: "1767225602000000000",
                      attributes: [
                        { key: "gen_ai.operation.name", value: { stringValue: "execute_tool" } },
                        { key: "gen_ai.tool.name", value: { stringValue: "cancel_booking" } },
                        {
                          key: "gen_ai.tool.call.arguments",
                          value: { stringValue: '{"booking":"8JX2WO"}' },
                        },
                        { key: "gen_ai.tool.call.result", value: { stringValue: "cancelled" } },
                      ],
                      status: { code: 1 },
                    },
                  ],
                },
              ],
            },
          ],
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "All were taken, or how many were not",
        schema: exportAnswer,
      },
    ],
    errors: ["maintenance", "outbox_full"],
  },
};
