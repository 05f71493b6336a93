/**
 * Computes how alike two tasks are. All figures are computed from what was retrieved, so that
 * nothing has to be kept in step, and in an order that does not depend on when episodes came.
 *
 * @module
 */

import { taskTermHashes } from "../texts/task-terms.ts";
import type { EpisodeDigest } from "../types.ts";

/**
 * Exponent of the rarity of a term: how a task is worded means more than the names in it,
 * which are the rarest terms.
 */
const RARITY_EXPONENT = 0.5;

/** The terms of a task that the kernel's tasks have, as places in their common vocabulary. */
interface TermBag {
  places: readonly number[];
  /** A bit for each place. */
  bits: Uint8Array;
  norm: number;
}

/**
 * The cosine of two tasks' terms, each weighted by its rarity among the tasks that the kernel is
 * made of. Holds on to what it computed: many runs have the same task, and each is compared with
 * the others by more than one prediction.
 */
export class TaskKernel {
  readonly #terms = new Map<string, Uint32Array>();
  readonly #places = new Map<number, number>();
  /** Squared weight of the term at each place. */
  readonly #squares: readonly number[];
  readonly #bags = new Map<string, TermBag>();
  readonly #similarities = new Map<string, Map<string, number>>();

  /** @param episodes those whose tasks' words make the vocabulary; the same task counts once */
  constructor(episodes: readonly Pick<EpisodeDigest, "task" | "terms">[]) {
    const frequencies: number[] = [];
    for (const { task, terms } of episodes) {
      if (this.#terms.has(task)) continue;
      if (terms) this.#terms.set(task, terms);
      for (const term of this.termsOf(task)) {
        const place = this.#places.get(term) ?? frequencies.length;
        this.#places.set(term, place);
        frequencies[place] = (frequencies[place] ?? 0) + 1;
      }
    }

    const total = this.#terms.size;
    this.#squares = frequencies.map(
      (n) => Math.log(1 + (total - n + 0.5) / (n + 0.5)) ** (2 * RARITY_EXPONENT),
    );
  }

  /** The hashes of a task's terms, found once for each task. */
  termsOf(task: string): Uint32Array {
    const terms = this.#terms.get(task) ?? taskTermHashes(task);
    this.#terms.set(task, terms);
    return terms;
  }

  /** In 0…1; 1 for the same task. Symmetric to the last digit. */
  similarity(a: string, b: string): number {
    if (a === b) return 1;

    // The sum of a pair must not depend on which comes first.
    const [first, second] = a < b ? [a, b] : [b, a];
    const ofFirst = this.#similarities.get(first) ?? new Map<string, number>();
    this.#similarities.set(first, ofFirst);
    const similarity = ofFirst.get(second) ?? this.#compare(first, second);
    ofFirst.set(second, similarity);
    return similarity;
  }

  #compare(a: string, b: string): number {
    const [own, other] = [this.#bagOf(a), this.#bagOf(b)];
    let sum = 0;
    for (const place of own.places) {
      const isShared = ((other.bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
      if (isShared) sum += this.#squares[place] ?? 0;
    }
    return sum / own.norm / other.norm;
  }

  #bagOf(task: string): TermBag {
    const made = this.#bags.get(task);
    if (made) return made;

    const places: number[] = [];
    for (const term of this.termsOf(task)) {
      const place = this.#places.get(term);
      if (place !== undefined) places.push(place);
    }
    const bits = new Uint8Array(Math.ceil(this.#squares.length / 8));
    for (const place of places) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
    const sum = places.reduce((all, place) => all + (this.#squares[place] ?? 0), 0);
    const bag = { places, bits, norm: Math.sqrt(sum) || 1 };
    this.#bags.set(task, bag);
    return bag;
  }
}
