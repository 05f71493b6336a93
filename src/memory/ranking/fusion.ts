/**
 * Makes one order of what words find and what meaning finds. Pure.
 *
 * @module
 */

import type { Candidate } from "../search/index.ts";

/** What a vector finds: an episode whose task means nearly the same, and how nearly, 0…1. */
export interface Meant {
  id: string;
  similarity: number;
}

/** How much of a text's relevance an equal meaning makes alone: equal words are all of it. */
const MEANING_WEIGHT = 0.5;

/**
 * Either is evidence, so that `text` becomes what a noisy OR makes of both: what only words find
 * keeps its `text`, and what both find has more than either alone. It stays a share of the best
 * possible, which the floors of ranking are about; matched terms stay those of the words. J. Pearl,
 * "Probabilistic reasoning in intelligent systems", 1988, 4.3.
 *
 * @param byWords each once
 * @param byMeaning each once
 */
export function fuse(
  byWords: readonly Candidate[],
  byMeaning: readonly Meant[],
  limit: number,
): Candidate[] {
  const meant = new Map(byMeaning.map(({ id, similarity }) => [id, similarity]));
  const worded = new Map(byWords.map((candidate) => [candidate.id, candidate]));

  return [...new Set([...worded.keys(), ...meant.keys()])]
    .map((id): Candidate => {
      const words = worded.get(id);
      const text = either(words?.text ?? 0, MEANING_WEIGHT * (meant.get(id) ?? 0));
      const { kind = "episode", matched_terms = [], inOneField = 0 } = words ?? {};
      const found = { kind, id, score: text, text, matched_terms, inOneField };
      return meant.has(id) ? { ...found, isMeant: true } : found;
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** The probability of one or the other of two independent causes. */
function either(a: number, b: number): number {
  return 1 - (1 - a) * (1 - b);
}
