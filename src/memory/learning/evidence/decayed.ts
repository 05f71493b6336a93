/**
 * Weighs evidence by its age: what is older counts less. Applied when evidence is read, so that the
 * stored sums stay integers.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import { decay } from "../../statistics.ts";
import type { Bucket } from "../types.ts";
import { changeIn, type Uses } from "./change.ts";

/**
 * Evidence is kept in two memories that forget at different speeds. The short one is long enough to
 * see a task again, and short enough to follow tools that change. The long one keeps what nothing
 * newer contradicts: history that is a year old says less, and still says something. The same for
 * everything that is learned.
 */
const MEMORIES = [
  { share: 0.75, halfLifeMs: 30 * MS.day },
  { share: 0.25, halfLifeMs: 365 * MS.day },
] as const;

/** What something of this time counts now, 0…1. @param at ms since the epoch, like `now` */
export function weightAt(at: number, now: number): number {
  return MEMORIES.reduce(
    (sum, { share, halfLifeMs }) => sum + share * decay(now - at, halfLifeMs),
    0,
  );
}

/** As `weightAt`, for a day. @param day days since 1970-01-01 (UTC) */
export function weightOfDay(day: number, now: number): number {
  return weightAt(day * MS.day, now);
}

/** Successes and failures, in episodes. */
export interface Support {
  success: number;
  failure: number;
}

/** What evidence comes to, without regard to its age, and by domain as of its last day. */
interface Sums {
  /** Days since 1970-01-01. */
  lastDay: number;
  /** It worked for days and has stopped. */
  hasStopped: boolean;
  /** In each memory, of each domain. */
  ofLastDay: readonly (readonly (Support & { domain: string })[])[];
  success: number;
  episodes: number;
  occurrences: number;
  latency_ms: number;
}

/**
 * What lists of buckets came to, as long as they are there: a list never changes, and evidence is
 * read far more often than it grows. It changes no result.
 */
const remembered = new WeakMap<readonly Bucket[], Sums>();

/** Sums over all buckets, in their units. */
export function totals(
  buckets: readonly Bucket[],
): Omit<Sums, "lastDay" | "ofLastDay" | "hasStopped"> {
  return sumsOf(buckets);
}

/** Episodes of all buckets: of a list that just grew, nothing else is asked. */
export function episodesIn(buckets: readonly Bucket[]): number {
  const known = remembered.get(buckets);
  if (known) return known.episodes;
  let sum = 0;
  for (const { episodes } of buckets) sum += episodes;
  return sum;
}

/**
 * Whether what used to work has stopped working, by the days of the evidence: those of one day have
 * no order.
 */
export function hasStopped(buckets: readonly Bucket[]): boolean {
  return sumsOf(buckets).hasStopped;
}

/** The sums of the buckets as they count now. */
export function decayed(buckets: readonly Bucket[], now: number): Support {
  const sum = { success: 0, failure: 0 };
  for (const { success, failure } of decayedByDomain(buckets, now).values()) {
    sum.success += success;
    sum.failure += failure;
  }
  return sum;
}

/** As `decayed`, by domain. Linear in the domains: all evidence of one memory ages alike. */
export function decayedByDomain(
  buckets: readonly Bucket[],
  now: number,
): ReadonlyMap<string, Support> {
  const { lastDay, ofLastDay } = sumsOf(buckets);
  // What is dated in the future does not age yet.
  if (lastDay * MS.day > now) return summed(buckets, (day) => weightOfDay(day, now));
  const byDomain = new Map<string, Support>();
  for (let i = 0; i < MEMORIES.length; i++) {
    const { share, halfLifeMs } = MEMORIES[i] ?? MEMORIES[0];
    const weight = share * decay(now - lastDay * MS.day, halfLifeMs);
    for (const { domain, success, failure } of ofLastDay[i] ?? []) {
      const sum = byDomain.get(domain);
      if (sum) {
        sum.success += success * weight;
        sum.failure += failure * weight;
      } else byDomain.set(domain, { success: success * weight, failure: failure * weight });
    }
  }
  return byDomain;
}

function sumsOf(buckets: readonly Bucket[]): Sums {
  const known = remembered.get(buckets);
  if (known) return known;

  const lastDay = buckets.reduce((last, { day }) => Math.max(last, day), 0);
  const ofLastDay = MEMORIES.map(({ halfLifeMs }) =>
    [...summed(buckets, (day) => decay((lastDay - day) * MS.day, halfLifeMs))].map(
      ([domain, support]) => ({ domain, ...support }),
    ),
  );
  const { hasChanged } = changeIn(byDay(buckets));
  const sums = {
    lastDay,
    ofLastDay,
    hasStopped: hasChanged,
    success: 0,
    episodes: 0,
    occurrences: 0,
    latency_ms: 0,
  };
  for (const bucket of buckets) {
    sums.success += bucket.success;
    sums.episodes += bucket.episodes;
    sums.occurrences += bucket.occurrences;
    sums.latency_ms += bucket.latency_ms;
  }
  remembered.set(buckets, sums);
  return sums;
}

/** In episodes, the first day first. */
function byDay(buckets: readonly Bucket[]): Uses[] {
  const days = new Map<number, Uses>();
  for (const { day, success, failure } of buckets) {
    const sum = days.get(day) ?? { success: 0, failure: 0 };
    days.set(day, sum);
    sum.success += success / 1000;
    sum.failure += failure / 1000;
  }
  return [...days].sort(([a], [b]) => a - b).map(([, sum]) => sum);
}

function summed(
  buckets: readonly Bucket[],
  weightOf: (day: number) => number,
): Map<string, Support> {
  const byDomain = new Map<string, Support>();
  for (const { domain, day, success, failure } of buckets) {
    const weight = weightOf(day) / 1000;
    const sum = byDomain.get(domain) ?? { success: 0, failure: 0 };
    byDomain.set(domain, sum);
    sum.success += success * weight;
    sum.failure += failure * weight;
  }
  return byDomain;
}
