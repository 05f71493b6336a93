/**
 * A set of whole numbers that lie close together, in a bit each: a million of them take some hundred
 * kilobytes, where a `Set` takes tens of megabytes. Pure.
 *
 * @module
 */

/** Numbers that share a chunk of bits: few enough that one alone costs little. */
const CHUNK_NUMBERS = 1_024;

export class NumberSet {
  readonly #chunks = new Map<number, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    const { chunk, byte, bit } = placeOf(number);
    return ((this.#chunks.get(chunk)?.[byte] ?? 0) & bit) !== 0;
  }

  /** @param number whole, ≥ 0 */
  add(number: number): void {
    if (this.has(number)) return;
    const { chunk, byte, bit } = placeOf(number);
    const bytes = this.#chunks.get(chunk) ?? new Uint8Array(CHUNK_NUMBERS / 8);
    this.#chunks.set(chunk, bytes);
    bytes[byte] = (bytes[byte] ?? 0) | bit;
    this.#size += 1;
  }

  delete(number: number): void {
    if (!this.has(number)) return;
    const { chunk, byte, bit } = placeOf(number);
    const bytes = this.#chunks.get(chunk);
    if (bytes) bytes[byte] = (bytes[byte] ?? 0) & ~bit;
    this.#size -= 1;
  }
}

function placeOf(number: number): { chunk: number; byte: number; bit: number } {
  const within = number % CHUNK_NUMBERS;
  return { chunk: Math.floor(number / CHUNK_NUMBERS), byte: within >> 3, bit: 1 << (within & 7) };
}
