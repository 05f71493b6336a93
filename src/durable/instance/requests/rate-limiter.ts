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
import type { InstanceContext } from "../context.ts";
import { Refused } from "../../shared/refusals.ts";
import type { TokenAnswer } from "../../shared/protocol.ts";

/** Keys that are kept; the bucket of one that was not seen for long is full anyway. */
const KEYS_MAX = 10_000;
/** Leased tokens that were not used by then are given up, ms. */
export const LEASE_MS = 1_000;
/** Tokens are leased in advance for this long at the key's rate, s. */
const AHEAD_S = 0.2;
/** At most so many of them, */
const AHEAD_MAX = 50;
/** and none while the bucket holds less than this share of its burst: others need them now. */
const AHEAD_SHARE = 0.2;
/** The rate is an average that forgets with this time constant, ms. */
const RATE_MS = 1_000;

/** What an instance knows of a key. */
interface Lease {
  tokens: number;
  until: number;
  /** What the key's home last said; null: it was never asked. */
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

export type RateLimiterPorts = Pick<InstanceContext, "now" | "place" | "settings" | "log"> & {
  /** Asks the instance that is a key's home. */
  ask: (
    home: number,
    name: "rate_take",
    input: { key: string; wanted: number },
  ) => Promise<TokenAnswer>;
};

export class RateLimiter {
  readonly #ports: RateLimiterPorts;
  readonly #buckets = new Map<string, Bucket>();
  readonly #leases = new Map<string, Lease>();

  constructor(ports: RateLimiterPorts) {
    this.#ports = ports;
  }

  /** Takes one token of the key. Throws `Refused` when there is none. */
  async take(key: string): Promise<RateView> {
    const lease = this.#lease(key);
    const now = this.#ports.now();
    lease.rate = lease.rate * Math.exp((lease.at - now) / RATE_MS) + 1_000 / RATE_MS;
    lease.at = now;
    lease.waiting += 1;
    try {
      for (;;) {
        if (lease.view && lease.until > this.#ports.now() && lease.tokens > 0) {
          lease.tokens -= 1;
          return { ...lease.view, remaining: lease.view.remaining + lease.tokens };
        }
        lease.asking ??= this.#lend(key, lease).finally(() => {
          lease.asking = null;
        });
        await lease.asking;
      }
    } finally {
      lease.waiting -= 1;
    }
  }

  /** At the key's home: takes up to so many tokens of its bucket. */
  grant(key: string, wanted: number): TokenAnswer {
    const taken = takeTokens(
      this.#buckets.get(key) ?? null,
      this.#limit(),
      wanted,
      this.#ports.now(),
    );
    remember(this.#buckets, key, taken.bucket);
    return { granted: taken.granted, remaining: taken.remaining, wait_ms: taken.wait_ms };
  }

  #lease(key: string): Lease {
    const known = this.#leases.get(key);
    const now = this.#ports.now();
    const lease = known ?? {
      tokens: 0,
      until: 0,
      view: null,
      rate: 0,
      at: now,
      waiting: 0,
      asking: null,
    };
    remember(this.#leases, key, lease);
    return lease;
  }

  async #lend(key: string, lease: Lease): Promise<void> {
    const { now, place, ask, log } = this.#ports;
    const limit = this.#limit();
    const isLow = lease.view !== null && lease.view.remaining < limit.burst * AHEAD_SHARE;
    const ahead = isLow ? 0 : Math.min(AHEAD_MAX, Math.floor(lease.rate * AHEAD_S));
    const wanted = Math.max(1, Math.min(Math.ceil(limit.burst), Math.max(lease.waiting, ahead)));
    const { index, count } = place();
    const home = homeOf(`key:${key}`, count);

    let answer: TokenAnswer;
    try {
      answer =
        home === index ? this.grant(key, wanted) : await ask(home, "rate_take", { key, wanted });
    } catch (error) {
      // Nobody counts at the moment: letting requests through is the lesser harm.
      log({ event: "rate_limit_unavailable", level: "warn", reason: String(error) });
      answer = { granted: wanted, remaining: limit.burst, wait_ms: 0 };
    }
    lease.view = {
      ...limit,
      remaining: answer.remaining,
      reset_s: Math.ceil(answer.wait_ms / 1000),
    };
    lease.tokens = answer.granted;
    lease.until = now() + LEASE_MS;
    if (answer.granted > 0) return;
    const detail = `The key may make ${limit.per_second} requests a second and ${limit.burst} at once. Try again later.`;
    throw new Refused("rate_limited", detail, {
      retry_after_s: Math.max(1, lease.view.reset_s),
      rate: lease.view,
    });
  }

  #limit(): BucketLimit {
    const { rate_limit_per_second, rate_limit_burst } = this.#ports.settings();
    return { per_second: rate_limit_per_second, burst: rate_limit_burst };
  }
}

/** Keeps what was used last; the one that was not used for longest goes. */
function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  if (known.size <= KEYS_MAX) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
