/**
 * The write lease: one writer to the database at a time. Eight writers stall it for seconds, and
 * when they give up and come again, for good. A lease is kept for a few batches, and lapses when
 * its holder does not release it.
 *
 * @module
 */

import { DatabaseError } from "../../storage/index.ts";
import type { CoordinatorRpc } from "../shared/protocol.ts";

/** No batch begins later than this under one lease, ms. */
export const HELD_MS = 500;
/**
 * A lease lapses after this, ms. The last batch's deadline is below it, so whoever held a lapsed
 * lease has given up.
 */
export const LAPSE_MS = 6_000;

/** The Coordinator's side: grants the lease to one after the other, in the order they asked. */
export class WriteLeases {
  #held: { token: number; timer: ReturnType<typeof setTimeout> } | null = null;
  /**
   * An evicted Coordinator forgets what it issued, and a holder from before may still release: that
   * must not release another's lease. A lease takes a millisecond at least, so the clock is past
   * every token that was issued.
   */
  #next = Date.now();
  readonly #waiting: ((token: number) => void)[] = [];
  readonly #lapsed: () => void;

  /** @param lapsed told when a holder did not release in time */
  constructor(lapsed: () => void = () => undefined) {
    this.#lapsed = lapsed;
  }

  /** Resolves with a token when the lease is the caller's. */
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
    const token = this.#next++;
    const lapse = (): void => {
      this.#lapsed();
      this.release(token);
    };
    this.#held = { token, timer: setTimeout(lapse, LAPSE_MS) };
    next(token);
  }
}

/**
 * A writer's side: the lease that it has, or none. It is kept over several batches, because handing
 * it on costs the time in which the database has nothing to do.
 */
export class WriteLeaseHolder {
  readonly #coordinator: () => Pick<CoordinatorRpc, "acquireWriteLease" | "releaseWriteLease">;
  readonly #now: () => number;
  readonly #log: (event: Record<string, unknown>) => void;
  #held: { token: number; since: number } | null = null;

  constructor(
    coordinator: () => Pick<CoordinatorRpc, "acquireWriteLease" | "releaseWriteLease">,
    now: () => number,
    log: (event: Record<string, unknown>) => void,
  ) {
    this.#coordinator = coordinator;
    this.#now = now;
    this.#log = log;
  }

  /**
   * Does the work under the lease; without one when the Coordinator is out of reach: the lease
   * spares the database, it guards nothing. One call at a time; `release` follows the last.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#held && this.#now() - this.#held.since >= HELD_MS) await this.release();
    if (!this.#held) {
      try {
        const token = await this.#coordinator().acquireWriteLease();
        this.#held = { token, since: this.#now() };
      } catch (error) {
        this.#log({ event: "write_lease_unavailable", level: "warn", reason: String(error) });
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
    // Waited for, so that the next instance writes while this one gets its next batch ready.
    if (held)
      await this.#coordinator()
        .releaseWriteLease(held.token)
        .catch(() => undefined);
  }
}
