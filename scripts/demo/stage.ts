/**
 * What the demo prints: at a pace that can be read where a person looks at it, at once and without
 * colours elsewhere.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** How long a line is shown before the next one, ms. */
const PACE_MS = 250;
const NAME_WIDTH = 30;

export class Stage {
  readonly #isLive: boolean;
  readonly #isColoured: boolean;
  readonly #write: (line: string) => void;
  #scenes = 0;

  constructor(isTerminal: boolean, env: NodeJS.ProcessEnv, write: (line: string) => void) {
    this.#isLive = isTerminal;
    this.#isColoured = isTerminal && !env["NO_COLOR"];
    this.#write = write;
  }

  /** One on which nothing is seen. */
  silent(): Stage {
    return new Stage(false, {}, () => undefined);
  }

  scene(title: string): Promise<void> {
    this.#scenes += 1;
    return this.line(`\n${this.#in(1, `${this.#scenes}  ${title}`)}`);
  }

  async line(text: string): Promise<void> {
    this.#write(text);
    if (this.#isLive) await sleep(PACE_MS);
  }

  /** Something that was done, and what came of it. */
  act(what: string, came: string, isGood: boolean): Promise<void> {
    const mark = isGood ? this.#in(32, "✓") : this.#in(31, "✗");
    return this.line(`   ${mark} ${what.padEnd(NAME_WIDTH)} ${came}`);
  }

  /** What the memory says. */
  says(text: string): Promise<void> {
    return this.line(`   ${this.#in(36, "memory:")} ${text}`);
  }

  #in(code: number, text: string): string {
    return this.#isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
