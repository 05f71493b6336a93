/**
 * Counts where the terms of a query occur in the fields of documents. Most words of a document are
 * none of the query's: their first two characters say so, without the word being cut out.
 *
 * @module
 */

import { isVariant, startOf } from "./proximity.ts";

const SPACE = 32;
/** Character codes of terms: they are ASCII. */
const CODES = 128;

/** The query terms, by their places in the query, that a word counts for. */
interface Matches {
  exact: readonly number[];
  variants: readonly number[];
}

export class Occurrences {
  readonly #prefix: number;
  readonly #byTerm: Map<string, number[]>;
  readonly #byStart: Map<string, number[]>;
  readonly #terms: readonly string[];
  /** 1: a word with these two first characters may count for a term. */
  readonly #isOpen = new Uint8Array(CODES * CODES);
  /** By word: the words of a language are few, so that each is compared once. */
  readonly #matches = new Map<string, Matches | null>();
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
    for (const term of terms) this.#isOpen[pairAt(term, 0, term.length)] = 1;
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
      if (this.#isOpen[pairAt(text, begin, to)] === 1)
        this.#count(text.slice(begin, to), place, leading);
      from = to + 1;
    }
  }

  #count(word: string, place: number, leading: number): void {
    const matches = this.#matchesOf(word);
    if (!matches) return;
    // Whole numbers are summed, so that the order of the words makes no difference.
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

  #matchesOf(word: string): Matches | null {
    const earlier = this.#matches.get(word);
    if (earlier !== undefined) return earlier;

    const exact = this.#byTerm.get(word) ?? [];
    const alike = this.#byStart.get(startOf(word)) ?? [];
    const variants = alike.filter((t) => isVariant(this.#terms[t] ?? "", word));
    const matches = exact.length + variants.length > 0 ? { exact, variants } : null;
    this.#matches.set(word, matches);
    return matches;
  }
}

/** The first two characters of a word as one number; a word of one character ends with a space. */
function pairAt(text: string, from: number, to: number): number {
  return text.charCodeAt(from) * CODES + (from + 1 < to ? text.charCodeAt(from + 1) : SPACE);
}
