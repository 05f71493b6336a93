/**
 * Counts the episodes that asked the memory, in two groups: those that it answered and those that
 * it was told to answer nothing. Whole numbers only, so that an episode is taken back exactly, and
 * the order in which episodes come changes nothing. Pure.
 *
 * @module
 */

import { isJudged } from "../learning/episode/judgement.ts";
import type { EpisodeDigest, PathStep, RecallGroup } from "../learning/types.ts";

/** What is known of the episodes of a group. */
export interface GroupSums {
  /** Episodes whose outcome says whether they succeeded: what follows is about these. */
  judged: number;
  /** The others: abandoned, or abstained. */
  unjudged: number;
  /** Thousandths of a success. */
  success: number;
  /** Episodes in which an error was met again. */
  repeated: number;
  steps: number;
  /** Of the squares, for the variance. */
  steps_squared: number;
}

/** The two groups that one share made. */
export interface HoldoutSums {
  /** Hundredths of all episodes that were to be held out. */
  percent: number;
  shown: GroupSums;
  held_out: GroupSums;
}

const NOTHING: GroupSums = {
  judged: 0,
  unjudged: 0,
  success: 0,
  repeated: 0,
  steps: 0,
  steps_squared: 0,
};

/** What is counted of a digest. */
interface Counted extends Pick<EpisodeDigest, "success" | "failure" | "path"> {
  recall_group?: RecallGroup | undefined;
  omitted?: { steps: number } | undefined;
}

/**
 * Counts an episode (sign 1), or takes it back (−1); one that asked nothing changes nothing. There
 * is an entry for each share that was in force, by size: groups of different shares are of
 * different times, and are not mixed.
 */
export function countInGroup(
  all: readonly HoldoutSums[],
  digest: Counted,
  sign: 1 | -1,
): readonly HoldoutSums[] {
  const group = digest.recall_group;
  if (!group) return all;
  const { percent, held_out } = group;
  const before = all.find((sums) => sums.percent === percent);
  const { shown, held_out: held } = before ?? { shown: NOTHING, held_out: NOTHING };
  const after: HoldoutSums = {
    percent,
    shown: held_out ? shown : sumOf(shown, digest, sign),
    held_out: held_out ? sumOf(held, digest, sign) : held,
  };
  const others = all.filter((sums) => sums.percent !== percent);
  if (isNothing(after.shown) && isNothing(after.held_out)) return others;
  return [...others, after].sort((a, b) => a.percent - b.percent);
}

function sumOf(sums: GroupSums, digest: Counted, sign: 1 | -1): GroupSums {
  if (!isJudged(digest)) return { ...sums, unjudged: sums.unjudged + sign };
  const steps = digest.path.length + (digest.omitted?.steps ?? 0);
  return {
    judged: sums.judged + sign,
    unjudged: sums.unjudged,
    success: sums.success + sign * digest.success,
    repeated: sums.repeated + (isErrorRepeated(digest.path) ? sign : 0),
    steps: sums.steps + sign * steps,
    steps_squared: sums.steps_squared + sign * steps * steps,
  };
}

/** Whether a tool failed twice with an error of the same template. */
function isErrorRepeated(path: readonly PathStep[]): boolean {
  const met = new Set<string>();
  for (const { tool, error } of path) {
    if (error === null) continue;
    const failure = `${tool}\n${error}`;
    if (met.has(failure)) return true;
    met.add(failure);
  }
  return false;
}

function isNothing({ judged, unjudged }: GroupSums): boolean {
  return judged === 0 && unjudged === 0;
}
