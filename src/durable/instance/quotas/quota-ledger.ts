/**
 * What one namespace holds, as its home reckons it: what was last counted, and what it granted
 * since. Never less than is there, as long as each grant is used within `GRANT_MS`: so no quota is
 * exceeded, however many ask at once. It may be more, after deletions and grants that were not
 * used, until the next count. Pure: no clock of its own.
 *
 * @module
 */

import type { QuotaLimits } from "../../../contract/namespaces/quotas.ts";
import type { HeldUsage, QuotaReached } from "../../shared/instance/quotas.ts";

/** A grant that was not used by then is void: its instance does not use it any more, ms. */
export const GRANT_MS = 30_000;

interface Grant extends HeldUsage {
  /** ms since the epoch. */
  at: number;
}

/** What a count is given when it begins. */
interface CountBegun {
  /** ms since the epoch. */
  at: number;
  /** Grants of which instances are to say whether they are settled. */
  numbers: number[];
}

export class QuotaLedger {
  /** When the last count that ended had begun, ms since the epoch; null: nothing was counted. */
  countedAt: number | null = null;
  #counted: HeldUsage = { episodes: 0, bytes: 0 };
  readonly #grants = new Map<number, Grant>();
  /** The sum of the grants, and of what was settled since the last count began. */
  #granted = { episodes: 0, bytes: 0 };

  /** What is reckoned to be there. */
  get used(): HeldUsage {
    return {
      episodes: this.#counted.episodes + this.#granted.episodes,
      bytes: this.#counted.bytes + this.#granted.bytes,
    };
  }

  /** Grants that no count has seen settled. */
  get open(): number {
    return this.#grants.size;
  }

  /** How many of these new episodes fit, the first ones; and what is in the way of the next. */
  fitting(
    sizes: readonly number[],
    limits: QuotaLimits,
  ): { count: number; reached: QuotaReached | null } {
    let { episodes, bytes } = this.used;
    for (const [count, size] of sizes.entries()) {
      const reached = reachedBy({ episodes: episodes + 1, bytes: bytes + size }, limits, {
        episodes,
        bytes,
      });
      if (reached) return { count, reached };
      episodes += 1;
      bytes += size;
    }
    return { count: sizes.length, reached: null };
  }

  /** Whether not even the smallest episode has room. */
  full(limits: QuotaLimits): QuotaReached | null {
    return reachedBy(
      { episodes: this.used.episodes + 1, bytes: this.used.bytes + 1 },
      limits,
      this.used,
    );
  }

  grant(number: number, sizes: readonly number[], at: number): void {
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    this.#grants.set(number, { episodes: sizes.length, bytes, at });
    this.#granted.episodes += sizes.length;
    this.#granted.bytes += bytes;
  }

  /** Call it before anything is asked. @param most numbers that are asked about: the newest */
  beginCount(at: number, most: number): CountBegun {
    return { at, numbers: [...this.#grants.keys()].slice(-most) };
  }

  /**
   * Takes a count over. What was granted and is not settled is not in it, and comes on top.
   *
   * @param settled grants that were written, or given up, before each instance was counted
   */
  endCount({ at }: CountBegun, counted: HeldUsage, settled: readonly number[]): void {
    for (const number of settled) this.#grants.delete(number);
    for (const [number, grant] of this.#grants)
      if (grant.at < at - GRANT_MS) this.#grants.delete(number);
    this.countedAt = at;
    this.#counted = counted;
    this.#granted = { episodes: 0, bytes: 0 };
    for (const { episodes, bytes } of this.#grants.values()) {
      this.#granted.episodes += episodes;
      this.#granted.bytes += bytes;
    }
  }
}

function reachedBy(
  wanted: HeldUsage,
  limits: QuotaLimits,
  { episodes, bytes }: HeldUsage,
): QuotaReached | null {
  if (limits.episodes !== null && wanted.episodes > limits.episodes)
    return { quota: "episodes", limit: limits.episodes, used: episodes };
  if (limits.bytes !== null && wanted.bytes > limits.bytes)
    return { quota: "bytes", limit: limits.bytes, used: bytes };
  return null;
}
