import { describe, expect, it } from "vitest";
import { jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

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

  it("have commands whose answer says with which code they ended", () => {
    const ran = (id: string, output: string): Json =>
      item(id, { type: "function", name: "exec", input: "{}", output });
    const file = jsonl(ran("1", '{"exit_code":0}'), ran("2", '{"exit_code": 1, "out": "no"}'));
    const { lines } = readFiles("openai-agents", { "trace.jsonl": file });
    expect(lines[0]?.steps?.map(({ result }) => result?.type)).toEqual(["success", "error"]);
  });

  it("of a session are of what was asked last; without words they have their agent's name", () => {
    const input = ["hello", "refund 42"].map((content) => ({ role: "user", content }));
    const ask = (value: unknown) =>
      readFiles("openai-agents", {
        "trace.json": JSON.stringify({
          trace_id: "t1",
          spans: [
            item("0", { type: "agent", name: "Support" }),
            item("1", { type: "generation", input: value }),
          ],
        }),
      }).lines.map(({ task }) => task);
    expect(ask(input)).toEqual(["refund 42"]);
    expect(ask(null)).toEqual(["Support"]);

    const none = { trace_id: "t1", spans: [{ span_id: "1", type: "tool_call", name: "a" }] };
    const { lines, notes } = readFiles("openai-agents", { "trace.json": JSON.stringify(none) });
    expect(lines).toEqual([]);
    expect(notes).toContain("trace.json, line 1: a span that says nothing of itself");
  });
});
