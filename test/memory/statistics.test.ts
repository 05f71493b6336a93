import fc from "fast-check";
import { expect, test } from "vitest";
import { decay, wilsonInterval } from "../../src/memory/statistics.ts";

const observed = fc
  .tuple(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  )
  .map(([successes, failures]) => ({ successes, total: successes + failures }));

test("the Wilson interval lies in 0…1 and holds the observed rate", () => {
  fc.assert(
    fc.property(observed, ({ successes, total }) => {
      const [lower, upper] = wilsonInterval(successes, total);
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(upper).toBeLessThanOrEqual(1);
      expect(lower).toBeLessThanOrEqual(successes / total + 1e-9);
      expect(upper).toBeGreaterThanOrEqual(successes / total - 1e-9);
    }),
  );
});

test("one more success never lowers the lower bound", () => {
  fc.assert(
    fc.property(observed, ({ successes, total }) => {
      expect(wilsonInterval(successes + 1, total + 1)[0]).toBeGreaterThanOrEqual(
        wilsonInterval(successes, total)[0] - 1e-12,
      );
    }),
  );
});

test("the Wilson interval of 8 in 10 is that of the published formula", () => {
  const [lower, upper] = wilsonInterval(8, 10);
  expect(lower).toBeCloseTo(0.4902, 4);
  expect(upper).toBeCloseTo(0.9433, 4);
});

test("nothing observed says nothing", () => {
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
});

test("decay halves with each half-life and never exceeds one", () => {
  expect(decay(0, 1000)).toBe(1);
  expect(decay(-5, 1000)).toBe(1);
  expect(decay(1000, 1000)).toBe(0.5);
  expect(decay(3000, 1000)).toBe(0.125);
});
