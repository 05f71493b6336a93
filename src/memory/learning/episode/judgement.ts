/**
 * Reads how an episode was judged from the thousandths of a success and of a failure that its
 * digest has, and whether a step failed. Pure.
 *
 * @module
 */

import type { ResultClass } from "../../../contract/vocabulary.ts";
import type { EpisodeDigest } from "../types.ts";

type Judged = Pick<EpisodeDigest, "success" | "failure">;

/** Thousandths from which an episode counts as a success, or as a failure. */
const HALF = 500;
/** What a failure counts of a success where a tool's use is evidence: failed runs do much right. */
const FAILURE_WEIGHT = 0.5;

/** Whether there is something to learn from it: it was neither abandoned nor abstained from. */
export function isJudged({ success, failure }: Judged): boolean {
  return success + failure > 0;
}

export function isSuccess({ success }: Pick<Judged, "success">): boolean {
  return success >= HALF;
}

export function isFailure({ failure }: Pick<Judged, "failure">): boolean {
  return failure >= HALF;
}

/** Whether a step with this result failed. */
export function isError(result: ResultClass): boolean {
  return result === "error" || result === "timeout";
}

/**
 * What the evidence of a tool's use is worth, ½…1: less where the episodes failed.
 *
 * @param unjudged what it is worth where no episode was judged
 */
export function worthOf({ success, failure }: Judged, unjudged: number): number {
  const total = success + failure;
  return total === 0 ? unjudged : (success + FAILURE_WEIGHT * failure) / total;
}
