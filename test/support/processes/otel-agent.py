"""An agent of two tools, instrumented with OpenTelemetry: what it sends is what its SDK sends."""

import json
import os
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.trace import Status, StatusCode

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=2))
tracer = provider.get_tracer("agent")


def tool(name, call, arguments, result=None, error=None):
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.id": call,
        "gen_ai.tool.call.arguments": json.dumps(arguments),
    }
    with tracer.start_as_current_span(f"execute_tool {name}", attributes=attributes) as span:
        if error is not None:
            span.record_exception(ValueError(error))
            span.set_status(Status(StatusCode.ERROR, error))
        else:
            span.set_attribute("gen_ai.tool.call.result", result)


asked = [{"role": "user", "parts": [{"type": "text", "content": os.environ["TASK"]}]}]
attributes = {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "travel",
    "gen_ai.input.messages": json.dumps(asked),
}
with tracer.start_as_current_span("invoke_agent travel", attributes=attributes) as root:
    with tracer.start_as_current_span("chat gpt", attributes={"gen_ai.operation.name": "chat"}):
        pass
    tool("find_booking", "c1", {"code": "8JX2WO"}, '{"booking": "8JX2WO", "paid": true}')
    tool("cancel_booking", "c2", {"booking": "8JX2WO"}, error="refund service is down")
    tool("cancel_booking", "c3", {"booking": "8JX2WO", "refund": False}, "cancelled")
    root.set_status(Status(StatusCode.OK))
    print(format(root.get_span_context().trace_id, "032x"))
provider.shutdown()
sys.stdout.flush()
