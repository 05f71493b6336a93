/**
 * Waiting for a condition, in place of sleeping for as long as it might take.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** Between two looks, ms: short at first, because most conditions hold soon. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Resolves once the condition holds.
 *
 * @param what the condition in words, for the error
 * @param ms for how long it is tried
 * @throws when it does not hold in that time, or when the condition itself throws
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  ms = 30_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  let pause = FIRST_PAUSE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen in ${ms} ms: ${what}`);
    await sleep(pause);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }
}
