import { describe, expect, it } from "vitest";
import { toldOf } from "./reading.ts";
import { agent, failed, otlp, readSpans, span, tool, type Json } from "./spans.ts";

describe("spans of OpenTelemetry", () => {
  it("of one trace are one episode, over files and twice", () => {
    const [a, b] = [tool("1", "a"), tool("2", "b", {}, failed)];
    const { lines, notes } = readSpans(otlp(b, a), otlp(agent, a));
    expect(lines).toMatchObject([{ task: "cancel it" }]);
    expect(toldOf(lines[0])).toEqual([
      ["a", {}, null],
      ["b", {}, { type: "error", message: "ValueError: bad id" }],
    ]);
    expect(notes).toContain("spans that are there twice (1)");
  });

  it("of models say what those of tools do not", () => {
    const chat = (id: string, name: string, messages: unknown): Json =>
      span(id, "chat m", {
        "gen_ai.operation.name": "chat",
        [`gen_ai.${name}.messages`]: JSON.stringify(messages),
      });
    const asked = { role: "user", parts: [{ type: "text", content: "refund it" }] };
    const call = {
      role: "assistant",
      parts: [{ type: "tool_call", id: "c1", name: "refund", arguments: { amount: 9 } }],
    };
    const answer = {
      role: "tool",
      parts: [{ type: "tool_call_response", id: "c1", result: "refunded" }],
    };
    const told = [["refund", { amount: 9 }, "refunded"]];

    const executed = tool("2", "refund", { "gen_ai.tool.call.id": "c1" });
    const both = readSpans(
      otlp(
        chat("0", "input", [asked]),
        chat("1", "output", [call]),
        executed,
        chat("3", "input", [answer]),
      ),
    );
    expect(both.lines).toMatchObject([{ task: "refund it" }]);
    expect(toldOf(both.lines[0])).toEqual(told);

    // Without spans of tools, and with the whole conversation each time.
    const alone = readSpans(
      otlp(chat("1", "output", [call]), chat("2", "input", [asked, call, answer])),
    );
    expect(toldOf(alone.lines[0])).toEqual(told);
  });

  it.each<[string, Json[]]>([
    [
      "events",
      [
        tool(
          "1",
          "search",
          {},
          {
            events: [
              {
                name: "gen_ai.tool.message",
                attributes: [{ key: "content", value: { stringValue: '{"q":1}' } }],
              },
              {
                name: "gen_ai.choice",
                attributes: [{ key: "message", value: { stringValue: '"ok"' } }],
              },
            ],
          },
        ),
      ],
    ],
    [
      "OpenInference",
      [
        span("1", "search", {
          "openinference.span.kind": "TOOL",
          "tool.name": "search",
          "input.value": '{"q":1}',
          "output.value": "ok",
        }),
      ],
    ],
    [
      "traceloop",
      [
        span("1", "search.tool", {
          "traceloop.span.kind": "tool",
          "traceloop.entity.name": "search",
          "traceloop.entity.input": '{"q":1}',
          "traceloop.entity.output": "ok",
        }),
      ],
    ],
    [
      "Vercel AI SDK",
      [
        span("1", "ai.toolCall", {
          "ai.operationId": "ai.toolCall",
          "ai.toolCall.name": "search",
          "ai.toolCall.args": '{"q":1}',
          "ai.toolCall.result": '"ok"',
        }),
      ],
    ],
    [
      "pydantic-ai",
      [
        span("1", "running tool", {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": "search",
          tool_arguments: '{"q":1}',
          tool_response: "ok",
        }),
      ],
    ],
  ])("tell a call by the names of %s", (_what, spans) => {
    expect(toldOf(readSpans(otlp(...spans)).lines[0])).toEqual([["search", { q: 1 }, "ok"]]);
  });

  it.each<[string, Json, string]>([
    [
      "OpenInference",
      span("0", "agent", { "openinference.span.kind": "AGENT", "input.value": "book" }),
      "book",
    ],
    [
      "OpenInference's messages",
      span("0", "llm", {
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "book",
      }),
      "book",
    ],
    [
      "traceloop",
      span("0", "wf", {
        "traceloop.span.kind": "workflow",
        "traceloop.entity.input": '{"inputs":"book"}',
      }),
      "book",
    ],
    [
      "traceloop's LangChain",
      span("0", "wf", {
        "traceloop.span.kind": "workflow",
        "traceloop.entity.input": '{"inputs":{"messages":[["user","book"]]}}',
      }),
      "book",
    ],
    [
      "older numbered names",
      span("0", "llm", {
        "traceloop.span.kind": "LLM",
        "llm.prompts.0.role": "user",
        "llm.prompts.0.content": "book",
      }),
      "book",
    ],
    [
      "old numbered names",
      span("0", "chat", {
        "gen_ai.operation.name": "chat",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "book",
      }),
      "book",
    ],
    [
      "Vercel AI SDK",
      span("0", "ai.generateText", {
        "ai.operationId": "ai.generateText",
        "ai.prompt": '{"prompt":"book"}',
      }),
      "book",
    ],
  ])("say what was asked by the names of %s", (_what, first, task) => {
    expect(readSpans(otlp(first, tool("1", "a"))).lines.map((line) => line.task)).toEqual([task]);
  });
});
