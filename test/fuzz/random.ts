/**
 * Choices by lot, the same for the same seed (mulberry32, T. Ettinger).
 *
 * @module
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** One for each input of a run: any of them can be made alone. */
  static of(seed: number, input: number): Random {
    return new Random(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35));
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  chance(share: number): boolean {
    return this.below(1_000_000) < share * 1_000_000;
  }

  /** Throws for an empty list. */
  of<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error("there is nothing to choose");
    return list[this.below(list.length)] as T;
  }

  /** Mostly small, sometimes up to `max`. */
  size(max: number): number {
    return 1 + this.below(Math.min(max, 2 ** (1 + this.below(Math.ceil(Math.log2(max + 1))))));
  }
}
