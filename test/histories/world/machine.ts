/**
 * Makes the machine itself go by the seed: timers, random bytes, and digests, which else another
 * thread makes in its own time. Without it the same seed would make another history each time.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mock } from "node:test";
import type { Random } from "../../../bench/quality/random.ts";
import { RESET } from "../../support/mortal-instances.ts";

/** Timers go by the clock of the history; those of an earlier one are none of its. */
export function goBySeed(random: Random): void {
  mock.timers.reset();
  mock.restoreAll();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  outliveObjects();
  mock.method(crypto, "getRandomValues", (bytes: Uint8Array) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
    return bytes;
  });
  mock.method(crypto.subtle, "digest", async (_algorithm: string, bytes: Uint8Array) => {
    const digest = createHash("sha256").update(bytes).digest();
    return Uint8Array.from(digest).buffer;
  });
}

/**
 * The platform does not run the timer of an object that died. Here it runs, and fails in the first
 * thing that it does; left to fail, a mocked timer stays the next one, and no other is run any more.
 */
function outliveObjects(): void {
  const { setTimeout, setInterval } = globalThis;
  const surviving =
    (set: (callback: () => void, ms?: number) => unknown) =>
    (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown =>
      set(() => {
        try {
          callback(...args);
        } catch (error) {
          if (!(error instanceof Error) || error.message !== RESET) throw error;
        }
      }, ms);
  Object.assign(globalThis, {
    setTimeout: surviving(setTimeout),
    setInterval: surviving(setInterval),
  });
}
