/**
 * Weighs evidence by its age: what is older counts less. Applied when evidence is read, so that the
 * stored sums stay integers.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import { decay } from "../../statistics.ts";
import type { Bucket } from "../types.ts";

/**
 * Evidence of this age counts half: a month is long enough to see a task again, and short enough to
 * follow tools that change. The same for everything that is learned.
 */
const EVIDENCE_HALF_LIFE_MS = 30 * MS.day;

/** What something of this time counts now, 0…1. @param at ms since the epoch, like `now` */
export function weightAt(at: number, now: number): number {
  return decay(now - at, EVIDENCE_HALF_LIFE_MS);
}

/** As `weightAt`, for a day. @param day days since 1970-01-01 (UTC) */
export function weightOfDay(day: number, now: number): number {
  return weightAt(day * MS.day, now);
}

/** The sums of the buckets as they count now, in episodes. */
export function decayed(
  buckets: readonly Bucket[],
  now: number,
): { success: number; failure: number } {
  let success = 0;
  let failure = 0;
  for (const bucket of buckets) {
    const weight = weightOfDay(bucket.day, now) / 1000;
    success += bucket.success * weight;
    failure += bucket.failure * weight;
  }
  return { success, failure };
}
