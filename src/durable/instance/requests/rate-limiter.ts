/**
 * Rate limits by key. A key's bucket lives at the instance that the key hashes to; the others lease
 * tokens from it: as many as wait there at that moment, or as the key's recent rate at that
 * instance will need in the next moment, so that a busy instance asks for few of its requests and
 * an idle one takes hardly a token that it does not use.
 *
 * The bucket grants no token twice. So a key never gets more than its burst and its rate since it
 * was first seen, and in any window at most its burst, its rate, and what the rate gives in the
 * time that a lease lasts (`LEASE_MS`). Where the bucket's home is out of reach, requests are let
 * through.
 *
 * @module
 */

import type { RateView } from "../../../contract/call.ts";
import { homeOf } from "../../../memory/rendezvous.ts";
import { takeTokens, type Bucket, type BucketLimit } from "../../../resilience/index.ts";
import type { TokenAnswer } from "../../shared/instance/protocol.ts";
import { Refused } from "../../shared/refusals.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import type { InstanceContext } from "../context.ts";

/** Keys that are kept; the bucket of one that was not seen for long is full anyway. */
const KEYS_MAX = 10_000;
/** Leased tokens that were not used by then are given up, ms. */
export const LEASE_MS = 1_000;
/** Tokens are leased in advance for this long at the key's rate, s. */
const ADVANCE_S = 0.2;
/** At most so many tokens are leased in advance. */
const ADVANCE_TOKENS_MAX = 50;
/**
 * None is leased in advance while the bucket holds less than this share of its burst: others need
 * them now.
 */
const ADVANCE_BURST_SHARE = 0.2;
/** The rate is an average that forgets with this time constant, ms. */
const RATE_TIME_CONSTANT_MS = 1_000;

/** What an instance has of a key. */
interface Lease {
  tokens: number;
  until: number;
  /** What the key's home last answered; null: it was never asked. */
  view: RateView | null;
  /**
   * Requests of the last moment, weighed less the longer ago they came: the rate a second, as of
   * `at`.
   */
  rate: number;
  at: number;
  /** Requests that want a token and have none yet. */
  waiting: number;
  asking: Promise<void> | null;
}

/** Tokens that a call took. */
export interface Taken {
  count: number;
  view: RateView;
}

export type RateLimiterDeps = Pick<InstanceContext, "now" | "place" | "settings" | "log"> & {
  /** Asks the instance that is a key's home. */
  ask: (
    home: number,
    name: "rate_take",
    input: { key: string; wanted: number },
  ) => Promise<TokenAnswer>;
};

export class RateLimiter {
  readonly #deps: RateLimiterDeps;
  readonly #buckets = new BoundedMap<string, Bucket>(KEYS_MAX);
  readonly #leases = new BoundedMap<string, Lease>(KEYS_MAX);

  constructor(deps: RateLimiterDeps) {
    this.#deps = deps;
  }

  /**
   * Takes tokens of the key: as many as are wanted, or as there are, one at least. Throws `Refused`
   * when there is none.
   */
  async take(key: string, wanted = 1): Promise<Taken> {
    const lease = this.#lease(key);
    const now = this.#deps.now();
    const faded = lease.rate * Math.exp((lease.at - now) / RATE_TIME_CONSTANT_MS);
    lease.rate = faded + (wanted * 1_000) / RATE_TIME_CONSTANT_MS;
    lease.at = now;
    let left = wanted;
    lease.waiting += left;
    try {
      for (;;) {
        if (lease.view && lease.until > this.#deps.now() && lease.tokens > 0) {
          const more = Math.min(left, lease.tokens);
          lease.tokens -= more;
          lease.waiting -= more;
          left -= more;
          if (left === 0) return takenOf(lease.view, lease.tokens, wanted);
        }
        lease.asking ??= this.#lend(key, lease).finally(() => {
          lease.asking = null;
        });
        await lease.asking;
      }
    } catch (error) {
      if (left === wanted || !lease.view || !(error instanceof Refused)) throw error;
      return takenOf(lease.view, lease.tokens, wanted - left);
    } finally {
      lease.waiting -= left;
    }
  }

  /** At the key's home: takes up to so many tokens of its bucket. */
  grant(key: string, wanted: number): TokenAnswer {
    const taken = takeTokens(
      this.#buckets.get(key) ?? null,
      this.#limit(),
      wanted,
      this.#deps.now(),
    );
    this.#buckets.set(key, taken.bucket);
    return { granted: taken.granted, remaining: taken.remaining, wait_ms: taken.wait_ms };
  }

  #lease(key: string): Lease {
    const at = this.#deps.now();
    const fresh = { tokens: 0, until: 0, view: null, rate: 0, at, waiting: 0, asking: null };
    const lease = this.#leases.get(key) ?? fresh;
    this.#leases.set(key, lease);
    return lease;
  }

  /** Asks the key's home for tokens. Throws `Refused` when it has none. */
  async #lend(key: string, lease: Lease): Promise<void> {
    const limit = this.#limit();
    const answer = await this.#ask(key, this.#wanted(lease, limit), limit);
    const reset_s = Math.ceil(answer.wait_ms / 1000);
    lease.view = { ...limit, remaining: answer.remaining, reset_s };
    lease.tokens = answer.granted;
    lease.until = this.#deps.now() + LEASE_MS;
    if (answer.granted > 0) return;

    const detail = `The key may make ${limit.per_second} requests a second and ${limit.burst} at once. Try again later.`;
    const retry_after_s = Math.max(1, reset_s);
    throw new Refused("rate_limited", detail, { retry_after_s, rate: lease.view });
  }

  /** How many tokens to ask for: as many as wait here, or as will be needed in a moment. */
  #wanted({ view, rate, waiting }: Lease, { burst }: BucketLimit): number {
    const isLow = view !== null && view.remaining < burst * ADVANCE_BURST_SHARE;
    const advance = isLow ? 0 : Math.min(ADVANCE_TOKENS_MAX, Math.floor(rate * ADVANCE_S));
    return Math.max(1, Math.min(Math.ceil(burst), Math.max(waiting, advance)));
  }

  async #ask(key: string, wanted: number, { burst }: BucketLimit): Promise<TokenAnswer> {
    const { place, ask, log } = this.#deps;
    const { index, count } = place();
    const home = homeOf(`key:${key}`, count);
    try {
      if (home === index) return this.grant(key, wanted);
      return await ask(home, "rate_take", { key, wanted });
    } catch (error) {
      // Nobody counts at the moment: letting requests through is the lesser harm.
      log({ event: "rate_limit_unavailable", level: "warn", reason: String(error) });
      return { granted: wanted, remaining: burst, wait_ms: 0 };
    }
  }

  #limit(): BucketLimit {
    const { rate_limit_per_second, rate_limit_burst } = this.#deps.settings();
    return { per_second: rate_limit_per_second, burst: rate_limit_burst };
  }
}

/** @param leased tokens that are left of the lease */
function takenOf(view: RateView, leased: number, count: number): Taken {
  return { count, view: { ...view, remaining: view.remaining + leased } };
}
