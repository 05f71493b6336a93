/**
 * Compares the two groups of a hold-out: what the memory's answers changed, with 95 % intervals, and
 * how many episodes are still needed to say. The groups were drawn by lot, so that nothing but the
 * answers tells them apart. Pure.
 *
 * @module
 */

import type {
  HoldoutComparisonView,
  HoldoutDifferenceView,
} from "../../contract/knowledge/answers.ts";
import {
  newcombeInterval,
  observationsFor,
  welchInterval,
  wilsonInterval,
  type Proportion,
  type Sample,
} from "../statistics.ts";
import type { GroupSums, HoldoutSums } from "./sums.ts";

/** A difference of success that is worth finding, however small the one seen so far is. */
const DIFFERENCE_MIN = 0.05;
const NO_DIFFERENCE: HoldoutDifferenceView = { value: null, low: null, high: null };

export function compareGroups({ percent, shown, held_out }: HoldoutSums): HoldoutComparisonView {
  const share = percent / 100;
  const success = differenceOf(successOf(shown), successOf(held_out));
  return {
    share,
    shown: groupView(shown),
    held_out: groupView(held_out),
    effect: {
      success,
      error_repeated: differenceOf(repeatedOf(shown), repeatedOf(held_out)),
      steps: differenceOfSteps(stepsOf(shown), stepsOf(held_out)),
    },
    verdict: verdictOf(success),
    still_needed: stillNeeded({ percent, shown, held_out }),
  };
}

function successOf({ success, judged }: GroupSums): Proportion {
  return { successes: success / 1000, total: judged };
}

function repeatedOf({ repeated, judged }: GroupSums): Proportion {
  return { successes: repeated, total: judged };
}

function stepsOf({ judged, steps, steps_squared }: GroupSums): Sample {
  return { count: judged, sum: steps, squares: steps_squared };
}

function groupView(sums: GroupSums): HoldoutComparisonView["shown"] {
  const { judged, unjudged, steps } = sums;
  return {
    episodes: judged,
    unjudged,
    success: rateOf(successOf(sums)),
    error_repeated: rateOf(repeatedOf(sums)),
    mean_steps: judged > 0 ? steps / judged : null,
  };
}

function rateOf(proportion: Proportion): HoldoutComparisonView["shown"]["success"] {
  const { successes, total } = proportion;
  if (total === 0) return { rate: null, low: null, high: null };
  const [low, high] = wilsonInterval(successes, total);
  return { rate: successes / total, low, high };
}

function differenceOf(a: Proportion, b: Proportion): HoldoutDifferenceView {
  if (a.total === 0 || b.total === 0) return NO_DIFFERENCE;
  const [low, high] = newcombeInterval(a, b);
  return { value: a.successes / a.total - b.successes / b.total, low, high };
}

function differenceOfSteps(a: Sample, b: Sample): HoldoutDifferenceView {
  const interval = welchInterval(a, b);
  if (!interval) return NO_DIFFERENCE;
  const [low, high] = interval;
  return { value: a.sum / a.count - b.sum / b.count, low, high };
}

function verdictOf({ low, high }: HoldoutDifferenceView): HoldoutComparisonView["verdict"] {
  if (low !== null && low > 0) return "helps";
  return high !== null && high < 0 ? "harms" : "undecided";
}

/** Rates are drawn to one half a little, so that a few equal outcomes do not look certain. */
function stillNeeded({ percent, shown, held_out }: HoldoutSums): number {
  const [p, q] = [shown, held_out].map(
    ({ success, judged }) => (success / 1000 + 1) / (judged + 2),
  ) as [number, number];
  const difference = Math.max(DIFFERENCE_MIN, Math.abs(p - q));
  const needed = observationsFor([p, q], difference, percent / 100);
  return Math.max(0, needed - shown.judged - held_out.judged);
}
