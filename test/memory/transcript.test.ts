import { describe, expect, it } from "vitest";
import { readTranscript } from "../../src/memory/transcript.ts";

describe("a transcript", () => {
  it("of OpenAI's shape gives its calls with their results, whatever order the answers come in", () => {
    const call = (id: string, name: string, args: string) => ({
      id,
      type: "function",
      function: { name, arguments: args },
    });
    const { task, steps } = readTranscript([
      { role: "system", content: "You are helpful." },
      { role: "user", content: "Find my order" },
      {
        role: "assistant",
        content: "I look.",
        tool_calls: [call("1", "find", '{"id":7}'), call("2", "read", "no json")],
      },
      { role: "tool", tool_call_id: "2", content: '{"error": "gone"}' },
      { role: "tool", tool_call_id: "1", content: "found" },
      { role: "tool", tool_call_id: "9", content: "answers nobody" },
    ]);
    expect(task).toBe("Find my order");
    expect(
      steps.map(({ tool, action, parameters, result }) => ({ tool, action, parameters, result })),
    ).toEqual([
      {
        tool: "find",
        action: "I look.",
        parameters: { id: 7 },
        result: { type: "success", output: "found" },
      },
      {
        tool: "read",
        action: "I look.",
        parameters: { arguments: "no json" },
        result: { type: "error", message: '{"error": "gone"}' },
      },
    ]);
  });

  it("of Anthropic's shape gives its tool_use blocks with their tool_result", () => {
    const { task, steps } = readTranscript([
      { role: "user", content: [{ type: "text", text: "Cancel it" }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Now." },
          { type: "tool_use", id: "a", name: "cancel", input: { id: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "a",
            is_error: true,
            content: [{ type: "text", text: "no" }],
          },
        ],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "b", name: "ask", input: {} }] },
    ]);
    expect(task).toBe("Cancel it");
    expect(steps.map(({ tool, result }) => [tool, result])).toEqual([
      ["cancel", { type: "error", message: "no" }],
      ["ask", null],
    ]);
  });

  it("of nonsense gives nothing, and does not fail", () => {
    expect(
      readTranscript([{}, { role: 7, content: null, tool_calls: "x" }, { tool_calls: [null, {}] }])
        .steps,
    ).toEqual([expect.objectContaining({ tool: "unknown", result: null })]);
  });
});
