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
});
