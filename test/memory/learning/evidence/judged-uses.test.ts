import { describe, expect, it } from "vitest";
import { applyFeedback } from "../../../../src/memory/learning/evidence/evidence.ts";
import { assessPattern } from "../../../../src/memory/learning/evidence/pattern-view.ts";
import type { PatternRow } from "../../../../src/memory/learning/types.ts";

const DAY = 20_000;
const NOW = DAY * 86_400_000;
const USUAL = { rate: () => 0.7 };

/** A choice that so many episodes took, in thousandths; judged so often. */
function assessed(
  [success, failure]: readonly [number, number],
  { helpful = 0, unhelpful = 0 }: { helpful?: number; unhelpful?: number } = {},
) {
  const bucket = { domain: "d", day: DAY, reward: 0, occurrences: 1, latency_ms: 0 };
  let row: PatternRow = {
    namespace: "n",
    id: "p",
    content: { kind: "tool_sequence", tools: ["a", "b"] },
    buckets: [{ ...bucket, success, failure, episodes: (success + failure) / 1000 }],
    feedback: [],
    episodes: [],
    promoted: false,
    last_seen_at: NOW,
  };
  const use = { day: DAY, helpful: 1000 * helpful, unhelpful: 1000 * unhelpful };
  if (helpful + unhelpful > 0) row = applyFeedback(row, use, 1);
  return assessPattern(row, USUAL, NOW);
}

describe("a judged use of a warning", () => {
  const failing = [1_000, 9_000] as const;

  it("confirms it when it helped: it stays a warning, and is surer", () => {
    const before = assessed(failing);
    expect(before.polarity).toBe("avoid");
    for (const helpful of [1, 4, 20]) {
      const after = assessed(failing, { helpful });
      expect(after.polarity).toBe("avoid");
      expect(after.lift).toBeLessThan(before.lift);
      expect(after.support.failure).toBeGreaterThan(before.support.failure);
    }
  });

  it("weakens it when it did not, until it is withdrawn; it never becomes a recommendation", () => {
    expect(assessed(failing, { unhelpful: 1 }).lift).toBeGreaterThan(assessed(failing).lift);
    for (const unhelpful of [20, 1_000])
      expect(assessed(failing, { unhelpful }).polarity).toBe("neutral");
  });
});

describe("a pattern that worked for weeks and then failed", () => {
  const daily = (day: number, isSuccess: boolean) => ({
    domain: "d",
    day,
    success: isSuccess ? 1_000 : 0,
    failure: isSuccess ? 0 : 1_000,
    reward: 0,
    episodes: 1,
    occurrences: 1,
    latency_ms: 0,
  });
  const assess = (failures: number, unhelpful = 0) =>
    assessPattern(
      {
        buckets: Array.from({ length: 30 + failures }, (_, i) => daily(DAY - 40 + i, i < 30)),
        feedback: unhelpful > 0 ? [{ day: DAY, helpful: 0, unhelpful: 1000 * unhelpful }] : [],
      },
      USUAL,
      NOW,
    ).polarity;

  it("is a warning after a few failures, and not after two", () => {
    expect([0, 1, 2].map((failures) => assess(failures))).toEqual(["do", "do", "do"]);
    expect(assess(5)).toBe("avoid");
  });

  it("is none for those who find the warning wrong", () => {
    expect(assess(5, 2)).not.toBe("avoid");
  });
});

describe("a judged use of a recommendation", () => {
  const working = [9_000, 1_000] as const;

  it("confirms it when it helped, and weakens it when it did not", () => {
    const before = assessed(working);
    expect(before.polarity).toBe("do");
    expect(assessed(working, { helpful: 4 }).confidence).toBeGreaterThan(before.confidence);
    expect(assessed(working, { unhelpful: 4 }).confidence).toBeLessThan(before.confidence);
  });
});
