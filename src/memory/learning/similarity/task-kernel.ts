/**
 * Computes how alike two tasks are. All figures are computed from what was retrieved, so that
 * nothing has to be kept in step, and in an order that does not depend on when episodes came.
 *
 * @module
 */

import { taskTermHashes } from "../texts/task-terms.ts";
import type { EpisodeDigest } from "../types.ts";
import { Vocabulary } from "./vocabulary.ts";

/**
 * Exponent of the rarity of a term: how a task is worded means more than the names in it,
 * which are the rarest terms.
 */
const RARITY_EXPONENT = 0.5;

/**
 * Weights are whole numbers of this, so that their sums are the same in whatever order they are
 * taken.
 */
const WEIGHT_UNIT = 2 ** -20;

/** The terms of a task that the kernel's tasks have, as places in their common vocabulary. */
interface TermBag {
  places: Uint32Array;
  norm: number;
  /** Its place among the kernel's tasks; -1: it is none of them. */
  number: number;
}

/**
 * The cosine of two tasks' terms, each weighted by its rarity among the tasks that the kernel is
 * made of. Holds on to what it computed: many runs have the same task, and each is compared with
 * the others by more than one prediction.
 */
export class TaskKernel {
  readonly #terms = new Map<string, Uint32Array>();
  readonly #vocabulary: Vocabulary;
  /** Squared weight of the term at each place, in units. */
  readonly #squares: Float64Array;
  readonly #placesByTask = new Map<string, Uint32Array>();
  readonly #bags = new Map<string, TermBag>();
  /** 1 at the places of the terms of the task that is open. */
  readonly #isHeld: Uint8Array;
  #open: TermBag | null = null;
  readonly #similarities = new Map<string, Map<string, number>>();
  /** The bags of lists of tasks. */
  readonly #lists = new WeakMap<readonly string[], readonly TermBag[]>();
  /** The place of each of the kernel's tasks. */
  readonly #numbers: ReadonlyMap<string, number>;
  /** The bags of the kernel's tasks, by their places. */
  readonly #own: readonly TermBag[];
  /**
   * Similarities of each two of them, by the larger place and then the smaller; null: not computed
   * yet.
   */
  #pairs: Float64Array | null = null;

  /** @param episodes those whose tasks' words make the vocabulary; the same task counts once */
  constructor(episodes: readonly Pick<EpisodeDigest, "task" | "terms">[]) {
    for (const { task, terms } of episodes)
      if (terms && !this.#terms.has(task)) this.#terms.set(task, terms);
    const tasks = [...new Set(episodes.map(({ task }) => task))];
    const capacity = tasks.reduce((sum, task) => sum + this.termsOf(task).length, 0);
    const frequencies = new Uint32Array(capacity);
    this.#vocabulary = new Vocabulary(capacity);
    for (const task of tasks) {
      const terms = this.termsOf(task);
      const places = new Uint32Array(terms.length);
      for (let i = 0; i < terms.length; i++) {
        const place = this.#vocabulary.add(terms[i] ?? 0);
        places[i] = place;
        frequencies[place] = (frequencies[place] ?? 0) + 1;
      }
      this.#placesByTask.set(task, places);
    }

    const total = tasks.length;
    this.#numbers = new Map(tasks.map((task, i) => [task, i]));
    this.#isHeld = new Uint8Array(this.#vocabulary.size);
    this.#squares = squaresOf(frequencies.subarray(0, this.#vocabulary.size), total);
    this.#own = tasks.map((task) => this.#bagOf(task));
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
    this.#hold(this.#bagOf(task));
    const held = new Uint8Array(terms.length);
    for (let i = 0; i < held.length; i++) {
      const place = this.#vocabulary.find(terms[i] ?? 0);
      held[i] = place < 0 ? 0 : (this.#isHeld[place] ?? 0);
    }
    return held;
  }

  /** In 0…1; 1 for the same task. Symmetric to the last digit. */
  similarity(a: string, b: string): number {
    if (a === b) return 1;
    const toFirst = this.#similarities.get(a) ?? new Map<string, number>();
    this.#similarities.set(a, toFirst);
    const similarity = toFirst.get(b) ?? this.#compare(this.#bagOf(a), this.#bagOf(b));
    toFirst.set(b, similarity);
    return similarity;
  }

  /**
   * A task's similarity to each of these, in 0…1: as `similarity`, which holds on to what it
   * computed. Cheap where many tasks are compared with one list, which must not change.
   */
  similaritiesTo(task: string, others: readonly string[]): Float64Array {
    const own = this.#bagOf(task);
    const bags = this.#bagsOf(others);
    const similarities = new Float64Array(bags.length);
    for (let i = 0; i < bags.length; i++) {
      const other = bags[i] ?? own;
      similarities[i] = other === own ? 1 : this.#compare(own, other);
    }
    return similarities;
  }

  #bagsOf(tasks: readonly string[]): readonly TermBag[] {
    const known = this.#lists.get(tasks);
    if (known) return known;
    const bags = tasks.map((task) => this.#bagOf(task));
    this.#lists.set(tasks, bags);
    return bags;
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

  /** Of two of the kernel's tasks computed once: to the last digit it is the same either way. */
  #compare(own: TermBag, other: TermBag): number {
    if (own.number < 0 || other.number < 0) return this.#computed(own, other);
    if (own.number === other.number) return 1;
    this.#pairs ??= this.#allPairs();
    const [a, b] = [own.number, other.number];
    return this.#pairs[a > b ? pairAt(a, b) : pairAt(b, a)] ?? 0;
  }

  /**
   * Every two of the kernel's tasks, term by term: most terms are of one task alone, and cost
   * nothing. The weights are whole numbers, so their order makes no difference.
   */
  #allPairs(): Float64Array {
    const bags = this.#own;
    const pairs = new Float64Array((bags.length * (bags.length - 1)) / 2);
    const holders: number[][] = Array.from({ length: this.#squares.length }, () => []);
    for (const [number, { places }] of bags.entries()) {
      const begin = pairAt(number, 0);
      for (let i = 0; i < places.length; i++) {
        const place = places[i] ?? 0;
        const square = this.#squares[place] ?? 0;
        const before = holders[place] ?? [];
        for (let h = 0; h < before.length; h++) {
          const at = begin + (before[h] ?? 0);
          pairs[at] = (pairs[at] ?? 0) + square;
        }
        before.push(number);
      }
    }
    for (const [number, { norm }] of bags.entries()) {
      const begin = pairAt(number, 0);
      for (let other = 0; other < number; other++)
        pairs[begin + other] = (pairs[begin + other] ?? 0) / (norm * (bags[other]?.norm ?? 1));
    }
    return pairs;
  }

  /** Cheap when the first one is the same as the time before. */
  #computed(own: TermBag, other: TermBag): number {
    this.#hold(own);
    const [places, isHeld, squares] = [other.places, this.#isHeld, this.#squares];
    let sum = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] ?? 0;
      if (isHeld[place] === 1) sum += squares[place] ?? 0;
    }
    return sum / (own.norm * other.norm);
  }

  /** Opens a task: `#isHeld` says which terms it has. */
  #hold(bag: TermBag): void {
    if (this.#open === bag) return;
    for (const place of this.#open?.places ?? []) this.#isHeld[place] = 0;
    for (const place of bag.places) this.#isHeld[place] = 1;
    this.#open = bag;
  }

  #bagOf(task: string): TermBag {
    const made = this.#bags.get(task);
    if (made) return made;

    const places = this.#placesByTask.get(task) ?? this.#placesOf(task);
    let sum = 0;
    for (const place of places) sum += this.#squares[place] ?? 0;
    const number = this.#numbers.get(task) ?? -1;
    const bag = { places, norm: Math.sqrt(sum) || 1, number };
    this.#bags.set(task, bag);
    return bag;
  }

  /** Of a task that the kernel is not made of: only what its tasks have. */
  #placesOf(task: string): Uint32Array {
    const terms = this.termsOf(task);
    const places = new Uint32Array(terms.length);
    let length = 0;
    for (let i = 0; i < terms.length; i++) {
      const place = this.#vocabulary.find(terms[i] ?? 0);
      if (place >= 0) places[length++] = place;
    }
    return places.subarray(0, length);
  }
}

/** Where the similarity of two tasks is. @param larger place, above the smaller */
function pairAt(larger: number, smaller: number): number {
  return (larger * (larger - 1)) / 2 + smaller;
}

/** The squared weight of each term, in units. @param frequencies how many of the tasks have it */
function squaresOf(frequencies: Uint32Array, total: number): Float64Array {
  const squares = new Float64Array(frequencies.length);
  for (let i = 0; i < squares.length; i++) {
    const n = frequencies[i] ?? 0;
    const rarity = Math.log(1 + (total - n + 0.5) / (n + 0.5));
    squares[i] = Math.round(rarity ** (2 * RARITY_EXPONENT) / WEIGHT_UNIT);
  }
  return squares;
}
