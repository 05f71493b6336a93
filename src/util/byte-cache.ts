/**
 * A Map that forgets what was not used lately when it holds too many bytes: for what can be read
 * again from where it is kept. The oldest goes, unless it was read since it was looked at last:
 * then it gets a second chance (F. J. Corbató, "A paging experiment with the Multics system",
 * 1968). So a read costs no more than that of a Map.
 *
 * @module
 */

interface Entry<V> {
  value: V;
  bytes: number;
  wasRead: boolean;
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
    entry.wasRead = true;
    return entry.value;
  }

  /** @param bytes that it takes in memory, about */
  set(key: K, value: V, bytes: number): void {
    this.delete(key);
    const added = { value, bytes, wasRead: false };
    this.#entries.set(key, added);
    this.#bytes += bytes;
    const capacity = this.#capacity();
    if (this.#bytes <= capacity) return;
    // Each is looked at twice at most: the second time it was not read since.
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= capacity) return;
      // The newest stays, whatever it holds.
      if (entry === added) {
        if (this.#entries.size === 1) return;
        this.#entries.delete(key);
        this.#entries.set(key, added);
      } else if (entry.wasRead) {
        entry.wasRead = false;
        this.#entries.delete(oldest);
        this.#entries.set(oldest, entry);
      } else {
        this.delete(oldest);
        this.#onEvict(oldest, entry.value);
      }
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
