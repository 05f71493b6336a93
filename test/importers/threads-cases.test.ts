import { describe, expect, it } from "vitest";
import { classesOf, jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

describe("threads of LangGraph", () => {
  const human = { type: "human", content: "where is order 17?", id: "1" };
  const ai = {
    type: "ai",
    content: [
      { type: "text", text: "I look." },
      { type: "tool_use", id: "c1", name: "get", input: { id: 17 } },
    ],
    tool_calls: [{ name: "get", args: { id: 17 }, id: "c1", type: "tool_call" }],
  };
  const tool = (status: string): Json => ({
    type: "tool",
    content: "no such order",
    tool_call_id: "c1",
    name: "get",
    status,
  });
  const constructed = (name: string, kwargs: Json): Json => ({
    lc: 1,
    type: "constructor",
    id: ["langchain", "schema", "messages", name],
    kwargs,
  });
  const config = { configurable: { thread_id: "t", checkpoint_ns: "", checkpoint_id: "2" } };

  it.each<[string, unknown]>([
    [
      "their state",
      {
        values: { messages: [human, ai, tool("error")] },
        next: [],
        config,
        created_at: "2026-03-01T10:00:00Z",
      },
    ],
    [
      "their history, the newest first",
      [
        {
          values: { messages: [human, ai, tool("error")] },
          config,
          created_at: "2026-03-01T10:00:02Z",
        },
        { values: { messages: [human] }, config, created_at: "2026-03-01T10:00:00Z" },
      ],
    ],
    [
      "checkpoints",
      {
        thread_id: "t",
        checkpoints: [
          {
            config,
            checkpoint: {
              ts: "2026-03-01T10:00:00Z",
              id: "2",
              channel_values: {
                messages: [
                  constructed("HumanMessage", human),
                  constructed("AIMessage", ai),
                  constructed("ToolMessage", tool("error")),
                ],
              },
            },
          },
        ],
      },
    ],
  ])("are read from %s", (_what, value) => {
    const { lines } = readFiles("langgraph", { "thread.json": JSON.stringify(value) });
    expect(lines).toMatchObject([
      { task: "where is order 17?", metadata: { thread: "t" }, steps: [{ action: "I look." }] },
    ]);
    expect(toldOf(lines[0])).toEqual([
      ["get", { id: 17 }, { type: "error", message: "no such order" }],
    ]);
  });

  it("whose checkpoint holds no messages are reported", () => {
    const { lines, notes } = readFiles("langgraph", {
      "t.json": JSON.stringify({ values: {}, config }),
    });
    expect(lines).toEqual([]);
    expect(notes).toEqual(["t.json, line 1: a state without messages"]);
  });
});

describe("batches", () => {
  const called = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c", type: "function", function: { name: "get", arguments: '{"id":17}' } }],
  };

  it("of OpenAI are requests with their answers, over two files", () => {
    const messages = [
      { role: "user", content: "where is 17?" },
      called,
      { role: "tool", tool_call_id: "c", content: "gone" },
    ];
    const request = (custom_id: string, body: Json): Json => ({
      custom_id,
      method: "POST",
      url: "/v1/chat/completions",
      body,
    });
    const { lines, notes } = readFiles("openai-batch", {
      "requests.jsonl": jsonl(
        request("a", { model: "m", messages }),
        request("b", { model: "m", messages: [{ role: "user", content: "list" }] }),
        request("a", { model: "m", messages: [{ role: "user", content: "another batch" }] }),
        request("d", { input: "what?" }),
      ),
      "results.jsonl": jsonl(
        {
          id: "1",
          custom_id: "b",
          response: null,
          error: { code: "batch_expired", message: "too late" },
        },
        {
          id: "2",
          custom_id: "a",
          response: {
            status_code: 200,
            body: {
              model: "m-1",
              created: 1_772_359_200,
              choices: [
                {
                  message: {
                    ...called,
                    tool_calls: [{ id: "e", function: { name: "ask", arguments: "{}" } }],
                  },
                },
              ],
            },
          },
          error: null,
        },
        { id: "3", custom_id: "x", response: { status_code: 200, body: { choices: [] } } },
      ),
    });
    expect(lines).toMatchObject([
      {
        task: "where is 17?",
        metadata: { custom_id: "a", model: "m-1" },
        started_at: "2026-03-01T10:00:00.000Z",
      },
      { task: "list", outcome: { type: "failure", reason: "too late" } },
      { task: "another batch" },
      { task: "what?" },
    ]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(4);
    expect(toldOf(lines[0])).toEqual([
      ["get", { id: 17 }, "gone"],
      ["ask", {}, null],
    ]);
    expect(notes).toEqual([
      "requests whose answer is in no file (2)",
      "answers whose request is in no file (1)",
    ]);
  });

  it("of Anthropic are requests with their results", () => {
    const { lines } = readFiles("anthropic-batch", {
      "batch.jsonl": jsonl(
        { custom_id: "a", params: { model: "m", messages: [{ role: "user", content: "cancel" }] } },
        {
          custom_id: "a",
          result: {
            type: "succeeded",
            message: {
              role: "assistant",
              model: "m",
              content: [{ type: "tool_use", id: "t", name: "cancel", input: { id: 1 } }],
            },
          },
        },
        { custom_id: "b", params: { messages: [{ role: "user", content: "refund" }] } },
        {
          custom_id: "b",
          result: {
            type: "errored",
            error: { type: "error", error: { type: "invalid_request", message: "bad" } },
          },
        },
      ),
    });
    expect(toldOf(lines[0])).toEqual([["cancel", { id: 1 }, null]]);
    expect(lines[1]).toMatchObject({ task: "refund", outcome: { type: "failure", reason: "bad" } });
    expect(classesOf(lines[1])).toEqual([]);
  });

  it("are logs of a request with its answer, and what went wrong", () => {
    const asked = (content: string): Json => ({ messages: [{ role: "user", content }] });
    const call = { type: "tool_use", id: "t", name: "add", input: { a: 1 } };
    const { lines } = readFiles("anthropic-batch", {
      "log.jsonl": jsonl(
        { id: "1", request: asked("sum"), response: { role: "assistant", content: [call] } },
        { id: "2", ...asked("cancel"), error: "TimeoutError: upstream" },
      ),
    });
    expect(lines.map(({ task }) => task)).toEqual(["sum", "cancel"]);
    expect(toldOf(lines[0])).toEqual([["add", { a: 1 }, null]]);
    expect(lines[1]).toMatchObject({ outcome: { reason: "TimeoutError: upstream" } });
  });
});
