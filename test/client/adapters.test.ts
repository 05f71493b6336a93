import { describe, expect, it } from "vitest";
import { newCalls } from "../../client/adapters/messages.ts";
import { stepsOf } from "../../client/index.ts";

const turn = (n: number): object[] => [
  {
    role: "assistant",
    content: null,
    tool_calls: [
      { id: "call_0", type: "function", function: { name: "t", arguments: `{"n":${n}}` } },
    ],
  },
  { role: "tool", tool_call_id: "call_0", content: `r${n}` },
];
const outputs = (steps: ReturnType<typeof stepsOf>): unknown[] =>
  steps.map(({ result }) => (result?.type === "success" ? result.output : result));

describe("the calls of messages", () => {
  it("are logged once each, though their ids recur, of a conversation that is given whole each time", () => {
    const seen = new Set<string>();
    const whole = [...turn(1), ...turn(2), ...turn(2)];
    expect(outputs(newCalls(whole.slice(0, 3), seen))).toEqual(["r1"]);
    expect(outputs(newCalls(whole.slice(0, 4), seen))).toEqual(["r2"]);
    expect(outputs(newCalls(whole, seen))).toEqual(["r2"]);
    expect(newCalls(whole, seen)).toEqual([]);
  });

  it("are logged though only what is new is given, under an id that was there", () => {
    const seen = new Set<string>();
    expect([1, 2, 3].flatMap((n) => outputs(newCalls(turn(n), seen)))).toEqual(["r1", "r2", "r3"]);
  });

  it("with one id in one turn get their results in their order", () => {
    const call = (name: string): object => ({ id: "x", function: { name, arguments: "{}" } });
    const steps = stepsOf([
      { role: "assistant", tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "x", content: "ra" },
      { role: "tool", tool_call_id: "x", content: "rb" },
    ]);
    expect(steps.map(({ tool }) => tool)).toEqual(["a", "b"]);
    expect(outputs(steps)).toEqual(["ra", "rb"]);
  });

  it("may hold anything: what is no JSON is said to be so, and nothing throws", () => {
    const circular: Record<string, unknown> = { big: 1n };
    circular["self"] = circular;
    const steps = stepsOf([
      {
        role: "assistant",
        content: [{ type: "tool-call", toolCallId: "1", toolName: "t", input: circular }],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "1", output: circular }] },
    ]);
    expect(outputs(steps)).toEqual(["[no JSON]"]);
  });
});
