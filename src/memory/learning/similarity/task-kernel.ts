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
  /** Rising, so that what two tasks share is summed in one order, whichever comes first. */
  places: Uint32Array;
  /** 1 at the places of its terms. */
  holds: Uint8Array;
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
  readonly #squares: Float64Array;
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
    this.#squares = Float64Array.from(
      frequencies,
      (n) => Math.log(1 + (total - n + 0.5) / (n + 0.5)) ** (2 * RARITY_EXPONENT),
    );
  }

  /** The hashes of a task's terms, found once for each task. */
  termsOf(task: string): Uint32Array {
    const terms = this.#terms.get(task) ?? taskTermHashes(task);
    this.#terms.set(task, terms);
    return terms;
  }

  /**
   * Which of these terms, by their hashes, a task has that the kernel is made of: 1, or 0.
   *
   * @param terms of any texts
   */
  held(task: string, terms: readonly number[]): Uint8Array {
    const { holds } = this.#bagOf(task);
    return Uint8Array.from(terms, (term) => {
      const place = this.#places.get(term);
      return place === undefined ? 0 : (holds[place] ?? 0);
    });
  }

  /** In 0…1; 1 for the same task. Symmetric to the last digit. */
  similarity(a: string, b: string): number {
    if (a === b) return 1;
    const ofFirst = this.#similarities.get(a) ?? new Map<string, number>();
    this.#similarities.set(a, ofFirst);
    const similarity = ofFirst.get(b) ?? this.#compare(this.#bagOf(a), this.#bagOf(b));
    ofFirst.set(b, similarity);
    return similarity;
  }

  /** Each task's similarity to those before it, and to itself: the lower triangle. */
  similarities(tasks: readonly string[]): Float64Array[] {
    const bags = tasks.map((task) => this.#bagOf(task));
    return bags.map((own, i) => {
      const row = new Float64Array(i + 1);
      for (let j = 0; j < i; j++) row[j] = this.#compare(own, bags[j] ?? own);
      row[i] = 1;
      return row;
    });
  }

  #compare(a: TermBag, b: TermBag): number {
    const [shorter, longer] = a.places.length <= b.places.length ? [a, b] : [b, a];
    const [{ places }, { holds }, squares] = [shorter, longer, this.#squares];
    let sum = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] ?? 0;
      if (holds[place] === 1) sum += squares[place] ?? 0;
    }
    return sum / (a.norm * b.norm);
  }

  #bagOf(task: string): TermBag {
    const made = this.#bags.get(task);
    if (made) return made;

    const held: number[] = [];
    for (const term of this.termsOf(task)) {
      const place = this.#places.get(term);
      if (place !== undefined) held.push(place);
    }
    const places = Uint32Array.from(held).sort();
    const holds = new Uint8Array(this.#squares.length);
    let sum = 0;
    for (const place of places) {
      holds[place] = 1;
      sum += this.#squares[place] ?? 0;
    }
    const bag = { places, holds, norm: Math.sqrt(sum) || 1 };
    this.#bags.set(task, bag);
    return bag;
  }
}
