import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  computeReward,
  NEUTRAL_BASELINE,
  type Baseline,
} from "../../../../src/memory/learning/index.ts";
import type { Outcome } from "../../../../src/contract/episodes/record.ts";
import { outcomes, stepLists, stepOf } from "../../../support/episodes.ts";

const success: Outcome = { type: "success", verdict: "", artifacts: [] };
const baselines: fc.Arbitrary<Baseline> = fc.record({
  median_steps: fc.option(fc.nat(100)),
  median_latency_ms: fc.constant(null),
  episodes: fc.nat(100),
  success_rate: fc.constant(null),
});

describe("the reward", () => {
  it("and its parts lie in 0…1, and the total is their weighted sum", () => {
    fc.assert(
      fc.property(
        stepLists,
        outcomes,
        baselines,
        fc.boolean(),
        (steps, outcome, baseline, used) => {
          const { total, weights, ...parts } = computeReward(steps, outcome, baseline, used);
          for (const part of Object.values(parts)) {
            expect(part).toBeGreaterThanOrEqual(0);
            expect(part).toBeLessThanOrEqual(1);
          }
          const sum =
            weights.base * parts.base +
            weights.efficiency * parts.efficiency +
            weights.quality * parts.quality +
            weights.learning * parts.learning;
          expect(total).toBeCloseTo(sum, 9);
          expect(Object.values(weights).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it("does not fall when fewer steps reach the same success", () => {
    const baseline = { ...NEUTRAL_BASELINE, median_steps: 6, episodes: 50 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (n) => {
        const steps = Array.from({ length: n + 1 }, (_, i) => stepOf(i + 1, `t${i}`));
        const longer = computeReward(steps, success, baseline, false).efficiency;
        expect(
          computeReward(steps.slice(1), success, baseline, false).efficiency,
        ).toBeGreaterThanOrEqual(longer);
      }),
    );
  });

  it("is neutral about efficiency while a domain has no episodes", () => {
    expect(computeReward([stepOf(1, "t")], success, NEUTRAL_BASELINE, false).efficiency).toBe(0.5);
  });
});
