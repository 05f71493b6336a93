/**
 * Evidence: integers in buckets of a day and a domain. Sums of integers do not depend on their order and can be taken
 * back exactly; decay is applied when they are read.
 *
 * @module
 */

import { MS } from "../limits.ts";
import type { Bucket, Contribution, Digest, PatternRow } from "./types.ts";

/** Supporting episodes that a pattern names. */
const EPISODES_KEPT = 10;

/** Adds (sign 1) or subtracts (−1) what a digest says. Buckets that come to nothing are dropped. */
export function addToBuckets(
  buckets: readonly Bucket[],
  digest: Digest,
  occurrences: number,
  latency_ms: number,
  sign: 1 | -1,
): Bucket[] {
  const day = Math.floor(digest.ended_at / MS.day);
  const { domain } = digest.context;
  const other = buckets.filter((bucket) => bucket.day !== day || bucket.domain !== domain);
  const before = buckets.find((bucket) => bucket.day === day && bucket.domain === domain);
  const after: Bucket = {
    domain,
    day,
    success: (before?.success ?? 0) + sign * digest.success,
    failure: (before?.failure ?? 0) + sign * digest.failure,
    reward: (before?.reward ?? 0) + sign * (digest.reward ?? 0),
    episodes: (before?.episodes ?? 0) + sign,
    occurrences: (before?.occurrences ?? 0) + sign * occurrences,
    latency_ms: (before?.latency_ms ?? 0) + sign * latency_ms,
  };
  const kept = after.episodes > 0 ? [...other, after] : other;
  return kept.sort((a, b) => a.day - b.day || (a.domain < b.domain ? -1 : 1));
}

export function isEmpty(buckets: readonly Bucket[]): boolean {
  return buckets.every((bucket) => bucket.episodes <= 0);
}

/** Counts one episode's contribution to a pattern. */
export function addEvidence(row: PatternRow | null, digest: Digest, contribution: Contribution): PatternRow {
  const { namespace, episode_id, ended_at } = digest;
  const before: PatternRow = row ?? {
    namespace,
    id: contribution.pattern_id,
    content: contribution.content,
    buckets: [],
    feedback: [],
    episodes: [],
    promoted: false,
    last_seen_at: 0,
  };
  const episodes = [...before.episodes.filter((known) => known.id !== episode_id), { id: episode_id, ended_at }]
    .sort((a, b) => b.ended_at - a.ended_at || (a.id < b.id ? 1 : -1))
    .slice(0, EPISODES_KEPT);
  const { occurrences, latency_ms } = contribution;
  return {
    ...before,
    buckets: addToBuckets(before.buckets, digest, occurrences, latency_ms, 1),
    episodes,
    last_seen_at: Math.max(before.last_seen_at, ended_at),
  };
}

/** Takes it back; null when nothing remains of the pattern. */
export function removeEvidence(row: PatternRow, digest: Digest, contribution: Contribution): PatternRow | null {
  const { occurrences, latency_ms } = contribution;
  const buckets = addToBuckets(row.buckets, digest, occurrences, latency_ms, -1);
  if (isEmpty(buckets)) return null;
  return { ...row, buckets, episodes: row.episodes.filter((known) => known.id !== digest.episode_id) };
}

/**
 * Moves a pattern's evidence by what a user of it said.
 *
 * @param helpful thousandths of a use that helped
 * @param unhelpful thousandths of a use that did not
 * @param sign −1 takes an earlier word back
 */
export function applyFeedback(
  row: PatternRow,
  day: number,
  helpful: number,
  unhelpful: number,
  sign: 1 | -1,
): PatternRow {
  const before = row.feedback.find((entry) => entry.day === day) ?? { day, helpful: 0, unhelpful: 0 };
  const after = { day, helpful: before.helpful + sign * helpful, unhelpful: before.unhelpful + sign * unhelpful };
  const feedback = row.feedback.filter((entry) => entry.day !== day);
  if (after.helpful > 0 || after.unhelpful > 0) feedback.push(after);
  return { ...row, feedback: feedback.sort((a, b) => a.day - b.day) };
}
