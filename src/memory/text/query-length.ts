/**
 * Long queries: a task description of many sentences repeats what it is about and names much that
 * it is not about. M. Gupta, M. Bendersky, "Information retrieval with verbose queries", FnTIR 9
 * (2015).
 *
 * @module
 */

/** Distinct terms up to which a query is short, and from which it is as long as can be. */
const SHORT = 14;
const LONG = 22;
/** A long query repeats a term on purpose: exponent of the repetitions. */
const REPETITION = 1.5;
/** Its rare words are names rather than topics: what rarity's exponent loses. */
const RARITY_LOSS = 0.6;

/** 0 for a short query, 1 for a long one. */
export function queryLengthWeights(distinct: number): number {
  return Math.min(1, Math.max(0, (distinct - SHORT) / (LONG - SHORT)));
}

/** How a query of this many distinct terms weighs repetition and rarity. */
export function exponents(distinct: number): { repetition: number; damping: number } {
  const long = queryLengthWeights(distinct);
  return { repetition: REPETITION * long, damping: 1 - RARITY_LOSS * long };
}
