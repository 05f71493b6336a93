/**
 * Makes the machine itself go by the seed: timers, random bytes, and digests, which else another
 * thread makes in its own time. Without it the same seed would make another history each time.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mock } from "node:test";
import type { Random } from "../../../bench/quality/random.ts";

/** Timers go by the clock of the history; those of an earlier one are none of its. */
export function goBySeed(random: Random): void {
  mock.timers.reset();
  mock.restoreAll();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(crypto, "getRandomValues", (bytes: Uint8Array) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
    return bytes;
  });
  mock.method(crypto.subtle, "digest", async (_algorithm: string, bytes: Uint8Array) => {
    const digest = createHash("sha256").update(bytes).digest();
    return Uint8Array.from(digest).buffer;
  });
}
