/**
 * Numbers terms, by their hashes, in the order in which they come: a hash table of two flat arrays,
 * open addressing with linear probing, because every prediction numbers some ten thousand.
 *
 * @module
 */

const NONE = -1;

export class Vocabulary {
  readonly #hashes: Uint32Array;
  /** The number of the hash at the same slot, or NONE. */
  readonly #numbers: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** @param capacity terms that will be added at most */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2));
    this.#hashes = new Uint32Array(slots);
    this.#numbers = new Int32Array(slots).fill(NONE);
    this.#mask = slots - 1;
  }

  /** Terms that were added. */
  get size(): number {
    return this.#size;
  }

  /** The number of a term: 0 for the first that was added, and so on; −1: it was not. */
  find(hash: number): number {
    return this.#numbers[this.#slotOf(hash)] ?? NONE;
  }

  /** The number of a term, which is added if it was not. @param hash well mixed, 0…2³²−1 */
  add(hash: number): number {
    const slot = this.#slotOf(hash);
    const present = this.#numbers[slot] ?? NONE;
    if (present !== NONE) return present;
    this.#hashes[slot] = hash;
    this.#numbers[slot] = this.#size;
    return this.#size++;
  }

  /** Where the hash is, or would be. */
  #slotOf(hash: number): number {
    let slot = hash & this.#mask;
    while (this.#numbers[slot] !== NONE && this.#hashes[slot] !== hash)
      slot = (slot + 1) & this.#mask;
    return slot;
  }
}
