/**
 * Asks again when a connection was cut: a question changes nothing, and a long bench outlives a
 * proxy's connections.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 4;

export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || !(error instanceof TypeError)) throw error;
      await sleep(1_000 * tries);
    }
  }
}
