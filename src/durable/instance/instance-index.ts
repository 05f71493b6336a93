/**
 * The number of this instance, which it learns from its calls and keeps.
 *
 * @module
 */

import type { Meta } from "./meta.ts";

export class InstanceIndex {
  readonly #meta: Meta;
  #value: number | null;

  constructor(meta: Meta) {
    this.#meta = meta;
    const stored = meta.get("index");
    this.#value = stored === null ? null : Number(stored);
  }

  /** null: nobody has called yet. */
  get value(): number | null {
    return this.#value;
  }

  /** True: it is news. */
  learn(index: number): boolean {
    if (this.#value === index) return false;
    this.#value = index;
    this.#meta.set("index", String(index));
    return true;
  }
}
