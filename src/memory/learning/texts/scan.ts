/**
 * Finds runs of word characters, hyphens and number signs in foreign text in one pass: time is in
 * proportion to the text whatever it holds, which no regular expression that looks ahead at each
 * character promises.
 *
 * @module
 */

/** Kinds of ASCII characters, as bits. A word character is a digit, a letter or an underscore. */
const DIGIT = 1;
const LETTER = 2;
const UNDERSCORE = 4;
const HYPHEN = 8;
const SIGN = 16;
const WORD = DIGIT | LETTER | UNDERSCORE;

const KINDS = kinds();

function kinds(): Uint8Array {
  const of = new Uint8Array(128);
  for (const char of "0123456789") of[char.charCodeAt(0)] = DIGIT;
  for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    of[char.charCodeAt(0)] = LETTER;
  of["_".charCodeAt(0)] = UNDERSCORE;
  of["-".charCodeAt(0)] = HYPHEN;
  of["#".charCodeAt(0)] = SIGN;
  return of;
}

/** 0 for a character that is in no run. */
function kindAt(text: string, at: number): number {
  return KINDS[text.charCodeAt(at)] ?? 0;
}

/** The end of the run of such characters that begins here. */
function runEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && kindAt(text, at) !== 0) at += 1;
  return at;
}

/** Characters of an identifier, and how far from its beginning its first digit may be. */
const IDENTIFIER_MIN = 5;
const IDENTIFIER_MAX = 200;

/**
 * The identifiers of a text, in order: 5 to 200 letters, digits, underscores, hyphens or number
 * signs, with a digit among the first 201 characters of what begins there. A longer run is several.
 */
export function identifiersIn(text: string): string[] {
  const identifiers: string[] = [];
  for (let at = 0; at < text.length; at++) {
    if (kindAt(text, at) === 0) continue;
    const end = runEnd(text, at);
    let digit = at;
    while (end - at >= IDENTIFIER_MIN) {
      digit = Math.max(digit, at);
      while (digit < end && kindAt(text, digit) !== DIGIT) digit += 1;
      if (digit === end) break;

      const from = Math.max(at, digit - IDENTIFIER_MAX);
      if (end - from < IDENTIFIER_MIN) break;
      at = Math.min(from + IDENTIFIER_MAX, end);
      identifiers.push(text.slice(from, at));
    }
    at = end;
  }
  return identifiers;
}

/**
 * The text with a mask in place of each word that holds a digit and something else: a letter, an
 * underscore, or a number sign that a word character follows. A word begins and ends with a word
 * character; hyphens and number signs may be inside.
 */
export function maskNamedWords(text: string, mask: string): string {
  let masked = "";
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    if (kindAt(text, at) === 0) continue;
    const end = runEnd(text, at);
    let from = at;
    while (from < end && (kindAt(text, from) & WORD) === 0) from += 1;
    let to = end;
    while (to > from && (kindAt(text, to - 1) & WORD) === 0) to -= 1;

    let seen = 0;
    for (let i = from; i < to; i++) seen |= kindAt(text, i);
    if ((seen & DIGIT) !== 0 && (seen & (LETTER | UNDERSCORE | SIGN)) !== 0) {
      masked += text.slice(copied, from) + mask;
      copied = to;
    }
    at = end;
  }
  return masked + text.slice(copied);
}

/** How far from the beginning of a name its digit and its letter may be. */
const NAME_REACH = 64;

/**
 * Whether a text names something by letters and digits together: from a place where a word begins
 * or ends, a digit and a letter are within 64 letters, digits, underscores or hyphens.
 */
export function holdsName(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!isNamePart(text, at)) continue;
    let end = at;
    while (end < text.length && isNamePart(text, end)) end += 1;
    if (runHoldsName(text, at, end)) return true;
    at = end;
  }
  return false;
}

function isNamePart(text: string, at: number): boolean {
  return (kindAt(text, at) & (WORD | HYPHEN)) !== 0;
}

/** The next digit and the next letter are looked for once each: both only move on. */
function runHoldsName(text: string, begin: number, end: number): boolean {
  let [digit, letter] = [begin, begin];
  for (let at = begin; at < end; at++) {
    const isWord = (kindAt(text, at) & WORD) !== 0;
    const wasWord = at > 0 && (kindAt(text, at - 1) & WORD) !== 0;
    if (isWord === wasWord) continue;

    digit = Math.max(digit, at);
    while (digit < end && kindAt(text, digit) !== DIGIT) digit += 1;
    letter = Math.max(letter, at);
    while (letter < end && kindAt(text, letter) !== LETTER) letter += 1;
    if (digit === end || letter === end) return false;
    if (digit - at <= NAME_REACH && letter - at <= NAME_REACH) return true;
  }
  return false;
}
