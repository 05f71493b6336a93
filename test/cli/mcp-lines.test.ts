import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageLines } from "../../cli/commands/memory/mcp-lines.ts";

function open(): { lines: MessageLines; forwarded: unknown[]; answered: unknown[] } {
  const [forwarded, answered]: [unknown[], unknown[]] = [[], []];
  const lines = new MessageLines({
    forward: (line) => forwarded.push(JSON.parse(line)),
    answer: (message) => answered.push(message),
  });
  return { lines, forwarded, answered };
}

const call = (id: number | string): object => ({ jsonrpc: "2.0", id, method: "ping" });
const result = (id: number | string): object => ({ jsonrpc: "2.0", id, result: {} });

describe("lines of an agent", () => {
  it("are passed on when they are messages, wherever they were cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.array(fc.nat(200)), (ids, cuts) => {
        const { lines, forwarded, answered } = open();
        const text = ids.map((id) => `${JSON.stringify(call(id))}\n`).join("");
        let from = 0;
        for (const to of cuts.toSorted((a, b) => a - b)) {
          lines.read(text.slice(from, Math.max(from, to)));
          from = Math.max(from, to);
        }
        lines.read(text.slice(from));
        lines.end();
        expect(forwarded).toEqual(ids.map(call));
        expect(answered).toEqual([]);
      }),
    );
  });

  it("are answered when they are none", () => {
    const { lines, forwarded, answered } = open();
    lines.read(
      '{"jsonrpc":\n\n42\n{"id":7,"method":"x"}\n[]\n{"jsonrpc":"2.0","id":{},"method":"x"}',
    );
    lines.end();
    expect(forwarded).toEqual([]);
    expect(answered).toMatchObject([
      { id: null, error: { code: -32_700 } },
      { id: null, error: { code: -32_600 } },
      { id: 7, error: { code: -32_600 } },
      { id: null, error: { code: -32_600 } },
      { id: null, error: { code: -32_600 } },
    ]);
  });

  it("of several messages are answered together, once all answers are there", () => {
    const { lines, forwarded, answered } = open();
    const told = { jsonrpc: "2.0", method: "notifications/initialized" };
    lines.read(`${JSON.stringify([call(0), told, call("b"), 5])}\n`);
    expect(forwarded).toEqual([call(0), told, call("b")]);
    expect(lines.takesAnswer(result("b"))).toBe(true);
    expect(lines.takesAnswer(result("c"))).toBe(false);
    expect(lines.takesAnswer(call("b"))).toBe(false);
    expect(answered).toEqual([]);
    expect(lines.takesAnswer(result(0))).toBe(true);
    expect(answered).toMatchObject([[{ error: { code: -32_600 } }, result("b"), result(0)]]);
    lines.read(`${JSON.stringify([told])}\n`);
    expect(answered).toHaveLength(1);
  });
});
