/**
 * Evidence as integers in buckets of a day and a domain. Sums of integers do not depend on their
 * order and can be taken back exactly. Where a row would have too many buckets, days and domains
 * are taken together, for good: what is added or taken back later falls into the same place. Pure.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { Bucket, Digest, Evidence } from "../types.ts";
import { episodesIn } from "./decayed.ts";

/** Buckets of a row: it stays far below what a row may hold, whatever the domains are called. */
export const BUCKETS_MAX = 1_000;
/** Domains that have buckets of their own in a row; beyond, all of them share some slots. */
const DOMAINS_MAX = 200;
const SLOTS = 16;
/** What the slots are called. A domain that is called so is in that slot. */
const SLOT_NAMES: readonly string[] = Array.from({ length: SLOTS }, (_, i) => `\u001f${i}`);
/**
 * By how much days are taken together when there are too many. Powers of it nest, so that taking
 * back stays exact.
 */
export const COARSER = 8;

/**
 * Adds (sign 1) or subtracts (−1) the evidence of a digest for a pattern, which occurred so often
 * and took so long.
 * Buckets that come to nothing are dropped.
 */
export function addToBuckets(
  row: Evidence,
  digest: Digest,
  { occurrences, latency_ms }: { occurrences: number; latency_ms: number },
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
  return bounded({ ...resolutionOf(row), buckets: withChange(row.buckets, placed(change, row)) });
}

/** The buckets, in their order, with one more change; most changes are of the last days. */
function withChange(buckets: readonly Bucket[], change: Bucket): Bucket[] {
  let at = buckets.length;
  while (at > 0 && inOrder(change, buckets[at - 1] ?? change) < 0) at -= 1;
  const before = buckets[at - 1];
  if (!before || inOrder(before, change) !== 0)
    return change.episodes > 0 ? buckets.toSpliced(at, 0, change) : [...buckets];
  const sum = added(before, change);
  return sum.episodes > 0 ? buckets.with(at - 1, sum) : buckets.toSpliced(at - 1, 1);
}

function inOrder(a: Bucket, b: Bucket): number {
  return a.day - b.day || (a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : 0);
}

/** Whether nothing is left of the evidence. */
export function isEmpty(buckets: readonly Bucket[]): boolean {
  return buckets.every((bucket) => bucket.episodes <= 0);
}

/** Episodes that the evidence comes from, ever, not decayed. */
export function episodesOf({ buckets }: Evidence): number {
  return episodesIn(buckets);
}

/** How finely the row distinguishes days and domains. */
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
    const sum = sums.get(key);
    sums.set(key, sum ? added(sum, bucket) : bucket);
  }
  return [...sums.values()].filter(({ episodes }) => episodes > 0).sort(inOrder);
}

function added(a: Bucket, b: Bucket): Bucket {
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
  if (isCrowded) next = coarsened({ ...next, slots: true });
  while (next.buckets.length > BUCKETS_MAX)
    next = coarsened({ ...next, grain: (next.grain ?? 1) * COARSER });
  return next;
}

function coarsened(row: Evidence): Evidence {
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
