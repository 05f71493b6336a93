/**
 * How often OAuth's addresses may be asked, which need no key: by each caller's address, and by all
 * of them together. Counted in this isolate, so that whoever asks costs nobody else anything; a
 * bound for the whole service is the Coordinator's.
 *
 * @module
 */

import { takeTokens, type Bucket, type BucketLimit } from "../../resilience/index.ts";
import { BoundedMap } from "../../util/bounded-map.ts";

/** Addresses that are remembered for each step. */
const CALLERS_MAX = 5_000;
/** Groups of an IPv6 address that stand for one caller: a network has the rest. */
const GROUPS = 4;

/** Of one caller: a person signs in now and then, a client refreshes once an hour. */
const LIMITS_OF_CALLER = {
  authorize: { burst: 30, per_second: 0.5 },
  token: { burst: 60, per_second: 1 },
  register: { burst: 10, per_second: 0.02 },
} as const satisfies Record<string, BucketLimit>;
/** Of all of them. */
const LIMIT_OF_ALL: BucketLimit = { burst: 200, per_second: 50 };

export type OAuthStep = keyof typeof LIMITS_OF_CALLER;

export class OAuthAdmission {
  readonly #now: () => number;
  readonly #ofCallers = new BoundedMap<string, Bucket>(CALLERS_MAX);
  #ofAll: Bucket | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** null: it may; else after how many seconds it may be asked again. */
  refusalOf(step: OAuthStep, { headers }: Request): number | null {
    const now = this.#now();
    const name = `${step} ${callerOf(headers.get("CF-Connecting-IP") ?? "")}`;
    const own = takeTokens(this.#ofCallers.get(name) ?? null, LIMITS_OF_CALLER[step], 1, now);
    this.#ofCallers.set(name, own.bucket);
    if (own.granted === 0) return Math.ceil(own.wait_ms / 1_000);
    const all = takeTokens(this.#ofAll, LIMIT_OF_ALL, 1, now);
    this.#ofAll = all.bucket;
    return all.granted === 1 ? null : Math.ceil(all.wait_ms / 1_000);
  }
}

function callerOf(address: string): string {
  return address.includes(":") ? address.split(":").slice(0, GROUPS).join(":") : address;
}
