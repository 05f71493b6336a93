import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/util/backoff.ts";

describe("the wait after failures", () => {
  it("begins with the least, doubles, and ends at the most", () => {
    const waits = [1, 2, 3, 4, 5, 6, 1_000_000].map((failures) => backoffMs(failures, 100, 2_000));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });
});
