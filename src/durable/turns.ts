/**
 * Two writers keep the database busy, eight stall it for seconds. So instances take turns: a turn is held for one batch,
 * and lapses when its holder does not give it back.
 *
 * @module
 */

import type { CoordinatorRpc } from "./protocol.ts";

/** A batch's deadline is below this, so a lapsed turn's holder has given up, ms. */
export const TURN_MS = 5_000;
/** Turns at once: while one batch is executed, the next is on its way. */
const TURNS = 2;

export class Turns {
  readonly #held = new Map<number, ReturnType<typeof setTimeout>>();
  #next = 1;
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
    clearTimeout(this.#held.get(token));
    if (this.#held.delete(token)) this.#grant();
  }

  #grant(): void {
    while (this.#held.size < TURNS) {
      const next = this.#waiting.shift();
      if (!next) return;
      const token = this.#next++;
      this.#held.set(
        token,
        setTimeout(() => {
          this.#lapsed();
          this.giveBack(token);
        }, TURN_MS),
      );
      next(token);
    }
  }
}

/** Does the work in a turn; without one when the Coordinator is out of reach: turns spare the database, no more. */
export async function inTurn<T>(
  coordinator: Pick<CoordinatorRpc, "takeTurn" | "giveTurnBack">,
  log: (event: Record<string, unknown>) => void,
  work: () => Promise<T>,
): Promise<T> {
  let token: number | null = null;
  try {
    token = await coordinator.takeTurn();
  } catch (error) {
    log({ event: "turn_unavailable", level: "warn", reason: String(error) });
  }
  try {
    return await work();
  } finally {
    // Waited for, so that the next instance writes while this one gets its next batch ready.
    if (token !== null) await coordinator.giveTurnBack(token).catch(() => undefined);
  }
}
