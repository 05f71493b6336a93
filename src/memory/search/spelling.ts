/**
 * Finds the indexed term that a misspelt one of a query is probably meant as: of the terms that
 * have a part of it whole, at their beginning or their end, the one with the least edit distance. A
 * term that is too short to be recognised with an error in it gets no spelling. Pure.
 *
 * @module
 */

import { editDistance, errorsForgiven } from "./distance.ts";
import type { TermIndex } from "./inverted/term-index.ts";

/**
 * An indexed term that this one is taken for; null: for none.
 *
 * @param term one that no document holds
 */
export function spellingOf(index: TermIndex, term: string): string | null {
  const forgiven = errorsForgiven(term.length);
  if (forgiven === 0) return null;

  // Of so many parts one has no error. Each error may move the border of the last by one.
  const part = Math.floor(term.length / (forgiven + 1));
  const alike = new Set([
    ...index.beginningWith(term.slice(0, part)),
    ...index.endingWith(term.slice(-part)),
  ]);

  let nearest: string | null = null;
  let least = forgiven;
  for (const candidate of alike) {
    if (Math.abs(candidate.length - term.length) > least) continue;
    const distance = editDistance(term, candidate, least);
    if (distance > least) continue;
    if (distance === least && nearest !== null && nearest < candidate) continue;
    if (index.find(candidate).documents === 0) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}
