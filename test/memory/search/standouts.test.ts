import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standoutFactors } from "../../../src/memory/search/standouts.ts";

const scores = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 30 });

describe("documents that stand out", () => {
  it("are none for a short query", () => {
    fc.assert(
      fc.property(scores, (plain) => {
        expect(standoutFactors(plain, 0)).toEqual(plain.map(() => 1));
      }),
    );
  });

  it("are three at most, and gain by how far they stand out, within a bound", () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (plain, length) => {
        const factors = standoutFactors(plain, length);
        expect(factors.filter((factor) => factor > 1).length).toBeLessThanOrEqual(3);
        for (const [i, factor] of factors.entries()) {
          expect(factor).toBeGreaterThanOrEqual(1);
          expect(factor).toBeLessThanOrEqual(5);
          for (const [j, other] of factors.entries())
            if ((plain[i] ?? 0) > (plain[j] ?? 0)) expect(factor).toBeGreaterThanOrEqual(other);
        }
      }),
    );
  });

  it("gain nothing where all are alike", () => {
    expect(standoutFactors([3, 3, 3, 3, 3], 1)).toEqual([1, 1, 1, 1, 1]);
    expect(standoutFactors([6, 3, 3, 3, 3], 1)).toEqual([2, 1, 1, 1, 1]);
  });
});
