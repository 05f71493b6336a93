/**
 * Computes what an episode was worth, as a sum of parts that can each be explained: from its steps,
 * its outcome and what is usual in its domain. Pure; a better outcome never lowers the total.
 *
 * @module
 */

import { canonicalJson } from "../../canonical.ts";
import type { Outcome, Reward, Step } from "../../../contract/episodes/record.ts";
import { resultClass } from "../../../contract/episodes/step-result.ts";
import type { Baseline } from "../evidence/baseline.ts";
import { isError } from "./judgement.ts";

const REWARD_WEIGHTS = { base: 0.5, efficiency: 0.2, quality: 0.2, learning: 0.1 } as const;

/** Episodes after which the domain's median weighs as much as the neutral prior. */
const PRIOR_EPISODES = 5;

/** Share of the work that the outcome says was done, 0…1. */
export function baseReward(outcome: Outcome): number {
  switch (outcome.type) {
    case "success":
      return 1;
    case "partial_success": {
      const all = outcome.completed.length + outcome.failed.length;
      return all === 0 ? 0.5 : outcome.completed.length / all;
    }
    case "failure":
      return 0;
    case "abstained":
      return 0.3;
  }
}

/**
 * Total and parts, each in 0…1.
 *
 * - base: what the outcome says.
 * - efficiency: the domain's median number of steps over this one's (½ at the median, 1 at none),
 *   shrunk to ½ while the domain has few episodes, times base: a quick failure is not efficient.
 * - quality: share of known results that succeeded, less repeated identical calls.
 * - learning: errors that were recovered from, and a recall that was put to use.
 */
export function computeReward(
  steps: readonly Step[],
  outcome: Outcome,
  baseline: Baseline,
  usedRecall: boolean,
): Reward {
  const base = baseReward(outcome);
  const efficiency = base * relativeEfficiency(steps.length, baseline);
  const quality = stepQuality(steps);
  const learning = Math.min(1, recoveredShare(steps) + (usedRecall ? 0.5 : 0));

  const weights = { ...REWARD_WEIGHTS };
  const total = clamp(
    weights.base * base +
      weights.efficiency * efficiency +
      weights.quality * quality +
      weights.learning * learning,
  );
  return { total, base, efficiency, quality, learning, weights };
}

function relativeEfficiency(count: number, { median_steps, episodes }: Baseline): number {
  if (median_steps === null) return 0.5;
  const relative = median_steps + count === 0 ? 0.5 : median_steps / (median_steps + count);
  const trust = episodes / (episodes + PRIOR_EPISODES);
  return clamp(0.5 + (relative - 0.5) * trust);
}

function stepQuality(steps: readonly Step[]): number {
  const classes = steps.map((step) => resultClass(step.result));
  const judged = classes.filter((result) => result !== "unknown").length;
  const succeeded = classes.filter((result) => result === "success").length;
  const share = judged === 0 ? 0.5 : succeeded / judged;

  const calls = new Set(steps.map((step) => `${step.tool}\n${canonicalJson(step.parameters)}`));
  const repeated = steps.length === 0 ? 0 : (steps.length - calls.size) / steps.length;
  return clamp(share - 0.5 * repeated);
}

/** Of the tools that failed, the share that later succeeded; 0 when none failed. */
function recoveredShare(steps: readonly Step[]): number {
  const failed = new Set<string>();
  const recovered = new Set<string>();
  for (const step of steps) {
    const result = resultClass(step.result);
    if (isError(result)) failed.add(step.tool);
    else if (result === "success" && failed.has(step.tool)) recovered.add(step.tool);
  }
  return failed.size === 0 ? 0 : (0.5 * recovered.size) / failed.size;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
