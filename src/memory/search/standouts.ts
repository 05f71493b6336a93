/**
 * Lifts, for a long query, the few documents that stand out by its rare words. A description is
 * mostly asked for others of its kind, of which its names say nothing, and so rarity counts less in
 * it; but where one document has far more of the rare words than the others, it is about the very
 * same thing. Pure.
 *
 * @module
 */

/** Documents that may stand out, above the next one. */
const STANDOUTS_MAX = 3;
/** What a document gains for each time that its rare words exceed those of the next one. */
const GAIN = 1;
/** It gains at most this many times its score. */
const GAIN_MAX = 4;

/**
 * For each document, what its score is multiplied by, ≥ 1.
 *
 * @param plain scores in which rarity counts in full, in the order of the documents
 * @param length of the query, 0 for a short one … 1 for a long one
 */
export function standoutFactors(plain: readonly number[], length: number): number[] {
  const sorted = plain.toSorted((a, b) => b - a);
  const next = sorted[Math.min(STANDOUTS_MAX, sorted.length - 1)] ?? 0;
  if (length <= 0 || next <= 0) return plain.map(() => 1);
  return plain.map(
    (score) => 1 + length * Math.min(GAIN_MAX, GAIN * Math.max(0, score / next - 1)),
  );
}
