/**
 * Runs are recorded beside the agent, where nobody sees an error: that a key is refused, or that
 * nothing answers at the address, is said, each once, because neither may pass by itself.
 *
 * @module
 */

import { MemoryError } from "./errors.ts";
import type { ClientOptions } from "./http.ts";
import { quietly } from "./recording/words.ts";

export class Warnings {
  readonly #url: string;
  readonly #warn: (message: string) => void;
  readonly #warned = new Set<string>();

  constructor({ url, warn }: ClientOptions) {
    this.#url = url;
    this.#warn = warn ?? ((message) => console.warn(message));
  }

  /** Never throws. */
  tell(error: unknown): void {
    if (!(error instanceof MemoryError)) return;
    const { status, code, message } = error;
    if (status === 401 || status === 403)
      this.#once("key", (origin) => `${origin} refuses the key (${status} ${code}: ${message})`);
    else if (code === "network") this.#once("network", () => `${message}.`);
  }

  #once(kind: string, said: (origin: string) => string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    quietly(() => {
      const { origin } = new URL(this.#url);
      this.#warn(`memory-service: ${said(origin)} Runs are not recorded.`);
    });
  }
}
