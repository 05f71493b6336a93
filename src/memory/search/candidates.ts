/**
 * Finds the documents that are worth scoring: those whose query terms weigh the most together,
 * by the postings lists of the terms, the rarest first. Reading stops when no document that was
 * not seen yet could still be among them, so the work is bounded by the query and not by the
 * store: H. Turtle, J. Flood, "Query evaluation: strategies and optimizations", IPM 31 (1995).
 * Pure.
 *
 * @module
 */

import { rising } from "./inverted/segment.ts";

/** Postings that are read, before it is decided whether more are needed. */
const POSTINGS_PER_ROUND = 2_000;

export interface WeightedTerm {
  /** Documents that hold it. */
  documents: number;
  /** What a document gains by holding it, ≥ 0. */
  weight: number;
  /** The documents that hold it, and are of the kind that is wanted. */
  read: () => readonly number[];
}

/**
 * Numbers of documents, the most promising first. A term whose list does not fit into
 * `maxPostings` beside those of rarer ones is not read: a document that has none but such terms has
 * only common words of the query. Of the rarest term the newest documents are taken, however many
 * there are.
 *
 * @param terms the rarest first
 * @param wanted documents that are in order; those behind them are as they were found
 * @param maxPostings documents that the lists which are read may have together
 */
export function topCandidates(
  terms: readonly WeightedTerm[],
  wanted: number,
  maxPostings: number,
): number[] {
  const readable = rarestWithin(terms, maxPostings);
  const accumulators = new Accumulators();
  let unread = readable.reduce((sum, { weight }) => sum + weight, 0);

  for (let next = 0; next < readable.length && accumulators.leastOfTop(wanted) < unread;) {
    const round = readable.slice(next, next + roundLength(readable.slice(next)));
    next += round.length;
    for (const { weight, read } of round) {
      for (const document of newest(read(), maxPostings)) accumulators.add(document, weight);
      unread -= weight;
    }
  }
  return accumulators.ranked(wanted);
}

/** The weights of the terms that each document was seen to hold, summed. */
class Accumulators {
  readonly #places = new Map<number, number>();
  readonly #documents: number[] = [];
  readonly #sums: number[] = [];

  add(document: number, weight: number): void {
    const place = this.#places.get(document);
    if (place === undefined) {
      this.#places.set(document, this.#documents.length);
      this.#documents.push(document);
      this.#sums.push(weight);
    } else this.#sums[place] = (this.#sums[place] ?? 0) + weight;
  }

  /** The sum of the last of the best `count` documents; 0 while there are fewer. */
  leastOfTop(count: number): number {
    const { length } = this.#sums;
    return length < count ? 0 : (Float64Array.from(this.#sums).sort()[length - count] ?? 0);
  }

  /**
   * All documents, the best `count` in order and the others behind them as they were seen: most of
   * them are not wanted, and sorting them takes longer than finding them.
   */
  ranked(count: number): number[] {
    const least = this.leastOfTop(count);
    const best: number[] = [];
    const others: number[] = [];
    for (const [place, sum] of this.#sums.entries()) (sum >= least ? best : others).push(place);

    const [documents, sums] = [this.#documents, this.#sums];
    best.sort(
      (a, b) => (sums[b] ?? 0) - (sums[a] ?? 0) || (documents[b] ?? 0) - (documents[a] ?? 0),
    );
    return [...best, ...others].map((place) => documents[place] ?? 0);
  }
}

/** Later documents have higher numbers. */
function newest(documents: readonly number[], limit: number): readonly number[] {
  return documents.length <= limit ? documents : documents.toSorted(rising).slice(-limit);
}

/** The rarest terms whose lists fit into the bound together, and one at least. */
function rarestWithin(terms: readonly WeightedTerm[], maxPostings: number): WeightedTerm[] {
  let sum = 0;
  return terms.filter(({ documents }, i) => {
    sum += documents;
    return i === 0 || sum <= maxPostings;
  });
}

/** How many of the first terms are read with the next round. */
function roundLength(terms: readonly WeightedTerm[]): number {
  let sum = 0;
  const end = terms.findIndex(({ documents }, i) => {
    sum += documents;
    return i > 0 && sum > POSTINGS_PER_ROUND;
  });
  return end < 0 ? terms.length : end;
}
