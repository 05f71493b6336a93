/**
 * The parts that a Durable Object is made of, and its next alarm: each part says when it has
 * something to do, and the alarm is set for the least of these times.
 *
 * @module
 */

/** Something that an object does, with the tables that it keeps. Its dependencies are explicit. */
export interface Part {
  /** Statements that make its tables, run each time the object starts: `… IF NOT EXISTS`. */
  readonly schema?: readonly string[];
  /**
   * When it has something to do, ms since the epoch; null: nothing. Asked after each call that
   * wrote, so it must be cheap.
   */
  nextAt?(now: number): number | null;
  /** Does what is due. What it throws is counted and logged, and it is run again later. */
  onAlarm?(now: number): Promise<void> | void;
}

/** When a part wants the alarm, and from when on it may have it. */
export interface PartDue {
  /** ms since the epoch; null: it does not want it. */
  nextAt: number | null;
  /** It failed, and is not run before this, ms since the epoch; 0: it did not. */
  notBefore: number;
  /** It is never run sooner than this from now, ms. */
  minDelayMs: number;
}

/** When the alarm must ring, ms since the epoch; null: no part wants it. Pure. */
export function computeNextAlarm(parts: readonly PartDue[], now: number): number | null {
  let least: number | null = null;
  for (const { nextAt, notBefore, minDelayMs } of parts) {
    if (nextAt === null) continue;
    const at = Math.max(nextAt, notBefore, now + minDelayMs);
    if (least === null || at < least) least = at;
  }
  return least;
}
