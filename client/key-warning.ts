/**
 * Runs are recorded beside the agent, where nobody sees an error: that a key is refused is said
 * once, because it does not pass by itself.
 *
 * @module
 */

import { MemoryError } from "./errors.ts";
import type { ClientOptions } from "./http.ts";
import { quietly } from "./recording/words.ts";

export class KeyWarning {
  readonly #url: string;
  readonly #warn: (message: string) => void;
  #isTold = false;

  constructor({ url, warn }: ClientOptions) {
    this.#url = url;
    this.#warn = warn ?? ((message) => console.warn(message));
  }

  /** Never throws. */
  tell(error: unknown): void {
    const isRefusal = error instanceof MemoryError && [401, 403].includes(error.status);
    if (this.#isTold || !isRefusal) return;
    this.#isTold = true;
    quietly(() => {
      const said = `${error.status} ${error.code}: ${error.message}`;
      const { origin } = new URL(this.#url);
      this.#warn(`memory-service: ${origin} refuses the key (${said}) Runs are not recorded.`);
    });
  }
}
