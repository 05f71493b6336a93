/**
 * An agent of two tools, instrumented with OpenTelemetry's SDK for JavaScript: what it sends is what
 * the SDK sends. `processes/otel-agent.py` is the same in Python.
 *
 * @module
 */

import { context, SpanStatusCode, trace, type Context, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

interface Exported {
  url: string;
  key: string;
  task: string;
  as: "json" | "protobuf";
}

/** Runs the agent, and sends its spans. Answers with the id of its trace. */
export async function runAgent({ url, key, task, as }: Exported): Promise<string> {
  const Exporter = as === "json" ? JsonExporter : ProtobufExporter;
  const exporter = new Exporter({
    url: `${url}/v1/traces`,
    headers: { Authorization: `Bearer ${key}` },
    compression: CompressionAlgorithm.GZIP,
  });
  const processor = new BatchSpanProcessor(exporter, { maxExportBatchSize: 2 });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer("agent");

  const messages = [{ role: "user", parts: [{ type: "text", content: task }] }];
  const root = tracer.startSpan("invoke_agent travel", {
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "travel",
      "gen_ai.input.messages": JSON.stringify(messages),
    },
  });
  const within = trace.setSpan(context.active(), root);
  tracer.startSpan("chat gpt", { attributes: { "gen_ai.operation.name": "chat" } }, within).end();
  const call = callsOf(tracer, within);
  await call("find_booking", { code: "8JX2WO" }, { result: '{"booking": "8JX2WO", "paid": true}' });
  await call("cancel_booking", { booking: "8JX2WO" }, { error: "refund service is down" });
  await call("cancel_booking", { booking: "8JX2WO", refund: false }, { result: "cancelled" });
  root.setStatus({ code: SpanStatusCode.OK });
  root.end();
  await provider.shutdown();
  return root.spanContext().traceId;
}

/** Each call a span, a moment apart: they are ordered by their times. */
function callsOf(tracer: Tracer, within: Context) {
  return async (
    tool: string,
    parameters: object,
    { result, error }: { result?: string; error?: string },
  ): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const attributes = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": tool,
      "gen_ai.tool.call.arguments": JSON.stringify(parameters),
    };
    const span = tracer.startSpan(`execute_tool ${tool}`, { attributes }, within);
    if (error === undefined) span.setAttribute("gen_ai.tool.call.result", result ?? "");
    else {
      span.recordException(new RangeError(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    span.end();
  };
}
