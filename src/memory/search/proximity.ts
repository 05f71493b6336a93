/**
 * Finds what a bag of words does not show: terms that stand together, and words that are nearly the
 * same. Pure.
 *
 * @module
 */

/** Words that a window spans: about a sentence without its stop words. */
const WINDOW = 10;
/** A variant shares at least this many first letters, and this share of the longer of the two. */
export const START_LENGTH = 4;
const SHARED_SHARE = 0.5;

/**
 * The greatest weight of distinct query terms within a window of ten terms: what the query says is
 * likelier meant where it stands together. T. Tao, C. Zhai, "An exploration of proximity measures
 * in information retrieval", SIGIR 2007. Linear in the occurrences.
 *
 * @param places of the words of a text that are query terms, rising
 * @param terms which term each of them is
 * @param weights of the terms
 */
export function bestWindow(
  places: readonly number[],
  terms: readonly number[],
  weights: readonly number[],
): number {
  const inside = new Map<number, number>();
  let sum = 0;
  let best = 0;
  let oldest = 0;
  for (const [i, place] of places.entries()) {
    for (; (places[oldest] ?? place) <= place - WINDOW; oldest++) {
      const leaving = terms[oldest] ?? 0;
      const count = inside.get(leaving) ?? 0;
      if (count > 1) inside.set(leaving, count - 1);
      else {
        inside.delete(leaving);
        sum -= weights[leaving] ?? 0;
      }
    }
    const term = terms[i] ?? 0;
    const before = inside.get(term) ?? 0;
    inside.set(term, before + 1);
    if (before === 0) sum += weights[term] ?? 0;
    best = Math.max(best, sum);
  }
  return best;
}

/** What variants have in common at least. */
export function startOf(term: string): string {
  return term.slice(0, START_LENGTH);
}

/**
 * Whether two different terms begin alike: what a stemmer leaves apart (diabet, diabetes; neuron,
 * neural). A cheap stand-in for character n-grams: P. McNamee, J. Mayfield, "Character n-gram
 * tokenization for European language text retrieval", Information Retrieval 7 (2004).
 */
export function isVariant(a: string, b: string): boolean {
  if (a === b || !/^[a-z]{4}/.test(a)) return false;
  const least = Math.max(START_LENGTH, SHARED_SHARE * Math.max(a.length, b.length));
  if (Math.min(a.length, b.length) < least) return false;
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared += 1;
  return shared >= least;
}
