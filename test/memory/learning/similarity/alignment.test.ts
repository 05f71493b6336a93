import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commonSteps,
  similarityOfRuns,
} from "../../../../src/memory/learning/similarity/alignment.ts";

const runs = fc.array(fc.constantFrom("find", "read", "send"), { maxLength: 30 });

describe("the similarity of two runs", () => {
  it("is the share of the longer one that a longest common subsequence has", () => {
    fc.assert(
      fc.property(runs, runs, runs, (a, b, same) => {
        for (const [x, y] of [
          [a, b],
          [
            [...same, ...a],
            [...same, ...b],
          ],
          [
            [...a, ...same],
            [...b, ...same],
          ],
        ] as const) {
          const longer = Math.max(x.length, y.length);
          expect(similarityOfRuns(x, y)).toBe(longer === 0 ? 1 : commonSteps(x, y).length / longer);
        }
      }),
    );
  });

  it("looks at the first 200 steps", () => {
    const long = (last: string): string[] => [...Array.from({ length: 200 }, () => "find"), last];
    expect(similarityOfRuns(long("a"), long("b"))).toBe(1);
    expect(similarityOfRuns(long("a"), [...long("b").slice(1, 200), "b"])).toBe(199 / 200);
  });
});
