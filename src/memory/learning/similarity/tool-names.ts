/**
 * Computes how much a task names a tool, by the words of the tool's name. Pure.
 *
 * @module
 */

import { termHash } from "../../search/term-hash.ts";
import { tokenize } from "../../text/tokens.ts";

/**
 * Matches tools with tasks: the share of the tokens of a tool's name that the task holds, each
 * weighted by its rarity among the names.
 */
export class ToolNames {
  readonly #termsByTool: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #weights = new Map<number, number>();

  /** @param tools all that are compared: a word that most of their names have counts little */
  constructor(tools: readonly string[]) {
    this.#termsByTool = new Map(
      tools.map((tool) => [tool, new Set(tokenize(tool).map(({ term }) => termHash(term)))]),
    );
    const frequencies = new Map<number, number>();
    for (const terms of this.#termsByTool.values())
      for (const term of terms) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);

    const total = this.#termsByTool.size;
    for (const [term, n] of frequencies)
      this.#weights.set(term, Math.log(1 + (total - n + 0.5) / (n + 0.5)));
  }

  /** 0…1. @param taskTerms hashes of a task's terms @param tool one of those given */
  match(taskTerms: ReadonlySet<number>, tool: string): number {
    let [held, all] = [0, 0];
    for (const term of this.#termsByTool.get(tool) ?? []) {
      const weight = this.#weights.get(term) ?? 0;
      all += weight;
      if (taskTerms.has(term)) held += weight;
    }
    return all > 0 ? held / all : 0;
  }
}
