/**
 * Where the terms of a query occur in the fields of documents. Most words of a document are none of
 * the query's: they are told apart by their first two characters, without being cut out.
 *
 * @module
 */

import { isVariant, startOf } from "./proximity.ts";

const SPACE = 32;
/** Terms are ASCII. */
const CODES = 128;

/** The query terms, by their places in the query, that a word counts for. */
interface Meant {
  exact: readonly number[];
  variants: readonly number[];
}

export class Occurrences {
  readonly #prefix: number;
  readonly #byTerm: Map<string, number[]>;
  readonly #byStart: Map<string, number[]>;
  readonly #terms: readonly string[];
  /** 1: a word with these two first characters may count for something. */
  readonly #open = new Uint8Array(CODES * CODES);
  /** The words of a language are few: each is compared once. */
  readonly #known = new Map<string, Meant | null>();
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
   * Which words of that field are terms themselves, and the last of the query's terms that each is.
   */
  places: number[] = [];
  termsAt: number[] = [];

  /**
   * @param terms of the query, without a tag, ASCII
   * @param prefix length of the tag before each word of a document
   * @param withVariants whether words that begin alike count, too
   */
  constructor(terms: readonly string[], prefix: number, withVariants: boolean) {
    this.#prefix = prefix;
    this.#terms = terms;
    const places = terms.map((_, t) => t);
    this.#byTerm = Map.groupBy(places, (t) => terms[t] ?? "");
    this.#byStart = Map.groupBy(withVariants ? places : [], (t) => startOf(terms[t] ?? ""));
    for (const term of terms) this.#open[pairAt(term, 0, term.length)] = 1;
    this.exact = new Float64Array(terms.length);
    this.leads = new Float64Array(terms.length);
    this.variants = new Float64Array(terms.length);
  }

  /**
   * Reads a field: words with one space between them, of which so many are of the first line.
   * Linear in the text.
   */
  read(text: string, leading: number): void {
    for (const t of this.touched) this.exact[t] = this.leads[t] = this.variants[t] = 0;
    this.touched = [];
    this.places = [];
    this.termsAt = [];
    for (let from = 0, place = 0; from < text.length; place++) {
      const space = text.indexOf(" ", from);
      const to = space < 0 ? text.length : space;
      const begin = from + this.#prefix;
      if (this.#open[pairAt(text, begin, to)] === 1)
        this.#count(text.slice(begin, to), place, leading);
      from = to + 1;
    }
  }

  #count(word: string, place: number, leading: number): void {
    const meant = this.#meant(word);
    if (!meant) return;
    // Whole numbers are summed, so that the order of the words does not tell.
    for (const t of meant.exact) {
      this.#touch(t);
      this.exact[t] = (this.exact[t] ?? 0) + 1;
      if (place < leading) this.leads[t] = (this.leads[t] ?? 0) + 1;
    }
    for (const t of meant.variants) {
      this.#touch(t);
      this.variants[t] = (this.variants[t] ?? 0) + 1;
    }
    const last = meant.exact.at(-1);
    if (last === undefined) return;
    this.places.push(place);
    this.termsAt.push(last);
  }

  #touch(t: number): void {
    if (this.exact[t] === 0 && this.variants[t] === 0) this.touched.push(t);
  }

  #meant(word: string): Meant | null {
    const before = this.#known.get(word);
    if (before !== undefined) return before;
    const exact = this.#byTerm.get(word) ?? [];
    const alike = this.#byStart.get(startOf(word)) ?? [];
    const variants = alike.filter((t) => isVariant(this.#terms[t] ?? "", word));
    const meant = exact.length + variants.length > 0 ? { exact, variants } : null;
    this.#known.set(word, meant);
    return meant;
  }
}

/** The first two characters of a word as one number; a word of one character ends with a space. */
function pairAt(text: string, from: number, to: number): number {
  return text.charCodeAt(from) * CODES + (from + 1 < to ? text.charCodeAt(from + 1) : SPACE);
}
