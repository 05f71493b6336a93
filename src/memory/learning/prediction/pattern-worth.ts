/**
 * Says whether a pattern is worth a word for a task: whether the similar runs that showed it did
 * better or worse than others of the same and of similar tasks that had come as far. Pure.
 *
 * @module
 */

import type { EpisodeDigest } from "../types.ts";
import { compared, isClearlyWorse, type ExpectedOutcomes } from "./expected-outcomes.ts";

/** Similar runs that showed a pattern, below which they say nothing of it. */
const RUNS_MIN = 3;
/** Standard errors by which they did worse than expected. */
const ERRORS_MIN = 1.96;

/**
 * better, worse: than was to be expected; alike: neither, or not clearly; unknown: too few of the
 * similar runs showed it.
 */
export type PatternWorth = "better" | "worse" | "alike" | "unknown";

/**
 * @param tools that it is about, in order
 * @param runs judged ones that showed it
 */
export function worthOfPattern(
  tools: readonly string[],
  runs: readonly EpisodeDigest[],
  expected: ExpectedOutcomes,
): PatternWorth {
  if (runs.length < RUNS_MIN) return "unknown";
  const comparison = compared(
    runs.map((run) => ({ run, at: placeOf(tools, run) })),
    expected,
  );
  if (!comparison) return "unknown";
  if (isClearlyWorse(comparison, ERRORS_MIN)) return "worse";
  return comparison.success > comparison.expected ? "better" : "alike";
}

/** Where a run took the last of these tools after the others; 0 where that cannot be found. */
function placeOf(tools: readonly string[], { path }: EpisodeDigest): number {
  for (let from = 0; from + tools.length <= path.length; from++) {
    let same = 0;
    while (same < tools.length && path[from + same]?.tool === tools[same]) same += 1;
    if (same === tools.length) return from + tools.length - 1;
  }
  return 0;
}
