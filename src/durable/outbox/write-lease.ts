/**
 * Eight writers stall the database for seconds, and when they give up and come again, for good. So
 * instances take turns: a turn is held for a few batches, and lapses when its holder does not give
 * it back.
 *
 * @module
 */

import { DatabaseError } from "../../storage/index.ts";
import type { CoordinatorRpc } from "../shared/protocol.ts";

/** No batch begins later than this in a turn, ms. */
export const KEPT_MS = 500;
/** The last batch's deadline is below this, so a lapsed turn's holder has given up, ms. */
export const TURN_MS = 6_000;

export class Turns {
  #held: { token: number; timer: ReturnType<typeof setTimeout> } | null = null;
  /**
   * An evicted Coordinator forgets what it issued, and a holder from before may still give its turn
   * back: that must not be another's. A turn takes a millisecond at least, so the clock is past
   * every number that was issued.
   */
  #next = Date.now();
  readonly #waiting: ((token: number) => void)[] = [];
  readonly #lapsed: () => void;

  /** @param lapsed told when a holder did not come back */
  constructor(lapsed: () => void = () => undefined) {
    this.#lapsed = lapsed;
  }

  /** Resolves with a token when it is the caller's turn. */
  take(): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#grant();
    });
  }

  /** Gives a turn back. One that has lapsed is not the caller's to give. */
  giveBack(token: number): void {
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
      this.giveBack(token);
    };
    this.#held = { token, timer: setTimeout(lapse, TURN_MS) };
    next(token);
  }
}

/**
 * An instance's part: the turn that it has, or none. It is kept over several batches, because
 * handing it on costs the time in which the database has nothing to do.
 */
export class TurnHolder {
  readonly #coordinator: () => Pick<CoordinatorRpc, "takeTurn" | "giveTurnBack">;
  readonly #now: () => number;
  readonly #log: (event: Record<string, unknown>) => void;
  #held: { token: number; since: number } | null = null;

  constructor(
    coordinator: () => Pick<CoordinatorRpc, "takeTurn" | "giveTurnBack">,
    now: () => number,
    log: (event: Record<string, unknown>) => void,
  ) {
    this.#coordinator = coordinator;
    this.#now = now;
    this.#log = log;
  }

  /**
   * Does the work in a turn; without one when the Coordinator is out of reach: turns spare the
   * database, no more. One call at a time; `done` follows the last.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#held && this.#now() - this.#held.since >= KEPT_MS) await this.done();
    if (!this.#held) {
      try {
        const token = await this.#coordinator().takeTurn();
        this.#held = { token, since: this.#now() };
      } catch (error) {
        this.#log({ event: "turn_unavailable", level: "warn", reason: String(error) });
      }
    }
    try {
      return await work();
    } catch (error) {
      // The database may still be at it: writers that come on top of abandoned ones stall it for
      // good. So it lapses.
      if (error instanceof DatabaseError && error.kind === "timeout") this.#held = null;
      throw error;
    }
  }

  /** Gives the turn back. */
  async done(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    // Waited for, so that the next instance writes while this one gets its next batch ready.
    if (held)
      await this.#coordinator()
        .giveTurnBack(held.token)
        .catch(() => undefined);
  }
}
