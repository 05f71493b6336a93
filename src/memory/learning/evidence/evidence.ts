/**
 * Moves a pattern's evidence by one episode, or by one judgement of a recall. Each function
 * gives a new row; adding and taking back are exact inverses, in any order. Pure.
 *
 * @module
 */

import { patternId } from "../patterns/identity.ts";
import type { Contribution, Digest, PatternRow } from "../types.ts";
import { addToBuckets, BUCKETS_MAX, COARSER, isEmpty } from "./buckets.ts";

/** Supporting episodes that a pattern names. */
const NAMED_EPISODES_MAX = 10;

/** Counts one episode's contribution to a pattern. @param row null: the pattern is new */
export function addEvidence(
  row: PatternRow | null,
  digest: Digest,
  contribution: Contribution,
): PatternRow {
  const { namespace, episode_id, ended_at } = digest;
  const before: PatternRow = row ?? {
    namespace,
    id: patternId(namespace, contribution.key),
    content: contribution.content,
    buckets: [],
    feedback: [],
    episodes: [],
    promoted: false,
    last_seen_at: 0,
  };
  const episodes = [
    ...before.episodes.filter(({ id }) => id !== episode_id),
    { id: episode_id, ended_at },
  ]
    .sort((a, b) => b.ended_at - a.ended_at || (a.id < b.id ? 1 : -1))
    .slice(0, NAMED_EPISODES_MAX);
  return {
    ...before,
    ...addToBuckets(before, digest, contribution, 1),
    episodes,
    last_seen_at: Math.max(before.last_seen_at, ended_at),
  };
}

/** Takes it back; null when nothing remains of the pattern. */
export function removeEvidence(
  row: PatternRow,
  digest: Digest,
  contribution: Contribution,
): PatternRow | null {
  const rest = addToBuckets(row, digest, contribution, -1);
  if (isEmpty(rest.buckets)) return null;
  return {
    ...row,
    ...rest,
    episodes: row.episodes.filter(({ id }) => id !== digest.episode_id),
  };
}

/** Judged uses of a pattern on a day: thousandths of a use that helped, and that did not. */
type Feedback = PatternRow["feedback"][number];

/** Counts a judged use of the pattern (sign 1), or takes it back (−1). */
export function applyFeedback(row: PatternRow, use: Feedback, sign: 1 | -1): PatternRow {
  const { day, helpful, unhelpful } = use;
  const uses = [...row.feedback, { day, helpful: sign * helpful, unhelpful: sign * unhelpful }];
  let grain = row.feedback_grain ?? 1;
  let feedback = summed(uses, grain);
  while (feedback.length > BUCKETS_MAX) {
    grain *= COARSER;
    feedback = summed(feedback, grain);
  }
  return { ...row, feedback, ...(grain === 1 ? {} : { feedback_grain: grain }) };
}

/** Feedback of so many days as one, in order; without what comes to nothing. */
function summed(uses: readonly Feedback[], grain: number): Feedback[] {
  const sums = new Map<number, Feedback>();
  for (const use of uses) {
    const day = Math.floor(use.day / grain) * grain;
    const sum = sums.get(day) ?? { day, helpful: 0, unhelpful: 0 };
    sums.set(day, {
      day,
      helpful: sum.helpful + use.helpful,
      unhelpful: sum.unhelpful + use.unhelpful,
    });
  }
  return [...sums.values()]
    .filter(({ helpful, unhelpful }) => helpful > 0 || unhelpful > 0)
    .sort((a, b) => a.day - b.day);
}
