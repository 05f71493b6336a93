import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decayedByDomain, weightAt } from "../../../../src/memory/learning/evidence/decayed.ts";
import {
  assessPattern,
  isArchived,
} from "../../../../src/memory/learning/evidence/pattern-view.ts";
import type { Bucket } from "../../../../src/memory/learning/types.ts";

const DAY_MS = 86_400_000;
const DAY = 20_000;
const NOW = DAY * DAY_MS;
const bucketOf = (day: number, success: number, failure: number, domain = "d"): Bucket => ({
  domain,
  day,
  success,
  failure,
  reward: 0,
  episodes: (success + failure) / 1000,
  occurrences: 1,
  latency_ms: 0,
});
const assessed = (...buckets: Bucket[]) =>
  assessPattern({ buckets, feedback: [] }, { rate: () => 0.5 }, NOW);

describe("age", () => {
  it("lowers what evidence counts, always", () => {
    fc.assert(
      fc.property(fc.nat(4_000), fc.nat(4_000), (a, b) => {
        const [newer, older] = [Math.min(a, b), Math.max(a, b)];
        const at = (days: number): number => weightAt(NOW - days * DAY_MS, NOW);
        expect(at(older)).toBeLessThanOrEqual(at(newer));
        expect(at(0)).toBe(1);
      }),
    );
  });

  it("counts for each bucket as if it were alone, however they are summed", () => {
    const days = fc.array(
      fc.tuple(fc.integer({ min: DAY - 900, max: DAY + 5 }), fc.nat(3_000), fc.nat(3_000)),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(days, (list) => {
        const buckets = list.map(([day, success, failure]) => bucketOf(day, success, failure));
        const sum = decayedByDomain(buckets, NOW).get("d");
        const expected = buckets.reduce(
          (all, { day, success }) => all + (success / 1000) * weightAt(day * DAY_MS, NOW),
          0,
        );
        expect(sum?.success).toBeCloseTo(expected, 9);
      }),
    );
  });

  it("does not erase what nothing newer contradicts: eleven months old, it still recommends", () => {
    const old = assessed(bucketOf(DAY - 329, 8_000, 0));
    expect(old.polarity).toBe("do");
    expect(isArchived(old)).toBe(false);
    expect(old.confidence).toBeLessThan(assessed(bucketOf(DAY, 8_000, 0)).confidence);
  });

  it("lets a few new failures outweigh many old successes", () => {
    const { polarity } = assessed(bucketOf(DAY - 329, 20_000, 0), bucketOf(DAY, 0, 15_000));
    expect(polarity).toBe("avoid");
  });

  it("puts away in the end what was seen once, years ago", () => {
    expect(isArchived(assessed(bucketOf(DAY - 3 * 365, 1_000, 0)))).toBe(true);
  });
});
