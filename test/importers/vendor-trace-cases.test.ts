import { describe, expect, it } from "vitest";
import { readFiles, toldOf } from "./reading.ts";
import { otlp, readSpans, span, tool, TRACE, type Json } from "./spans.ts";

describe("spans of one tool's own", () => {
  it("come from consoles, with attributes as objects, and in envelopes", () => {
    const attributes = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "a" };
    const context = { trace_id: `0x${TRACE}`, span_id: "0x1" };
    for (const item of [
      { name: "execute_tool a", context, start_time: "2026-03-01T10:00:00Z", attributes },
      {
        name: "execute_tool a",
        traceId: TRACE,
        id: "1",
        timestamp: 1_772_359_201_000_000,
        duration: 5,
        attributes,
      },
      otlp({ ...tool("1", "a"), attributes }),
      { batches: otlp(tool("1", "a"))["resourceSpans"] },
    ])
      expect(readSpans(item).lines.map(({ steps }) => steps?.[0]?.tool)).toEqual(["a"]);
    const printed = [0, 1]
      .map((id) => ({ name: "execute_tool a", context: { ...context, span_id: id }, attributes }))
      .map((item) => `${JSON.stringify(item, null, 4)}\n`);
    const console = readFiles("otel", { "console.json": printed.join("") });
    expect(console.lines.map(({ steps }) => steps?.length)).toEqual([2]);
    expect(readSpans({ nothing: 1 }).notes).toEqual([
      "0.json, line 1: neither a span nor OTLP's resourceSpans",
    ]);
  });

  it("of LangChain's tools hold a message, and one argument without its name", () => {
    const message = (status: string): string =>
      JSON.stringify({
        type: "tool",
        data: { type: "tool", content: "no", tool_call_id: "c1", status },
      });
    const model = span("1", "llm", {
      "openinference.span.kind": "LLM",
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.content": "book",
      "llm.output_messages.0.message.role": "assistant",
      "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "search",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"q":"Bern"}',
    });
    for (const [status, result] of [
      ["success", "no"],
      ["error", { type: "error", message: "no" }],
    ] as const) {
      const names = {
        "openinference.span.kind": "TOOL",
        "tool.name": "search",
        "input.value": "Bern",
      };
      const { lines } = readSpans(
        otlp(model, span("2", "search", { ...names, "output.value": message(status) })),
      );
      expect(toldOf(lines[0])).toEqual([["search", { q: "Bern" }, result]]);
    }
  });

  it("keep integers that a number does not hold, bytes, and lists", () => {
    const { lines } = readSpans(
      otlp(
        tool("1", "s", {
          "gen_ai.tool.call.arguments": {
            kvlistValue: {
              values: [
                { key: "id", value: { intValue: "9007199254740993" } },
                { key: "raw", value: { bytesValue: "AAA=" } },
              ],
            },
          },
          "gen_ai.tool.call.result": {
            arrayValue: { values: [{ stringValue: "a" }, { intValue: "2" }] },
          },
        }),
      ),
    );
    expect(toldOf(lines[0])).toEqual([["s", { id: "9007199254740993", raw: "AAA=" }, '["a",2]']]);
  });

  it("hold what was asked before: the task is what was asked last, and its calls are none of it", () => {
    const said = (role: string, content: string): Json => ({
      role,
      parts: [{ type: "text", content }],
    });
    const part = (role: string, held: Json): Json => ({ role, parts: [held] });
    const earlier = [
      said("user", "hello"),
      part("assistant", { type: "tool_call", id: "c0", name: "greet", arguments: {} }),
      part("user", { type: "tool_call_response", id: "c0", response: "hi" }),
      said("assistant", "hi"),
      said("user", "cancel it"),
    ];
    const call = { type: "tool_call", id: "c1", name: "cancel", arguments: { id: 1 } };
    const chat = (id: string, input: Json[], output: Json[]): Json =>
      span(id, "chat m", {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": JSON.stringify(input),
        "gen_ai.output.messages": JSON.stringify(output),
      });
    const made = part("assistant", call);
    const done = part("user", { type: "tool_call_response", id: "c1", response: "done" });
    const { lines } = readSpans(
      otlp(chat("1", earlier, [made]), chat("2", [...earlier, made, done], [])),
    );
    expect(lines.map(({ task }) => task)).toEqual(["cancel it"]);
    expect(toldOf(lines[0])).toEqual([["cancel", { id: 1 }, "done"]]);
  });

  it("name a call otherwise than its messages do, and a result otherwise than its call", () => {
    const asked = { role: "user", parts: [{ type: "text", content: "weather" }] };
    const call = { type: "tool_call", id: "look_1", name: "look", arguments: { city: "Bern" } };
    const came = { type: "tool_call_response", id: "look_0", response: "sunny" };
    const chat = (id: string, messages: Json[]): Json =>
      span(id, "chat m", {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": JSON.stringify(messages),
      });
    const made = { role: "assistant", parts: [call] };
    const executed = tool("2", "look", {
      "gen_ai.tool.call.id": "framework-7",
      "gcp.vertex.agent.tool_call_args": "{}",
      "gcp.vertex.agent.tool_response": "{}",
    });
    const { lines } = readSpans(
      otlp(
        chat("1", [asked, made]),
        executed,
        chat("3", [asked, made, { role: "user", parts: [came] }]),
      ),
    );
    expect(toldOf(lines[0])).toEqual([["look", { city: "Bern" }, "sunny"]]);
  });

  it("of Google's ADK hold its requests and answers", () => {
    const request = {
      contents: [
        { role: "user", parts: [{ text: "hello" }] },
        { role: "model", parts: [{ text: "hi" }] },
        { role: "user", parts: [{ text: "weather" }] },
      ],
    };
    const answer = {
      content: { role: "model", parts: [{ function_call: { name: "look", args: { city: "B" } } }] },
    };
    const model = span("1", "call_llm", {
      "gen_ai.request.model": "m",
      "gcp.vertex.agent.llm_request": JSON.stringify(request),
      "gcp.vertex.agent.llm_response": JSON.stringify(answer),
    });
    const executed = tool("2", "look", {
      "gcp.vertex.agent.tool_call_args": '{"city":"B"}',
      "gcp.vertex.agent.tool_response": '{"sky":"blue"}',
    });
    const { lines } = readSpans(otlp(model, executed));
    expect(lines.map(({ task }) => task)).toEqual(["weather"]);
    expect(toldOf(lines[0])).toEqual([["look", { city: "B" }, '{"sky":"blue"}']]);
  });

  it("that do not say what they are, are what their names are of", () => {
    const { lines, notes } = readSpans(
      otlp(
        span("0", "openai.chat", {
          "llm.request.type": "chat",
          "gen_ai.prompt.0.role": "user",
          "gen_ai.prompt.0.content": "list files",
        }),
        span("1", "ls.tool", {
          "traceloop.span.kind": "tool",
          "traceloop.entity.name": "ls",
          "traceloop.entity.input": '{"args":[],"kwargs":{"path":"."}}',
          "traceloop.entity.output": '"a.py"',
        }),
        span("2", "search", { "tool.name": "search", "tool.call.arguments": '{"q":1}' }),
      ),
    );
    expect(lines.map(({ task }) => task)).toEqual(["list files"]);
    expect(toldOf(lines[0])).toEqual([
      ["ls", { path: "." }, "a.py"],
      ["search", { q: 1 }, null],
    ]);
    // How one call of a model ended is not how all did.
    expect(lines[0]).not.toHaveProperty("outcome");
    expect(notes).toContain("outcomes of traces whose status is unset (say --outcome) (1)");
  });

  it("of OpenInference hold messages as values, whole or as one text, and the trace outside", () => {
    const kind = (name: string, more: Json): Json => ({ "openinference.span.kind": name, ...more });
    const listed = (value: unknown): Json =>
      kind("LLM", { "input.value": typeof value === "string" ? value : JSON.stringify(value) });
    for (const input of [[{ role: "user", content: "book" }], "book"]) {
      const spans = [
        { span_id: "1", name: "agent", attributes: kind("AGENT", { "input.value": "{}" }) },
        { span_id: "2", parent_id: "1", name: "llm", attributes: listed(input) },
        { span_id: "3", parent_id: "1", name: "find", attributes: kind("TOOL", {}) },
      ];
      const { lines } = readSpans({ traceId: TRACE, status: "OK", spans });
      expect(lines.map(({ task }) => task)).toEqual(["book"]);
      expect(lines[0]?.steps?.map((step) => step.tool)).toEqual(["find"]);
    }
  });

  it("come from Jaeger, and have times of few digits", () => {
    const jaeger = (spanID: string, operationName: string, more: Json = {}): Json => ({
      traceID: TRACE,
      spanID,
      operationName,
      references: [],
      startTime: 1_772_359_200_000_000 + Number(spanID),
      duration: 2_000,
      processID: "p1",
      ...more,
    });
    const below = { references: [{ refType: "CHILD_OF", traceID: TRACE, spanID: "1" }] };
    const tags = [
      { key: "error", type: "bool", value: true },
      { key: "gen_ai.tool.call.arguments", type: "string", value: '{"q":1}' },
    ];
    const spans = [
      jaeger("1", "invoke_agent x"),
      jaeger("2", "execute_tool find", { ...below, tags }),
    ];
    const { lines } = readSpans({
      data: [{ traceID: TRACE, spans, processes: { p1: { serviceName: "shop" } } }],
    });
    expect(lines).toMatchObject([{ metadata: { service: "shop" } }]);
    expect(lines[0]?.steps).toMatchObject([
      { tool: "find", parameters: { q: 1 }, latency_ms: 2, result: { type: "error" } },
    ]);

    const few = { startTimeUnixNano: "1000000", endTimeUnixNano: "3000000" };
    const { lines: early } = readSpans(otlp({ ...tool("1", "a"), ...few }));
    expect(early[0]?.steps).toMatchObject([{ latency_ms: 2 }]);
    expect(early[0]?.started_at).toBe("1970-01-01T00:00:00.001Z");
  });
});
