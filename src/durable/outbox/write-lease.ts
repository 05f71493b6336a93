/**
 * The write lease: one writer to the database at a time. Eight writers stall it for seconds, and
 * when they give up and come again, for good. A lease is kept for a few batches, and lapses when
 * its holder does not release it. It spares the database; what guards it is the fence of each
 * batch.
 *
 * @module
 */

import { DatabaseError } from "../../storage/index.ts";
import { isWaitOver } from "../../util/backoff.ts";
import type { PartContext } from "../shared/context.ts";

/** No batch begins later than this under one lease, ms. */
export const HELD_MS = 500;
/**
 * A lease lapses after this, ms. The last batch's deadline is below it, so whoever held a lapsed
 * lease has given up.
 */
export const LAPSE_MS = 6_000;

/** Who grants the lease, as a writer sees it. */
export interface WriteLeaseSource {
  /** Resolves with a token when the lease is the caller's. */
  acquire(): Promise<number>;
  release(token: number): Promise<void> | void;
}

export interface WriteLeasesDeps {
  now: () => number;
  /** Called when a holder did not release in time. */
  onLapse: () => void;
}

/** The Coordinator's side: grants the lease to one after the other, in the order they asked. */
export class WriteLeases implements WriteLeaseSource {
  readonly #onLapse: () => void;
  /**
   * An evicted Coordinator forgets what it issued, and a holder from before may still release: that
   * must not release another's lease. A lease takes a millisecond at least, so the clock is past
   * every token that was issued.
   */
  #nextToken: number;
  #held: { token: number; timer: ReturnType<typeof setTimeout> } | null = null;
  readonly #waiting: ((token: number) => void)[] = [];

  constructor({ now, onLapse }: WriteLeasesDeps) {
    this.#nextToken = now();
    this.#onLapse = onLapse;
  }

  acquire(): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#grant();
    });
  }

  /** Releases the lease. One that has lapsed is not the caller's any more: nothing happens. */
  release(token: number): void {
    if (this.#held?.token !== token) return;
    clearTimeout(this.#held.timer);
    this.#held = null;
    this.#grant();
  }

  #grant(): void {
    if (this.#held) return;
    const next = this.#waiting.shift();
    if (!next) return;
    const token = this.#nextToken++;
    const lapse = (): void => {
      this.#onLapse();
      this.release(token);
    };
    this.#held = { token, timer: setTimeout(lapse, LAPSE_MS) };
    next(token);
  }
}

export interface WriteLeaseHolderDeps extends Pick<PartContext, "now" | "log"> {
  /** Asked anew each time: a connection that broke must not be used again. */
  source: () => WriteLeaseSource;
}

/**
 * A writer's side: the lease that it has, or none. It is kept over several batches, because handing
 * it on costs the time in which the database has nothing to do.
 */
export class WriteLeaseHolder {
  readonly #deps: WriteLeaseHolderDeps;
  #held: { token: number; since: number } | null = null;

  constructor(deps: WriteLeaseHolderDeps) {
    this.#deps = deps;
  }

  /**
   * Does the work under the lease; without one when nobody grants it. One call at a time; `release`
   * follows the last.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { source, now, log } = this.#deps;
    if (this.#held && isWaitOver(this.#held.since + HELD_MS, now(), HELD_MS)) await this.release();
    if (!this.#held) {
      try {
        const token = await source().acquire();
        this.#held = { token, since: now() };
      } catch (error) {
        log({ event: "write_lease_unavailable", reason: String(error) });
      }
    }
    try {
      return await work();
    } catch (error) {
      // The database may still be at it: a writer on top of an abandoned one stalls it for good. So
      // the lease lapses instead of being released.
      if (error instanceof DatabaseError && error.kind === "timeout") this.#held = null;
      throw error;
    }
  }

  /** Releases the lease, if it is held. Never throws. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (!held) return;
    try {
      // Waited for, so that the next instance writes while this one gets its next batch ready.
      await this.#deps.source().release(held.token);
    } catch {
      // The lease lapses by itself.
    }
  }
}
