/**
 * Limits a rate: so many requests a second on average, and so many at once. Pure: the bucket and
 * the time go in, the bucket as it is afterwards comes out.
 *
 * @module
 */

export interface BucketLimit {
  /** Tokens that come back each second, > 0. */
  per_second: number;
  /** The most tokens there are, ≥ 1. */
  burst: number;
}

/** Plain data: what was left in it, and when. */
export interface Bucket {
  tokens: number;
  /** ms since the epoch. */
  at: number;
}

export interface Taken {
  /** What is left, to be kept. */
  bucket: Bucket;
  /** How many of the wanted tokens there were. */
  granted: number;
  /** Whole tokens that are left. */
  remaining: number;
  /** Until there is one more token, ms; 0 when there is one. */
  wait_ms: number;
}

/** Sums of shares of a token may fall short of a whole one by this. */
const ROUNDING = 1e-6;

/** Takes as many of the wanted tokens as there are. @param bucket null: a full one */
export function takeTokens(
  bucket: Bucket | null,
  limit: BucketLimit,
  wanted: number,
  now: number,
): Taken {
  const elapsed = bucket ? Math.max(0, now - bucket.at) : 0;
  const before = bucket ? bucket.tokens : limit.burst;
  const tokens = Math.min(limit.burst, before + (elapsed / 1000) * limit.per_second);
  const granted = Math.max(0, Math.min(wanted, Math.floor(tokens + ROUNDING)));
  const left = tokens - granted;

  return {
    // A clock that was set back goes on from there: else none would come until it is there again.
    bucket: { tokens: left, at: now },
    granted,
    remaining: Math.floor(left),
    wait_ms: left >= 1 ? 0 : Math.ceil(((1 - left) / limit.per_second) * 1000),
  };
}
