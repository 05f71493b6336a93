/**
 * Computes how long to wait before what failed is tried again, and whether that time is over.
 *
 * @module
 */

/** Doublings beyond this change nothing: the longest wait is reached long before. */
const DOUBLINGS_MAX = 10;

/**
 * `minMs` after the first failure, twice as long after each further one, at most `maxMs`. Without
 * jitter: who needs some draws from 0 to this.
 *
 * @param failures in a row, ≥ 1
 */
export function backoffMs(failures: number, minMs: number, maxMs: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX));
}

/**
 * Whether a wait that was to end at a time is over. One that has longer to go than it ever was is,
 * too: the clock was set back meanwhile, and nobody is to wait for it to come there again.
 *
 * @param until ms since the epoch
 * @param longestMs that such a wait takes
 */
export function isWaitOver(until: number, now: number, longestMs: number): boolean {
  return until <= now || until > now + longestMs;
}
