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
  /** Hashes of all tokens of the names, each once. */
  readonly terms: readonly number[];
  /** Of each tool, the places of its tokens in `terms`. */
  readonly #placesByTool: ReadonlyMap<string, readonly number[]>;
  /** Of each place. */
  readonly #weights: readonly number[];

  /** @param tools all that are compared: a word that most of their names have counts little */
  constructor(tools: readonly string[]) {
    const places = new Map<number, number>();
    const frequencies: number[] = [];
    const placesOf = (tool: string): number[] => {
      const terms = new Set(tokenize(tool).map(({ term }) => termHash(term)));
      return [...terms].map((term) => {
        const place = places.get(term) ?? places.size;
        places.set(term, place);
        frequencies[place] = (frequencies[place] ?? 0) + 1;
        return place;
      });
    };
    this.#placesByTool = new Map(tools.map((tool) => [tool, placesOf(tool)]));
    this.terms = [...places.keys()];
    const total = this.#placesByTool.size;
    this.#weights = frequencies.map((n) => Math.log(1 + (total - n + 0.5) / (n + 0.5)));
  }

  /**
   * 0…1.
   *
   * @param held for each of `terms`, 1 where the task has it, or 0
   * @param tool one of those given
   */
  match(held: Uint8Array, tool: string): number {
    let [own, all] = [0, 0];
    for (const place of this.#placesByTool.get(tool) ?? []) {
      const weight = this.#weights[place] ?? 0;
      all += weight;
      if (held[place] === 1) own += weight;
    }
    return all > 0 ? own / all : 0;
  }
}
