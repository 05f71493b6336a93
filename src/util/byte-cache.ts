/**
 * A Map that forgets what was not used for longest when it holds too many bytes: for what can be
 * read again from where it is kept.
 *
 * @module
 */

interface Entry<V> {
  value: V;
  bytes: number;
}

export class ByteCache<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #capacity: () => number;
  readonly #onEvict: (key: K, value: V) => void;
  #bytes = 0;

  /**
   * @param capacity bytes, asked for each time
   * @param onEvict called when an entry goes for want of room
   */
  constructor(capacity: () => number, onEvict: (key: K, value: V) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  /** Bytes of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Reading an entry counts as a use. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param bytes that it takes in memory, about */
  set(key: K, value: V, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    const capacity = this.#capacity();
    for (const [oldest, entry] of this.#entries) {
      // The newest stays, whatever it holds.
      if (this.#bytes <= capacity || oldest === key) return;
      this.delete(oldest);
      this.#onEvict(oldest, entry.value);
    }
  }

  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Linear in the entries. */
  deleteWhere(condition: (key: K) => boolean): void {
    for (const key of this.#entries.keys()) if (condition(key)) this.delete(key);
  }
}
