import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeNextAlarm, type PartDue } from "../../../src/durable/shared/alarm.ts";

const NOW = 1_000_000;
const due = (more: Partial<PartDue>): PartDue => ({
  nextAt: null,
  notBefore: 0,
  minDelayMs: 0,
  ...more,
});

describe("the next alarm", () => {
  it("is none when no part wants it", () => {
    expect(computeNextAlarm([], NOW)).toBeNull();
    expect(computeNextAlarm([due({ notBefore: NOW + 5 }), due({ minDelayMs: 5 })], NOW)).toBeNull();
  });

  it("is when the first part has something to do", () => {
    const parts = [due({ nextAt: NOW + 9 }), due({ nextAt: NOW + 4 }), due({})];
    expect(computeNextAlarm(parts, NOW)).toBe(NOW + 4);
  });

  it("is never sooner than a part may run: after a failure, and in its least delay", () => {
    expect(computeNextAlarm([due({ nextAt: 0, notBefore: NOW + 7 })], NOW)).toBe(NOW + 7);
    expect(computeNextAlarm([due({ nextAt: 0, minDelayMs: 50 })], NOW)).toBe(NOW + 50);
    const failing = due({ nextAt: 0, notBefore: NOW + 60_000, minDelayMs: 50 });
    expect(computeNextAlarm([failing, due({ nextAt: NOW, minDelayMs: 500 })], NOW)).toBe(NOW + 500);
  });

  it("is the least of the parts' own, whatever their order", () => {
    const part = fc.record({
      nextAt: fc.option(fc.integer({ min: 0, max: 2 * NOW })),
      notBefore: fc.integer({ min: 0, max: 2 * NOW }),
      minDelayMs: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const alone = parts.flatMap((one) => computeNextAlarm([one], NOW) ?? []);
        const least = alone.length === 0 ? null : Math.min(...alone);
        expect(computeNextAlarm(parts, NOW)).toBe(least);
        expect(computeNextAlarm(parts.toReversed(), NOW)).toBe(least);
      }),
    );
  });
});
