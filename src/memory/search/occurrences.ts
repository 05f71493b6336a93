/**
 * Counts where the terms of a query occur in the fields of documents. Most terms of a document are
 * none of the query's: a bit for the end of their hash says so. Pure.
 *
 * @module
 */

import { termHash } from "./term-hash.ts";

/** Hashes that end alike share a bit: with some hundred terms one in a hundred is looked up. */
const BITS = 1 << 16;

/** A term of a query, and the indexed terms that count for it as variants. */
export interface CountedTerm {
  term: string;
  variants: readonly string[];
}

/** The query terms, by their places in the query, that a term of a document counts for. */
interface Matches {
  exact: number[];
  variants: number[];
}

export class Occurrences {
  /** 1: a term with this end of its hash may count for a term. */
  readonly #isOpen = new Uint8Array(BITS);
  readonly #matches = new Map<number, Matches>();
  /**
   * Of the field that was read last, for each query term: how often it occurs itself, in the first
   * line, and as a variant.
   */
  readonly exact: Float64Array;
  readonly leads: Float64Array;
  readonly variants: Float64Array;
  /** The query terms that occur in that field. */
  touched: number[] = [];
  /**
   * Which terms of that field are the query's themselves, and the last of the query's terms that
   * each is.
   */
  places: number[] = [];
  termsAt: number[] = [];

  /** @param withVariants whether variants count, too */
  constructor(terms: readonly CountedTerm[], withVariants: boolean) {
    this.exact = new Float64Array(terms.length);
    this.leads = new Float64Array(terms.length);
    this.variants = new Float64Array(terms.length);
    for (const [t, { term, variants }] of terms.entries()) {
      this.#matchesOf(termHash(term)).exact.push(t);
      if (!withVariants) continue;
      for (const variant of variants) this.#matchesOf(termHash(variant)).variants.push(t);
    }
  }

  /** Reads a field: the hashes of its terms, of which so many are of the first line. Linear. */
  read(hashes: Uint32Array, leading: number): void {
    if (this.touched.length > 0) this.#clear();
    const isOpen = this.#isOpen;
    for (let place = 0; place < hashes.length; place++) {
      const hash = hashes[place] ?? 0;
      if (isOpen[hash & (BITS - 1)] === 1) this.#count(hash, place, leading);
    }
  }

  /** Whatever is counted is touched, too. */
  #clear(): void {
    for (const t of this.touched) this.exact[t] = this.leads[t] = this.variants[t] = 0;
    this.touched = [];
    this.places = [];
    this.termsAt = [];
  }

  #count(hash: number, place: number, leading: number): void {
    const matches = this.#matches.get(hash);
    if (!matches) return;
    // Whole numbers are summed, so that the order of the terms makes no difference.
    for (const t of matches.exact) {
      this.#touch(t);
      this.exact[t] = (this.exact[t] ?? 0) + 1;
      if (place < leading) this.leads[t] = (this.leads[t] ?? 0) + 1;
    }
    for (const t of matches.variants) {
      this.#touch(t);
      this.variants[t] = (this.variants[t] ?? 0) + 1;
    }

    const last = matches.exact.at(-1);
    if (last === undefined) return;
    this.places.push(place);
    this.termsAt.push(last);
  }

  #touch(t: number): void {
    if (this.exact[t] === 0 && this.variants[t] === 0) this.touched.push(t);
  }

  #matchesOf(hash: number): Matches {
    const matches = this.#matches.get(hash) ?? { exact: [], variants: [] };
    this.#matches.set(hash, matches);
    this.#isOpen[hash & (BITS - 1)] = 1;
    return matches;
  }
}
