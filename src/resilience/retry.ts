/**
 * Repeats a failed call, with full jitter between tries and a budget that all calls share: the only
 * retry loop.
 *
 * @module
 */

import { backoffMs } from "../util/backoff.ts";

export interface RetryPolicy {
  /** The first try counts, 1…10. */
  attempts: number;
  /**
   * The wait before try n is drawn from 0…base × 2^(n−1), at most `max_ms`. Full jitter: M.
   * Brooker, AWS, 2015.
   */
  base_ms: number;
  max_ms: number;
}

/**
 * Repetitions that all calls together may spend, so that a sick backend is not asked more than a
 * healthy one. A token bucket: a repetition costs, a first success gives a little back (AWS SDK,
 * "standard" retry mode).
 */
export class RetryBudget {
  readonly #capacity: number;
  readonly #cost: number;
  #tokens: number;

  /** @param capacity tokens at most, and at first @param cost tokens for a repetition */
  constructor(capacity = 100, cost = 5) {
    this.#capacity = capacity;
    this.#cost = cost;
    this.#tokens = capacity;
  }

  get left(): number {
    return this.#tokens;
  }

  /** Pays for a repetition. False: there is not enough left, and nothing is taken. */
  spend(): boolean {
    if (this.#tokens < this.#cost) return false;
    this.#tokens -= this.#cost;
    return true;
  }

  /** Gives back for a success. @param repeated whether a repetition had been paid for it */
  earn(repeated: boolean): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (repeated ? this.#cost : 1));
  }
}

/** What to do about a failure. */
export interface RetryDecision {
  /** Whether a repetition may help. */
  retry: boolean;
  /** The least wait that the other side asked for, ms. */
  after_ms: number;
}

export interface RetryOptions {
  policy: RetryPolicy;
  budget: RetryBudget;
  /** ms since the epoch, after which no try is begun. */
  deadline: number;
  decide: (error: unknown) => RetryDecision;
  now: () => number;
  /** 0…1. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
}

/**
 * Runs the work, again while `decide` says so, the budget pays and the deadline leaves time for the
 * wait. Throws what the last try threw.
 *
 * @param work is given the number of the try, from 1
 */
export async function withRetry<T>(
  work: (attempt: number) => Promise<T>,
  { policy, budget, deadline, decide, now, random, wait }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const value = await work(attempt);
      budget.earn(attempt > 1);
      return value;
    } catch (error) {
      const { retry, after_ms } = decide(error);
      if (!retry || attempt >= policy.attempts) throw error;

      const drawn = random() * backoffMs(attempt, policy.base_ms, policy.max_ms);
      const pause = Math.max(after_ms, drawn);
      if (now() + pause >= deadline || !budget.spend()) throw error;
      if (pause > 0) await wait(pause);
    }
  }
}
