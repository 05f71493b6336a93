import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeIn, type Uses } from "../../../../src/memory/learning/evidence/change.ts";

const worked = (times: number): Uses[] =>
  Array.from({ length: times }, () => ({ success: 1, failure: 0 }));
const failed = (times: number): Uses[] =>
  Array.from({ length: times }, () => ({ success: 0, failure: 1 }));
const hasChanged = (uses: readonly Uses[]): boolean => changeIn(uses).hasChanged;

describe("a change", () => {
  it("is reported after at most five failures of what worked fifty times, and not after two", () => {
    expect(hasChanged([...worked(50), ...failed(2)])).toBe(false);
    const needed = [1, 2, 3, 4, 5, 6].find((times) =>
      hasChanged([...worked(50), ...failed(times)]),
    );
    expect(needed).toBeGreaterThan(2);
    expect(needed).toBeLessThanOrEqual(5);
  });

  it("is not reported after two stray failures, wherever they are", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (first, second) => {
        const uses = [...worked(50)];
        for (const at of [first, second]) uses.splice(at, 0, ...failed(1));
        expect(hasChanged(uses)).toBe(false);
      }),
    );
  });

  it("is over soon after it works again, however long it failed", () => {
    expect(hasChanged([...worked(50), ...failed(30), ...worked(3)])).toBe(false);
  });

  it("stays reported while it fails: what fails does not become what is usual", () => {
    expect(hasChanged([...worked(20), ...failed(200)])).toBe(true);
  });

  it("is none where there is no order: all of it was at one time", () => {
    expect(hasChanged([{ success: 50, failure: 20 }])).toBe(false);
  });

  it("names the failures in a row, and what worked before them", () => {
    expect(changeIn([...worked(50), ...failed(3)])).toEqual({
      hasChanged: true,
      failuresInRow: 3,
      successesBefore: 50,
    });
  });
});
