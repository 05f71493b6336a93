import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { moduleOf } from "./modules.ts";

const { batchesOf } = await moduleOf("parts/lines.js");

async function linesOf(content: string | Uint8Array<ArrayBuffer>) {
  const file = new File([content], "runs.jsonl");
  const lines: string[] = [];
  const numbers: number[] = [];
  let batches = 0;
  for await (const batch of batchesOf(file)) {
    batches += 1;
    lines.push(...batch.lines);
    numbers.push(...batch.numbers);
    expect(batch.lines.length).toBeLessThanOrEqual(100);
    expect(batch.read).toBeLessThanOrEqual(file.size);
  }
  return { lines, numbers, batches };
}

describe("a file that is dropped", () => {
  it("is read line by line, with the numbers of its lines, whatever ends them", async () => {
    expect(await linesOf('{"a":1}\n\n{"b":2}\r\n{"c":"ü"}')).toEqual({
      lines: ['{"a":1}', '{"b":2}\r', '{"c":"ü"}'],
      numbers: [1, 3, 4],
      batches: 1,
    });
    expect((await linesOf("")).lines).toEqual([]);
  });

  it("may be an array, and may be packed", async () => {
    const items = [{ type: "episode" }, { type: "lesson" }];
    const lines = items.map((item) => JSON.stringify(item));
    expect((await linesOf(JSON.stringify(items, null, 2))).lines).toEqual(lines);
    const packed = (text: string) => new Uint8Array(gzipSync(text));
    expect((await linesOf(packed(lines.join("\n")))).lines).toEqual(lines);
    expect((await linesOf(packed(JSON.stringify(items)))).lines).toEqual(lines);
  });

  it("is sent in batches of a hundred lines, or of half a million characters", async () => {
    const many = Array.from({ length: 1_001 }, (_, i) => `{"n":${i}}`);
    const read = await linesOf(many.join("\n"));
    expect([read.lines.length, read.batches, read.numbers.at(-1)]).toEqual([1_001, 11, 1_001]);
    const long = Array.from({ length: 4 }, () => JSON.stringify("x".repeat(300_000)));
    expect((await linesOf(long.join("\n"))).batches).toBe(4);
  });

  it("is refused in words when it is no JSON array after all", async () => {
    await expect(linesOf("[1, 2")).rejects.toThrow(/JSON/);
  });
});
