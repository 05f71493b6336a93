/**
 * What of a lesson's text is compared: the terms that carry its meaning, the pairs of them that
 * follow each other, and the words that turn a meaning round. Pure, and linear in the text.
 *
 * @module
 */

import { queryTokens, tokenize } from "../text/index.ts";

export interface LessonTerms {
  /** Each once. */
  terms: ReadonlySet<string>;
  /** Neighbours among the terms, as shingles of two. */
  pairs: ReadonlySet<string>;
  /** Negations, exceptions and numbers: where they differ, two texts say different things. */
  turning: ReadonlySet<string>;
}

/** Words that say how strongly something is meant, and not what. */
const FILLERS: ReadonlySet<string> = new Set(
  (
    "actually always basically best better ensure generally good important just kindly make must " +
    "need needs please really remember shall simply sure try usually want"
  ).split(" "),
);

const TURNING: ReadonlySet<string> = new Set(
  (
    "after anymore avoid before cannot deprecated don except forbidden instead longer never no " +
    "none not nothing obsolete only replaced stop unless until without"
  ).split(" "),
);

/** Between two terms: no term holds it. */
const BETWEEN = "\u001f";

export function lessonTerms(text: string): LessonTerms {
  const content = new Set(
    queryTokens(text)
      .filter(({ word }) => !FILLERS.has(word))
      .map(({ term }) => term),
  );
  const all = tokenize(text);
  const sequence = all.map(({ term }) => term).filter((term) => content.has(term));
  return {
    terms: content,
    pairs: new Set(sequence.slice(1).map((term, i) => `${sequence[i] ?? ""}${BETWEEN}${term}`)),
    turning: new Set(
      all.map(({ word }) => word).filter((word) => TURNING.has(word) || /\d/.test(word)),
    ),
  };
}

/** Shared members over all members, 0…1; two empty sets are the same. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = sharedCount(a, b);
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

export function sharedCount(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const member of a.size < b.size ? a : b) if ((a.size < b.size ? b : a).has(member)) shared++;
  return shared;
}

/** How telling each term is among some lessons: the rarer, the more. */
export class TermWeights {
  readonly #counts = new Map<string, number>();
  readonly #documents: number;
  /** Of sets that were summed before: those of lessons never change, and are summed again. */
  readonly #sums = new WeakMap<ReadonlySet<string>, number>();

  constructor(documents: readonly ReadonlySet<string>[]) {
    this.#documents = documents.length;
    for (const terms of documents)
      for (const term of terms) this.#counts.set(term, (this.#counts.get(term) ?? 0) + 1);
  }

  of(term: string): number {
    const count = this.#counts.get(term) ?? 0;
    // As in BM25, but never nothing: with few lessons each word may be in all of them.
    return Math.log(1 + (this.#documents + 1) / (count + 0.5));
  }

  sum(terms: ReadonlySet<string>): number {
    const known = this.#sums.get(terms);
    if (known !== undefined) return known;
    let sum = 0;
    for (const term of terms) sum += this.of(term);
    this.#sums.set(terms, sum);
    return sum;
  }

  /** The weight of what both have. */
  sumShared(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
    const [fewer, more] = a.size < b.size ? [a, b] : [b, a];
    let sum = 0;
    for (const term of fewer) if (more.has(term)) sum += this.of(term);
    return sum;
  }
}
