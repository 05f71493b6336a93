/**
 * Ways out of an error whose very message was never seen: what masking leaves apart is compared
 * word by word.
 *
 * @module
 */

import { tokenize } from "../text/tokens.ts";

/** Templates that share less than this of their words are different errors. */
const SHARED_MIN = 0.5;

/**
 * How alike two error templates are, in 0…1: the share of their words that both have (Jaccard). 1
 * for the same template. Masks count as words.
 */
function likeTemplate(a: string, b: string): number {
  if (a === b) return 1;
  const [own, other] = [wordsOf(a), wordsOf(b)];
  let both = 0;
  for (const word of own) if (other.has(word)) both += 1;
  const either = own.size + other.size - both;
  return either === 0 ? 0 : both / either;
}

/** The items whose template is like the error, most alike first. */
export function likeTemplates<T extends { error: string }>(
  error: string,
  known: readonly T[],
): { item: T; likeness: number }[] {
  return known
    .map((item) => ({ item, likeness: likeTemplate(error, item.error) }))
    .filter(({ likeness }) => likeness >= SHARED_MIN)
    .sort((a, b) => b.likeness - a.likeness);
}

function wordsOf(template: string): Set<string> {
  return new Set(tokenize(template).map(({ term }) => term));
}
