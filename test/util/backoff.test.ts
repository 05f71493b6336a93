import { describe, expect, it } from "vitest";
import { backoffMs, isWaitOver } from "../../src/util/backoff.ts";

describe("the wait after failures", () => {
  it("begins with the least, doubles, and ends at the most", () => {
    const waits = [1, 2, 3, 4, 5, 6, 1_000_000].map((failures) => backoffMs(failures, 100, 2_000));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });
});

const HOUR = 3_600_000;

describe("a wait", () => {
  it("is over at its time, and not before", () => {
    expect(isWaitOver(1_000, 999, 60_000)).toBe(false);
    expect(isWaitOver(1_000, 1_000, 60_000)).toBe(true);
  });

  it("is over when it has longer to go than it ever was: the clock was set back", () => {
    const until = 10 * HOUR + 60_000;
    expect(isWaitOver(until, 10 * HOUR, 60_000)).toBe(false);
    expect(isWaitOver(until, 9 * HOUR, 60_000)).toBe(true);
  });
});
