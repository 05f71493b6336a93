import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/contract/limits.ts";
import type { InstanceRange } from "../../../src/durable/shared/instance/protocol.ts";
import {
  FAN_OUT,
  rangeBelow,
  splitRange,
  wholeGroups,
} from "../../../src/durable/shared/instance/tree.ts";

/** Every instance that is asked below a range, with how far down; the most that one asks. */
function walk(range: InstanceRange, level = 1): { asked: [number, number][]; widest: number } {
  const parts = splitRange(range);
  const below = parts.map((part) => walk(rangeBelow(part), level + 1));
  return {
    asked: [
      ...parts.map(({ first }): [number, number] => [first, level]),
      ...below.flatMap(({ asked }) => asked),
    ],
    widest: Math.max(parts.length, ...below.map(({ widest }) => widest)),
  };
}

describe("the tree", () => {
  const counts = [1, 2, 15, 16, 17, 31, 32, 64, 65, 100, 255, 256, 257, 272, 500, 1_000];
  it.each([...counts, LIMITS.instances_max])(
    "of %i instances asks each once, and no one asks more than the fan-out",
    (count) => {
      const { asked, widest } = walk({ first: 0, end: count });
      const numbers = asked.map(([instance]) => instance).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
      expect(widest).toBeLessThanOrEqual(FAN_OUT);
    },
  );

  it.each([
    [16, 1],
    [17, 2],
    [256, 2],
    [257, 3],
    [LIMITS.instances_max, 3],
  ])("of %i instances has %i levels", (count, levels) => {
    const { asked } = walk({ first: 0, end: count });
    expect(Math.max(...asked.map(([, level]) => level))).toBe(levels);
  });

  it("has whole groups together, the last one cut by the total", () => {
    expect(wholeGroups({ first: 0, end: 40 }, 40)).toEqual([
      { first: 0, end: 16 },
      { first: 16, end: 32 },
      { first: 32, end: 40 },
    ]);
    expect(wholeGroups({ first: 1, end: 31 }, 40)).toEqual([]);
    expect(wholeGroups({ first: 32, end: 40 }, 64)).toEqual([]);
  });
});
