/**
 * From text to terms: the same for what is stored and for what is asked. Terms are ASCII letters and digits only,
 * because the index's tokenizer splits at anything else.
 *
 * @module
 */

import { stemmer } from "stemmer";

/** Characters of a text that are looked at. */
const CHARS_MAX = 20_000;
/** Terms that one text gives. */
const TERMS_MAX = 2_000;
const TERM_LENGTH_MAX = 40;

const WORD = /[\p{L}\p{N}]+/gu;
const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all also am an and any are as at be because been but by can could did do does for from get had has have he her him his " +
    "how i if in into is it its just like me my no nor not of on or our out she should so some such than that the their them then " +
    "there these they this to too up us want was we were what when where which who why will with would you your yours"
  ).split(" "),
);

export interface Token {
  /** As it is indexed. */
  term: string;
  /** As it was written, lower case. */
  word: string;
}

/** The tokens of a text, in order, with repetitions. Linear in the text; at most 2,000. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const looked = text.slice(0, CHARS_MAX);
  // The same words, found several times as fast.
  const ascii = ASCII.test(looked);
  const spaced = ascii ? looked.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase() : spacedOf(looked);
  for (const word of spaced.match(ascii ? ASCII_WORD : WORD) ?? []) {
    for (const part of !ascii && CJK.test(word) ? bigrams(word) : [word]) {
      if (tokens.length >= TERMS_MAX) return tokens;
      const term = termOf(part);
      if (term !== "") tokens.push({ term, word: part });
    }
  }
  return tokens;
}

/** In lower case and without accents, parted where a capital follows a small letter. */
function spacedOf(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase();
}

/** The tokens that carry meaning in a question: without stop words, with repetitions. All stop words: those then. */
export function telling(text: string): Token[] {
  const all = tokenize(text);
  const meaning = all.filter((token) => !STOP_WORDS.has(token.word));
  return meaning.length > 0 ? meaning : all;
}

/** The telling tokens, each term once. */
export function queryTokens(text: string): Token[] {
  const once = new Map<string, Token>();
  for (const token of telling(text)) if (!once.has(token.term)) once.set(token.term, token);
  return [...once.values()];
}

/** The trigrams of a term, with its ends marked by z, so that beginnings count. */
export function trigrams(term: string): string[] {
  const marked = `z${term}z`;
  return Array.from({ length: Math.max(0, marked.length - 2) }, (_, i) => marked.slice(i, i + 3));
}

/** Words that were asked for lately, and their terms: a language uses few words most of the time. */
const terms = new Map<string, string>();
const REMEMBERED_MAX = 20_000;
const REMEMBERED_LENGTH_MAX = 30;

function termOf(part: string): string {
  const known = terms.get(part);
  if (known !== undefined) return known;
  const term = encode(/^[a-z]+$/.test(part) ? stemmer(part) : part);
  if (terms.size >= REMEMBERED_MAX) terms.clear();
  if (part.length <= REMEMBERED_LENGTH_MAX) terms.set(part, term);
  return term;
}

function bigrams(word: string): string[] {
  const chars = Array.from(word);
  return chars.length === 1 ? chars : chars.slice(1).map((char, i) => (chars[i] ?? "") + char);
}

/** Letters beyond ASCII become their code points. */
function encode(term: string): string {
  if (/^[a-z0-9]*$/.test(term)) return term.slice(0, TERM_LENGTH_MAX);
  const spelled = Array.from(term, (char) =>
    /[a-z0-9]/.test(char) ? char : `u${(char.codePointAt(0) ?? 0).toString(16)}`,
  );
  return spelled.join("").slice(0, TERM_LENGTH_MAX);
}
