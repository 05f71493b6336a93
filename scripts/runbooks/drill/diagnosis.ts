/**
 * `memory-cli diagnose`, asked again and again while something is wrong: it must name the page and
 * the section each time, and nothing where nothing is wrong.
 *
 * @module
 */

import type { Scenario } from "../card.ts";
import type { Shell } from "../shell.ts";

/** How long one may take, ms. */
const TRY_MS = 120_000;

/** What one says; null: nothing is wrong. */
interface Said {
  runbook: string | null;
  step: string | null;
  path: { saw: string }[];
}

export class Diagnosis {
  readonly #scenario: Scenario;
  readonly #shell: Shell;
  readonly #tries: number;
  #right = 0;
  #asked = 0;

  /** @param tries while the fault lasts; 0: it is not asked */
  constructor(scenario: Scenario, shell: Shell, tries: number) {
    this.#scenario = scenario;
    this.#shell = shell;
    this.#tries = tries;
  }

  /** "20 of 20", of those while something was wrong. */
  get score(): string {
    return `${this.#right} of ${this.#asked}`;
  }

  /** @returns what was wrong, a line each */
  async ask(isBroken: boolean): Promise<string[]> {
    if (this.#tries === 0) return [];
    if (!isBroken) return this.#wrongOf(await this.#try(), false);
    const wrong: string[] = [];
    for (let i = 0; i < this.#tries; i++) {
      const found = this.#wrongOf(await this.#try(), true);
      this.#asked += 1;
      if (found.length === 0) this.#right += 1;
      wrong.push(...found);
    }
    return wrong;
  }

  async #try(): Promise<Said | string> {
    const { output } = await this.#shell.run("memory-cli diagnose --format json || true", TRY_MS);
    try {
      return JSON.parse(output) as Said;
    } catch {
      return output;
    }
  }

  #wrongOf(said: Said | string, isBroken: boolean): string[] {
    if (typeof said === "string") return [`diagnose cannot be read: ${said}`];
    const { page, section, diagnosed = section } = this.#scenario;
    const isRight = isBroken
      ? said.runbook === page && said.step?.startsWith(diagnosed) === true
      : said.runbook === null;
    const when = isBroken ? `${page}: ${diagnosed}` : "nothing, before the fault";
    const saw = said.path.at(-1)?.saw ?? "";
    return isRight ? [] : [`diagnose: ${said.runbook}: ${said.step} (${saw}), and not ${when}`];
  }
}
