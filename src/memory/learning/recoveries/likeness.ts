/**
 * Says whether two templates are of the same kind of error. What names a kind counts most: a code, a
 * class of exception; words that any error has count little, and masks hardly. Pure.
 *
 * @module
 */

import { tokenize } from "../../text/tokens.ts";

/** Templates that are less alike are different errors. */
export const LIKENESS_MIN = 0.5;
/** What a word is worth. */
const CODE_WORTH = 2;
const WORD_WORTH = 1;
const COMMON_WORTH = 0.4;
const MASK_WORTH = 0.1;

/** Codes and classes that name a kind of error by themselves. */
const CODE = /\bE[A-Z]{4,}\b|\b[A-Z]\w*(?:Error|Exception)\b|\b[A-Z]{1,4}\d{3,5}\b/g;
/** Classes that any error may have. */
const GENERIC = /^(?:Aggregate|Runtime|Type|Value|System|Internal|Process)?(?:Error|Exception)$/;
const MASKS = /<(?:id|url|text|path|number)>/g;
/** Words of any error, as they are indexed. */
const COMMON: ReadonlySet<string> = new Set(
  (
    "error errors fail failed failure cannot could can not unable warning warn fatal invalid unexpected " +
    "exit code status line file command found find no such missing is required at by to " +
    "run running npm err process returned exception message undefined unknown expected already with"
  )
    .split(" ")
    .flatMap((word) => tokenize(word).map(({ term }) => term)),
);

/** 0…1; 1 for the same template. Symmetric. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const [own, other] = [codesOf(a), codesOf(b)];
  const named = [...own].some((code) => other.has(code));
  // Each says by name which error it is, and they are not the same.
  if (own.size > 0 && other.size > 0 && !named) return 0;

  const [words, others] = [wordsOf(a, own), wordsOf(b, other)];
  let [shared, all] = [0, 0];
  for (const [word, worth] of words) {
    all += worth;
    if (others.has(word)) shared += worth;
  }
  for (const [word, worth] of others) if (!words.has(word)) all += worth;
  return all === 0 ? 0 : shared / all;
}

function codesOf(template: string): Set<string> {
  return new Set((template.match(CODE) ?? []).filter((code) => !GENERIC.test(code)));
}

/** Word → what it is worth. */
function wordsOf(template: string, codes: ReadonlySet<string>): Map<string, number> {
  const words = new Map<string, number>();
  for (const mask of template.match(MASKS) ?? []) words.set(mask, MASK_WORTH);
  for (const { term } of tokenize(template.replaceAll(MASKS, " ")))
    words.set(term, COMMON.has(term) ? COMMON_WORTH : WORD_WORTH);
  for (const code of codes) words.set(code, CODE_WORTH);
  return words;
}
