import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { classesOf, jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

const root = (more: Json = {}): Json => ({
  id: "R",
  trace_id: "R",
  parent_run_id: null,
  run_type: "chain",
  name: "chain",
  start_time: "2026-03-01T10:00:00.000000",
  end_time: "2026-03-01T10:00:05.000000",
  inputs: { messages: [{ role: "user", content: "cancel my order" }] },
  outputs: { output: "done" },
  error: null,
  status: "success",
  ...more,
});
const toolRun = (id: string, more: Json = {}): Json => ({
  id,
  trace_id: "R",
  parent_run_id: "R",
  run_type: "tool",
  name: id,
  start_time: "2026-03-01T10:00:01.000000",
  end_time: "2026-03-01T10:00:02.000000",
  inputs: { input: "1" },
  outputs: { output: "ok" },
  error: null,
  ...more,
});
const readRuns = (value: unknown) => readFiles("langsmith", { "runs.json": JSON.stringify(value) });

describe("runs of LangSmith", () => {
  it("that are pending have no outcome, and no result", () => {
    const pending = { end_time: null, outputs: null, status: "pending" };
    const { lines } = readRuns([root(pending), toolRun("a"), toolRun("b", pending)]);
    expect(lines[0]).not.toHaveProperty("outcome");
    expect(classesOf(lines[0])).toEqual(["success", null]);
  });

  it("come in envelopes, and nested without naming their trace", () => {
    const told = [["get", { input: "1" }, "ok"]];
    const flat = readRuns({ runs: [root(), toolRun("get")], cursors: { next: null } });
    expect(toldOf(flat.lines[0])).toEqual(told);
    const { trace_id: _trace, parent_run_id: _parent, ...inner } = toolRun("get");
    const nested = readRuns([root({ child_runs: [{ ...inner, run_type: "tool" }] })]);
    expect(nested.lines).toHaveLength(1);
    expect(toldOf(nested.lines[0])).toEqual(told);
  });

  it("failed when the tool's message says so", () => {
    const kwargs = { content: "found", status: "success" };
    const { lines } = readRuns([
      root(),
      toolRun("a", {
        outputs: { output: { content: "no such order", type: "tool", status: "error" } },
      }),
      toolRun("b", { outputs: null, error: 'ToolException("boom")' }),
      toolRun("c", {
        outputs: { output: { lc: 1, type: "constructor", id: ["ToolMessage"], kwargs } },
      }),
      toolRun("d", { status: "error", outputs: null }),
    ]);
    expect(classesOf(lines[0])).toEqual(["error", "error", "success", "error"]);
    expect(toldOf(lines[0])[2]).toEqual(["c", { input: "1" }, "found"]);
  });

  it.each<[string, unknown]>([
    ["a text", '{"input":"cancel my order"}'],
    ["pairs", { messages: [["human", "cancel my order"]] }],
    [
      "serialised messages",
      {
        messages: [
          [
            {
              lc: 1,
              type: "constructor",
              id: ["x", "HumanMessage"],
              kwargs: { content: "cancel my order" },
            },
          ],
        ],
      },
    ],
    [
      "blocks",
      { messages: [{ type: "human", content: [{ type: "text", text: "cancel my order" }] }] },
    ],
    ["a question", { question: "cancel my order" }],
  ])("are about what was asked, given as %s", (_what, inputs) => {
    expect(readRuns([root({ inputs })]).lines[0]?.task).toBe("cancel my order");
  });

  it("have tags as a list, as a text, or none; and what is odd is told while the rest goes on", () => {
    const other = root({ id: "S", trace_id: "S", tags: null });
    const { lines, notes } = readRuns([root({ tags: "prod" }), 7, { odd: true }, other]);
    expect(lines.map(({ tags }) => tags)).toEqual([["prod"], []]);
    expect(notes).toEqual([
      "runs.json, item 2: no JSON object",
      "runs.json, item 3: no run: it has neither run_type nor trace_id",
    ]);
  });

  it("are in the order of their times, however those are written", () => {
    const at = (start_time: unknown): Json => ({ start_time, end_time: start_time });
    const { lines } = readRuns([
      root(),
      toolRun("second", at("2026-03-01T10:00:01.500000")),
      toolRun("first", at("2026-03-01T10:00:01")),
      toolRun("third", at("2026-03-01T10:00:01.9+00:00")),
      toolRun("fourth", at(1_772_359_202_000)),
    ]);
    expect(lines[0]?.steps?.map(({ tool }) => tool)).toEqual([
      "first",
      "second",
      "third",
      "fourth",
    ]);
  });

  it("tell what was cut", () => {
    const { notes } = readRuns([root({ outputs: { output: "y".repeat(10_001) } })]);
    expect(notes).toEqual(["the rest of outcomes longer than 10000 characters (1)"]);
  });
});

const TRACE = "a".repeat(32);
const span = (spanId: string, name: string, attributes: Json, more: Json = {}): Json => ({
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
const otlp = (...spans: Json[]): Json => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const readSpans = (...files: unknown[]) =>
  readFiles(
    "otel",
    Object.fromEntries(files.map((file, i) => [`${i}.json`, JSON.stringify(file)])),
  );
const agent = span("0", "invoke_agent x", {
  "gen_ai.operation.name": "invoke_agent",
  "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"cancel it"}]}]',
});
const tool = (id: string, name: string, attributes: Json = {}, more: Json = {}): Json =>
  span(
    id,
    `execute_tool ${name}`,
    { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, ...attributes },
    more,
  );
const failed = {
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
});

describe("traces of the OpenAI Agents SDK", () => {
  const item = (id: string, span_data: Json, more: Json = {}): Json => ({
    object: "trace.span",
    id,
    trace_id: "t1",
    parent_id: null,
    started_at: `2026-05-31T10:00:0${id}.000Z`,
    ended_at: `2026-05-31T10:00:0${id}.500Z`,
    span_data,
    error: null,
    ...more,
  });

  it("are episodes, with spans of functions as steps", () => {
    const { lines, notes } = readFiles("openai-agents", {
      "trace.jsonl": jsonl(
        { object: "trace", id: "t1", workflow_name: "Support", group_id: "g", metadata: null },
        item("0", { type: "agent", name: "Support Agent" }),
        item("1", {
          type: "generation",
          input: [{ role: "user", content: "refund 42" }],
          model: "m",
        }),
        item("2", { type: "function", name: "refund", input: '{"id":42}', output: "refunded" }),
        item(
          "3",
          { type: "function", name: "mail", input: "{}", output: null },
          { error: { message: "Error running tool", data: { error: "no address" } } },
        ),
        item("4", { type: "handoff", from_agent: "a", to_agent: "b" }),
        item("5", {
          type: "function",
          name: "ask",
          input: "{}",
          output: "An error occurred while running the tool. Please try again.",
        }),
      ),
    });
    expect(lines).toMatchObject([
      {
        task: "refund 42",
        metadata: { workflow: "Support", group: "g", agent: "Support Agent", model: "m" },
      },
    ]);
    expect(toldOf(lines[0])).toEqual([
      ["refund", { id: 42 }, "refunded"],
      ["mail", {}, { type: "error", message: "Error running tool: no address" }],
      [
        "ask",
        {},
        { type: "error", message: "An error occurred while running the tool. Please try again." },
      ],
    ]);
    expect(notes).toEqual(["spans of the type handoff (1)"]);
  });
});

describe("a file", () => {
  const text = JSON.stringify([root(), toolRun("a")]);
  const utf16 = (value: string): Buffer => Buffer.from(value, "utf16le");

  it.each<[string, Uint8Array]>([
    ["a byte order mark", Buffer.from(`\uFEFF${text}`)],
    ["UTF-16", utf16(`\uFEFF${text}`)],
    ["UTF-16 without a mark", utf16(text)],
    ["UTF-16 of the other order", utf16(`\uFEFF${text}`).swap16()],
    ["gzip", gzipSync(text)],
    ["gzip in two members", Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])],
    ["line ends of Windows", Buffer.from(jsonl(root(), toolRun("a")).replaceAll("\n", "\r\n"))],
    ["NaN", Buffer.from(text.replace('"error":null', '"error":null,"score":NaN'))],
    [
      "two items on a line",
      Buffer.from(`${JSON.stringify(root())}${JSON.stringify(toolRun("a"))}\n`),
    ],
  ])("with %s is read", (_what, bytes) => {
    const { lines, notes } = readFiles("langsmith", { "runs.json": bytes });
    expect(toldOf(lines[0])).toEqual([["a", { input: "1" }, "ok"]]);
    expect(notes).toEqual([]);
  });
});
