/**
 * Turns text into terms, the same way for what is stored and for what is asked. Terms are ASCII
 * letters and digits only, because the index's tokenizer splits at anything else.
 *
 * @module
 */

import { stemmer } from "stemmer";
import { BoundedMap } from "../../util/bounded-map.ts";

/**
 * Characters of a text that are read, as it is written and again without ligatures and accents.
 */
const CHARS_MAX = 20_000;
/** Characters that are unfolded at once: each may become eighteen, of which few may be needed. */
const UNFOLDED_AT_ONCE = 2_000;
/** Terms that one text gives. */
const TERMS_MAX = 2_000;
const TERM_LENGTH_MAX = 40;

const WORD = /[\p{L}\p{N}]+/gu;
const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all also am an and any are as at be because been but by can could did do does for " +
    "from get had has have he her him his how i if in into is it its just like me my no nor not " +
    "of on or our out she should so some such than that the their them then there these they " +
    "this to too up us want was we were what when where which who why will with would you your " +
    "yours"
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
  const read = text.slice(0, CHARS_MAX);
  // Two ways to the same words: that of ASCII is several times as fast.
  const isAscii = ASCII.test(read);
  const spaced = isAscii
    ? read.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()
    : spacedOf(read);

  for (const word of spaced.match(isAscii ? ASCII_WORD : WORD) ?? []) {
    const isCjk = !isAscii && CJK.test(word);
    for (const part of isCjk ? bigrams(word, TERMS_MAX - tokens.length) : [word]) {
      if (tokens.length >= TERMS_MAX) return tokens;
      const term = termOf(part);
      if (term !== "") tokens.push({ term, word: part });
    }
  }
  return tokens;
}

/** In lower case and without accents, parted where a capital follows a small letter. */
function spacedOf(text: string): string {
  const spaced = text.toWellFormed().replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2");
  let unfolded = "";
  for (let from = 0; from < spaced.length && unfolded.length < CHARS_MAX;) {
    const to = afterWhole(spaced, from + UNFOLDED_AT_ONCE);
    // A letter's combining marks may be cut from it here: they are left out anyway.
    unfolded += spaced
      .slice(from, to)
      .normalize("NFKD")
      .replaceAll(/\p{M}+/gu, "");
    from = to;
  }
  return unfolded.slice(0, CHARS_MAX).toLowerCase();
}

/** The place, or the next one where no character of two code units is cut in two. */
function afterWhole(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00 ? at + 1 : at;
}

/**
 * The tokens that carry meaning in a question: without stop words, with repetitions. All stop
 * words: those then.
 */
export function contentTokens(text: string): Token[] {
  const all = tokenize(text);
  const flags = contentFlags(all);
  return all.filter((_, i) => flags[i]);
}

/** For each token of a text, whether `contentTokens` has it. */
export function contentFlags(tokens: readonly Token[]): boolean[] {
  const flags = tokens.map(({ word }) => !STOP_WORDS.has(word));
  return flags.includes(true) ? flags : flags.map(() => true);
}

/** The content tokens, each term once. */
export function queryTokens(text: string): Token[] {
  const once = new Map<string, Token>();
  for (const token of contentTokens(text)) if (!once.has(token.term)) once.set(token.term, token);
  return [...once.values()];
}

/**
 * The terms of words that were asked for lately: a language uses few words most of the time, and
 * stemming is most of the work of a tokenizer. It changes no result, so that `tokenize` is as pure
 * as without it.
 */
const REMEMBERED_MAX = 20_000;
const terms = new BoundedMap<string, string>(REMEMBERED_MAX);
const REMEMBERED_LENGTH_MAX = 30;

function termOf(part: string): string {
  const remembered = terms.get(part);
  if (remembered !== undefined) return remembered;

  const term = encode(/^[a-z]+$/.test(part) ? stemmer(part) : part);
  if (part.length <= REMEMBERED_LENGTH_MAX) terms.set(part, term);
  return term;
}

/** @param most more are not needed; one more may come */
function bigrams(word: string, most: number): string[] {
  // A character has two code units at most.
  const chars = Array.from(word.slice(0, 2 * (most + 2)));
  return chars.length === 1 ? chars : chars.slice(1).map((char, i) => (chars[i] ?? "") + char);
}

/** Letters beyond ASCII become their code points. */
function encode(term: string): string {
  if (/^[a-z0-9]*$/.test(term)) return term.slice(0, TERM_LENGTH_MAX);
  let spelled = "";
  for (const char of term.slice(0, 2 * TERM_LENGTH_MAX)) {
    spelled += /[a-z0-9]/.test(char) ? char : `u${(char.codePointAt(0) ?? 0).toString(16)}`;
    if (spelled.length >= TERM_LENGTH_MAX) break;
  }
  return spelled.slice(0, TERM_LENGTH_MAX);
}
