/**
 * The database has one writer at a time, and stalls for seconds under eight. So instances take turns: a turn is held
 * for one batch, and lapses when its holder does not give it back.
 *
 * @module
 */

import type { CoordinatorRpc } from "./protocol.ts";

/** A batch's deadline is below this, so a lapsed turn's holder has given up, ms. */
export const TURN_MS = 5_000;

export class Turns {
  #holder: number | null = null;
  #next = 1;
  #lapse: ReturnType<typeof setTimeout> | null = null;
  readonly #waiting: ((token: number) => void)[] = [];

  /** Resolves with a token when it is the caller's turn. */
  take(): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#holder === null) this.#grant();
    });
  }

  /** Gives a turn back. One that has lapsed is not the caller's to give. */
  giveBack(token: number): void {
    if (token === this.#holder) this.#grant();
  }

  #grant(): void {
    if (this.#lapse !== null) clearTimeout(this.#lapse);
    this.#lapse = null;
    this.#holder = null;
    const next = this.#waiting.shift();
    if (!next) return;
    const token = this.#next++;
    this.#holder = token;
    this.#lapse = setTimeout(() => this.giveBack(token), TURN_MS);
    next(token);
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
    if (token !== null) void coordinator.giveTurnBack(token).catch(() => undefined);
  }
}
