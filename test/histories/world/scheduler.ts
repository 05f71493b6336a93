/**
 * Decides by a seed who goes on next: everything that is on its way stands still until it is
 * chosen, so that each seed is another order of the same things.
 *
 * @module
 */

import { pick, type Random } from "../../../bench/quality/random.ts";

/** What waits for its turn; `drop` leaves it standing for ever. */
interface Waiting {
  go: () => void;
}

export class Scheduler {
  readonly #random: Random;
  readonly #waiting: Waiting[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get random(): Random {
    return this.#random;
  }

  /** Stands still until it is chosen, a few times. */
  async pause(times = 1): Promise<void> {
    for (let i = 0; i < times; i++)
      await new Promise<void>((resolve) => this.#waiting.push({ go: resolve }));
  }

  /** Lets one of those that stand go on. false: nobody stands. */
  async step(): Promise<boolean> {
    await settled();
    if (this.#waiting.length === 0) return false;
    const chosen = pick(this.#random, this.#waiting);
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.go();
    return true;
  }
}

/** Everything that can go on by itself has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
