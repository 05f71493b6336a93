/**
 * Two writers keep the database busy, eight stall it for seconds. So instances take turns: a turn is held for one batch,
 * and lapses when its holder does not give it back.
 *
 * @module
 */

/** A batch's deadline is below this, so a lapsed turn's holder has given up, ms. */
export const TURN_MS = 5_000;
/** Turns at once: while one batch is executed, the next is on its way. */
const TURNS = 2;

export class Turns {
  readonly #held = new Map<number, ReturnType<typeof setTimeout>>();
  #next = 1;
  readonly #waiting: ((token: number) => void)[] = [];

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
        setTimeout(() => this.giveBack(token), TURN_MS),
      );
      next(token);
    }
  }
}
