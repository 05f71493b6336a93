import { describe, expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets/index.ts";

/** `npm run test:fuzz` gives many more. */
const INPUTS = 60;

describe.each(TARGETS)("$name", (target) => {
  it("bears what is made of its samples", { timeout: 60_000 }, async () => {
    const { findings } = await fuzz({ targets: [target], inputs: INPUTS, seed: 23 });
    expect(findings).toEqual([]);
  });
});

describe("an input", () => {
  it("is the same for the same seed and number, and another for another", () => {
    const sample = { task: "mend it", steps: [{ tool: "read", output: "a" }] };
    const make = (seed: number, input: number) =>
      JSON.stringify(mutated(Random.of(seed, input), sample, ["b", { c: 1 }]));
    const all = Array.from({ length: 200 }, (_, input) => make(1, input));
    expect(all).toEqual(Array.from({ length: 200 }, (_, input) => make(1, input)));
    expect(new Set(all).size).toBeGreaterThan(100);
    expect(make(2, 7)).not.toBe(make(1, 7));
  });

  it("changes no sample", () => {
    const sample = { list: [1, { a: "b" }], text: '{"x":[1,2]}' };
    const before = JSON.stringify(sample);
    for (let input = 0; input < 500; input++) mutated(Random.of(3, input), sample, [sample]);
    expect(JSON.stringify(sample)).toBe(before);
  });
});

describe("a parser that has a fault", () => {
  const target = (run: Target<string>["run"]): readonly Target[] =>
    [{ name: "faulty", samples: () => ["one two three"], run }] as unknown as readonly Target[];

  it("is found where it breaks, once, and the input can be made again", async () => {
    const targets = target((text) => {
      if (/^.{0,300}__proto__/s.test(text)) throw new TypeError("broken");
    });
    const { findings } = await fuzz({ targets, inputs: 3_000, seed: 1 });
    expect(findings).toHaveLength(1);
    const [{ input, problem, shown } = { input: -1, problem: "", shown: "" }] = findings;
    expect([problem, shown]).toEqual([
      expect.stringContaining("TypeError: broken"),
      expect.stringContaining("__proto__"),
    ]);
    const again = await fuzz({ targets, inputs: 1, seed: 1, only: input });
    const about = findings.map(({ input: number, shown: text }) => [number, text]);
    expect(again.findings.map(({ input: number, shown: text }) => [number, text])).toEqual(about);
  });

  it("is found where its time grows faster than its input", async () => {
    const targets = target((text) => {
      const before = process.threadCpuUsage().user;
      while (text.length > 1_000 && process.threadCpuUsage().user - before < 60_000);
    });
    const { findings } = await fuzz({ targets, inputs: 12, seed: 5 });
    expect(findings[0]?.problem).toMatch(/^took \d+ ms for \d+ bytes, \d+ ms allowed$/);
  });

  it("is not hidden by a sample that fails", async () => {
    await expect(fuzz({ targets: target(() => "no"), inputs: 1, seed: 1 })).rejects.toThrow(
      "faulty: a sample fails: no",
    );
  });
});
