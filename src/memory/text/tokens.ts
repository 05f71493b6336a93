/**
 * Turns text into terms, the same way for what is stored and for what is asked. Terms are ASCII
 * letters and digits only, because the index's tokenizer splits at anything else.
 *
 * @module
 */

import { stemmer } from "stemmer";
import { BoundedMap } from "../../util/bounded-map.ts";
import { textHash } from "../../util/hashing/text-hash.ts";
import { foldLetters, pairsOf, runsOf, withoutMarks } from "./scripts.ts";

/**
 * Characters of a text that are read, as it is written and again without ligatures and accents.
 */
const CHARS_MAX = 20_000;
/** Characters that are unfolded at once: each may become eighteen, of which few may be needed. */
const UNFOLDED_AT_ONCE = 2_000;
/** Terms that one text gives. */
const TERMS_MAX = 2_000;
const TERM_LENGTH_MAX = 40;
/** Characters of a spelled term that is too long; a hash of all of it follows. */
const TERM_START = 26;
const HASH_RADIX = 36;

/**
 * Rises when the same text gives other terms than before: what was indexed with another version is
 * indexed again.
 */
export const TERMS_VERSION = 1;

const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;

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
  /** A character that the tokens before it hold already: it finds the text and says nothing of it. */
  isSingle?: true;
}

/** The tokens of a text, in order, with repetitions. Linear in the text; at most 2,000. */
export function tokenize(text: string): Token[] {
  const read = text.slice(0, CHARS_MAX);
  // Two ways to the same words: that of ASCII is several times as fast.
  return ASCII.test(read) ? asciiTokens(read) : tokensOf(spacedOf(read));
}

/**
 * Adds to `held` which of the wanted terms a text has, as `tokenize` gives them.
 *
 * @param seen words that were looked at before; what is looked at now is added
 */
export function addTermsOf(
  text: string,
  wanted: ReadonlySet<string>,
  { held, seen }: { held: Set<string>; seen: Set<string> },
): void {
  const read = text.slice(0, CHARS_MAX);
  const words = ASCII.test(read)
    ? asciiWords(read)
    : tokensOf(spacedOf(read)).map(({ word }) => word);
  for (const word of words) {
    if (seen.has(word)) continue;
    seen.add(word);
    const term = termOf(word);
    if (wanted.has(term)) held.add(term);
  }
}

/**
 * The tokens by which a document is found: those of the text and, behind them, each single
 * character that is written without spaces, because a question may be one character.
 */
export function documentTokens(text: string): Token[] {
  const read = text.slice(0, CHARS_MAX);
  if (ASCII.test(read)) return asciiTokens(read);
  const spaced = spacedOf(read);
  const tokens = tokensOf(spaced);
  const singles = new Set<string>();
  for (const run of runsOf(spaced)) {
    if (run.isUnspaced && singles.size < TERMS_MAX) for (const char of run.text) singles.add(char);
  }
  for (const char of singles) {
    if (tokens.length >= TERMS_MAX) break;
    tokens.push({ term: termOf(char), word: char, isSingle: true });
  }
  return tokens;
}

function asciiTokens(text: string): Token[] {
  return asciiWords(text).map((word) => ({ term: termOf(word), word }));
}

function asciiWords(text: string): string[] {
  const spaced = text.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return (spaced.match(ASCII_WORD) ?? []).slice(0, TERMS_MAX);
}

/** @param spaced as `spacedOf` makes it */
function tokensOf(spaced: string): Token[] {
  const tokens: Token[] = [];
  for (const { text, isUnspaced } of runsOf(spaced)) {
    for (const part of isUnspaced ? pairsOf(text, TERMS_MAX - tokens.length) : [text]) {
      if (tokens.length >= TERMS_MAX) return tokens;
      tokens.push({ term: termOf(part), word: part });
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
    unfolded += withoutMarks(spaced.slice(from, to).normalize("NFKD"));
    from = to;
  }
  return foldLetters(unfolded.slice(0, CHARS_MAX).toLowerCase()).slice(0, CHARS_MAX);
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
  const flags = tokens.map(({ word, isSingle }) => !isSingle && !STOP_WORDS.has(word));
  return flags.includes(true) ? flags : tokens.map(({ isSingle }) => !isSingle);
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

/**
 * Letters beyond ASCII become their code points. What is too long then ends with a hash of all of
 * it, so that words of the same beginning are told apart.
 */
function encode(term: string): string {
  if (/^[a-z0-9]*$/.test(term)) return term.slice(0, TERM_LENGTH_MAX);
  let spelled = "";
  for (const char of term) {
    spelled += /[a-z0-9]/.test(char) ? char : `u${(char.codePointAt(0) ?? 0).toString(16)}`;
    if (spelled.length > TERM_LENGTH_MAX) {
      return `${spelled.slice(0, TERM_START)}z${textHash(term).toString(HASH_RADIX)}`;
    }
  }
  return spelled;
}
