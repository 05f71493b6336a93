/**
 * Rate limits by key. A key's bucket lives at the instance that the key hashes to; the others lease a few tokens at a
 * time, so that most requests ask nobody.
 *
 * @module
 */

import type { RateView } from "../memory/operations.ts";
import { homeOf } from "../memory/rendezvous.ts";
import { takeTokens, type Bucket, type BucketLimit } from "../resilience/index.ts";
import type { Ground } from "./ground.ts";
import { Refused } from "./refused.ts";

/** Buckets that are kept; a key that was not seen for long has a full one anyway. */
const BUCKETS_MAX = 10_000;
/** Leased tokens that were not used by then are given up, ms. */
const LEASE_MS = 1_000;
/** A lease is at most this share of the burst. */
const LEASE_SHARE = 50;
const LEASE_TOKENS_MAX = 50;

interface Lease {
  tokens: number;
  until: number;
  view: RateView;
}

export interface TokenAnswer {
  granted: number;
  remaining: number;
  wait_ms: number;
}

export class Limiter {
  readonly #ground: Ground;
  readonly #buckets = new Map<string, Bucket>();
  readonly #leases = new Map<string, Lease>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Takes one token of the key. Throws `Refused` when there is none. */
  async take(key: string): Promise<RateView> {
    for (;;) {
      const lease = this.#leases.get(key);
      if (lease && lease.until > this.#ground.now() && lease.tokens > 0) {
        lease.tokens -= 1;
        return { ...lease.view, remaining: lease.view.remaining + lease.tokens };
      }
      const asking = this.#asking.get(key);
      if (asking) await asking;
      else {
        const lent = this.#lend(key).finally(() => this.#asking.delete(key));
        this.#asking.set(key, lent);
        await lent;
      }
    }
  }

  /** At the key's home: takes up to so many tokens of its bucket. */
  grant(key: string, wanted: number): TokenAnswer {
    const taken = takeTokens(this.#buckets.get(key) ?? null, this.#limit(), wanted, this.#ground.now());
    this.#buckets.delete(key);
    this.#buckets.set(key, taken.bucket);
    if (this.#buckets.size > BUCKETS_MAX) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return { granted: taken.granted, remaining: taken.remaining, wait_ms: taken.wait_ms };
  }

  async #lend(key: string): Promise<void> {
    const { now, place, ask, log } = this.#ground;
    const limit = this.#limit();
    const wanted = Math.max(1, Math.min(LEASE_TOKENS_MAX, Math.floor(limit.burst / LEASE_SHARE)));
    const { index, count } = place();
    const home = homeOf(`key:${key}`, count);
    let answer: TokenAnswer;
    try {
      answer = home === index ? this.grant(key, wanted) : await ask(home, "rate_take", { key, wanted });
    } catch (error) {
      // Nobody counts at the moment: letting requests through is the lesser harm.
      log({ event: "rate_limit_unavailable", level: "warn", reason: String(error) });
      answer = { granted: wanted, remaining: limit.burst, wait_ms: 0 };
    }
    const view = { ...limit, remaining: answer.remaining, reset_s: Math.ceil(answer.wait_ms / 1000) };
    if (this.#leases.size > BUCKETS_MAX) this.#leases.clear();
    this.#leases.set(key, { tokens: answer.granted, until: now() + LEASE_MS, view });
    if (answer.granted > 0) return;
    const detail = `The key may make ${limit.per_second} requests a second and ${limit.burst} at once. Try again later.`;
    throw new Refused("rate_limited", detail, { retry_after_s: Math.max(1, view.reset_s), rate: view });
  }

  #limit(): BucketLimit {
    const { rate_limit_per_second, rate_limit_burst } = this.#ground.settings();
    return { per_second: rate_limit_per_second, burst: rate_limit_burst };
  }
}
