/**
 * Evidence: integers in buckets of a day and a domain. Sums of integers do not depend on their
 * order and can be taken back exactly; decay is applied when they are read.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { Bucket, Contribution, Digest, Evidence, PatternRow } from "./types.ts";

/** Supporting episodes that a pattern names. */
const EPISODES_KEPT = 10;

/** Buckets of a row: it stays far below what a row may hold, whatever the domains are called. */
const BUCKETS_MAX = 1_000;
/** Domains that have buckets of their own in a row. */
const DOMAINS_MAX = 200;
const SLOTS = 16;
/**
 * By how much days are taken together when there are too many. Powers of it nest, so that taking
 * back stays exact.
 */
const COARSER = 8;

/** Adds (sign 1) or subtracts (−1) what a digest says. Buckets that come to nothing are dropped. */
export function addToBuckets(
  row: Evidence,
  digest: Digest,
  occurrences: number,
  latency_ms: number,
  sign: 1 | -1,
): Evidence {
  const change: Bucket = {
    domain: digest.context.domain,
    day: Math.floor(digest.ended_at / MS.day),
    success: sign * digest.success,
    failure: sign * digest.failure,
    reward: sign * (digest.reward ?? 0),
    episodes: sign,
    occurrences: sign * occurrences,
    latency_ms: sign * latency_ms,
  };
  return bounded({ ...resolutionOf(row), buckets: merged([...row.buckets, placed(change, row)]) });
}

/** How finely the row tells days and domains apart. */
function resolutionOf({ grain, slots }: Evidence): Pick<Evidence, "grain" | "slots"> {
  return { ...(grain === undefined ? {} : { grain }), ...(slots ? { slots } : {}) };
}

/** The bucket, where the row keeps what is of its day and domain. */
function placed(bucket: Bucket, { grain = 1, slots }: Evidence): Bucket {
  const day = Math.floor(bucket.day / grain) * grain;
  return { ...bucket, day, domain: slots ? slotOf(bucket.domain) : bucket.domain };
}

/** Buckets of the same day and domain as one, in order; without those that no episode is in. */
function merged(buckets: readonly Bucket[]): Bucket[] {
  const sums = new Map<string, Bucket>();
  for (const bucket of buckets) {
    const key = `${bucket.day} ${bucket.domain}`;
    const before = sums.get(key);
    sums.set(key, before ? sum(before, bucket) : bucket);
  }
  return [...sums.values()]
    .filter(({ episodes }) => episodes > 0)
    .sort((a, b) => a.day - b.day || (a.domain < b.domain ? -1 : 1));
}

function sum(a: Bucket, b: Bucket): Bucket {
  return {
    domain: a.domain,
    day: a.day,
    success: a.success + b.success,
    failure: a.failure + b.failure,
    reward: a.reward + b.reward,
    episodes: a.episodes + b.episodes,
    occurrences: a.occurrences + b.occurrences,
    latency_ms: a.latency_ms + b.latency_ms,
  };
}

/** Takes domains, and then days, together until there are not too many buckets. */
function bounded(row: Evidence): Evidence {
  let next = row;
  const isCrowded =
    !row.slots &&
    row.buckets.length > DOMAINS_MAX &&
    new Set(row.buckets.map(({ domain }) => domain)).size > DOMAINS_MAX;
  if (isCrowded) next = coarser({ ...next, slots: true });
  while (next.buckets.length > BUCKETS_MAX)
    next = coarser({ ...next, grain: (next.grain ?? 1) * COARSER });
  return next;
}

function coarser(row: Evidence): Evidence {
  return { ...row, buckets: merged(row.buckets.map((bucket) => placed(bucket, row))) };
}

/** One of a few names; the same for the same domain, and for a slot itself. */
function slotOf(domain: string): string {
  if (SLOT_NAMES.includes(domain)) return domain;
  // FNV-1a (Fowler, Noll, Vo), 32 bits.
  let hash = 0x811c9dc5;
  for (let i = 0; i < domain.length; i++)
    hash = Math.imul(hash ^ domain.charCodeAt(i), 0x01000193) >>> 0;
  return SLOT_NAMES[hash % SLOTS] ?? "";
}

/** What the slots are called. A domain that is called so is in that slot. */
const SLOT_NAMES: readonly string[] = Array.from({ length: SLOTS }, (_, i) => `\u001f${i}`);

export function isEmpty(buckets: readonly Bucket[]): boolean {
  return buckets.every((bucket) => bucket.episodes <= 0);
}

/** Counts one episode's contribution to a pattern. */
export function addEvidence(
  row: PatternRow | null,
  digest: Digest,
  contribution: Contribution,
): PatternRow {
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
  const episodes = [
    ...before.episodes.filter((known) => known.id !== episode_id),
    { id: episode_id, ended_at },
  ]
    .sort((a, b) => b.ended_at - a.ended_at || (a.id < b.id ? 1 : -1))
    .slice(0, EPISODES_KEPT);
  const { occurrences, latency_ms } = contribution;
  return {
    ...before,
    ...addToBuckets(before, digest, occurrences, latency_ms, 1),
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
  const { occurrences, latency_ms } = contribution;
  const rest = addToBuckets(row, digest, occurrences, latency_ms, -1);
  if (isEmpty(rest.buckets)) return null;
  return {
    ...row,
    ...rest,
    episodes: row.episodes.filter((known) => known.id !== digest.episode_id),
  };
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
  const words = [...row.feedback, { day, helpful: sign * helpful, unhelpful: sign * unhelpful }];
  let grain = row.feedback_grain ?? 1;
  let feedback = summed(words, grain);
  while (feedback.length > BUCKETS_MAX) {
    grain *= COARSER;
    feedback = summed(feedback, grain);
  }
  return { ...row, feedback, ...(grain === 1 ? {} : { feedback_grain: grain }) };
}

type Words = PatternRow["feedback"];

/** Words of so many days as one, in order; without those that come to nothing. */
function summed(words: Words, grain: number): Words {
  const sums = new Map<number, Words[number]>();
  for (const word of words) {
    const day = Math.floor(word.day / grain) * grain;
    const before = sums.get(day) ?? { day, helpful: 0, unhelpful: 0 };
    sums.set(day, {
      day,
      helpful: before.helpful + word.helpful,
      unhelpful: before.unhelpful + word.unhelpful,
    });
  }
  return [...sums.values()]
    .filter(({ helpful, unhelpful }) => helpful > 0 || unhelpful > 0)
    .sort((a, b) => a.day - b.day);
}
