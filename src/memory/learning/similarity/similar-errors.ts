/**
 * Finds errors that are like one whose very message was never seen: what masking leaves apart is
 * compared word by word. Pure.
 *
 * @module
 */

import { tokenize } from "../../text/tokens.ts";

/** Templates that share less than this of their words are different errors. */
const SIMILARITY_MIN = 0.5;

/** The items whose template is like this one, most alike first; masks count as words. */
export function similarErrors<T extends { error: string }>(
  error: string,
  items: readonly T[],
): { item: T; similarity: number }[] {
  return items
    .map((item) => ({ item, similarity: templateSimilarity(error, item.error) }))
    .filter(({ similarity }) => similarity >= SIMILARITY_MIN)
    .sort((a, b) => b.similarity - a.similarity);
}

/** The share of the words of two error templates that both have (Jaccard), 0…1; 1 for the same. */
function templateSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const [own, other] = [wordsOf(a), wordsOf(b)];
  let shared = 0;
  for (const word of own) if (other.has(word)) shared += 1;
  const all = own.size + other.size - shared;
  return all === 0 ? 0 : shared / all;
}

function wordsOf(template: string): Set<string> {
  return new Set(tokenize(template).map(({ term }) => term));
}
