/**
 * Classes of ASCII characters as bits, so that a scan asks a table and no expression. Pure.
 *
 * @module
 */

export const UPPER = 1;
export const LOWER = 2;
export const DIGIT = 4;
/** `_` and `-`. */
export const DASH = 8;
export const DOT = 16;
/** `/` and `+`, of Base64; */
export const BASE64 = 32;
/** What parts words, line ends among it. */
export const SPACE = 64;
/** `"`, `'` and `` ` ``. */
export const QUOTE = 128;
/** `=`, at the end of Base64. */
export const PAD = 256;

export const ALNUM = UPPER | LOWER | DIGIT;
export const URL_SAFE = ALNUM | DASH;

const ASCII = 128;

function table(): Uint16Array {
  const classes = new Uint16Array(ASCII);
  const set = (characters: string, bit: number): void => {
    for (const char of characters) classes[char.charCodeAt(0)] = bit;
  };
  set("ABCDEFGHIJKLMNOPQRSTUVWXYZ", UPPER);
  set("abcdefghijklmnopqrstuvwxyz", LOWER);
  set("0123456789", DIGIT);
  set("_-", DASH);
  set(".", DOT);
  set("/+", BASE64);
  set("=", PAD);
  set(" \t\r\n\v\f", SPACE);
  set("\"'`", QUOTE);
  return classes;
}

const CLASSES = table();

/** The class of the character there; 0 beyond ASCII and beyond the text. */
export function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < ASCII ? (CLASSES[code] ?? 0) : 0;
}

/** Where a run of such characters ends, `most` characters on at the latest. */
export function runEnd(text: string, from: number, classes: number, most: number): number {
  const end = Math.min(text.length, from + most);
  let at = from;
  while (at < end && (classAt(text, at) & classes) !== 0) at += 1;
  return at;
}
