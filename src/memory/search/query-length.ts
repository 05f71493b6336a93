/**
 * Weighs the terms of a query by its length: a task description of many sentences repeats what it
 * is about and names much that it is not about. Pure. M. Gupta, M. Bendersky, "Information
 * retrieval with verbose queries", FnTIR 9 (2015).
 *
 * @module
 */

/** Distinct terms up to which a query is short, and from which it is as long as can be. */
const SHORT_MAX = 14;
const LONG_MIN = 22;
/** A long query repeats a term on purpose: exponent of the repetitions. */
const REPETITION = 1.5;
/** Its rare words are names rather than topics: what rarity's exponent loses. */
const RARITY_LOSS = 0.6;

/** How long a query of this many distinct terms is: 0 for a short one, 1 for a long one. */
export function queryLength(distinct: number): number {
  return Math.min(1, Math.max(0, (distinct - SHORT_MAX) / (LONG_MIN - SHORT_MAX)));
}

/** Exponents of a term's repetitions and of its rarity, for a query of this many distinct terms. */
export function queryExponents(distinct: number): { repetition: number; damping: number } {
  const length = queryLength(distinct);
  return { repetition: REPETITION * length, damping: 1 - RARITY_LOSS * length };
}
