/**
 * Judges whether a text looks drawn by lot, as keys and tokens are, or written by somebody. Pure.
 *
 * @module
 */

import { classAt, DIGIT, LOWER, UPPER } from "./characters.ts";

/** Characters that are looked at. */
const READ_MAX = 200;
const ASCII = 128;
/** A run of small letters that is longer is a word; by lot it comes once in thousands of keys. */
const WORD_MIN = 12;

interface Looks {
  length: number;
  digits: number;
  uppers: number;
  lowers: number;
  /** Bits for a character. */
  entropy: number;
  /** The longest run of small letters. */
  word: number;
  /** Places where a character is of another class than the one before it. */
  changes: number;
}

function looksOf(text: string): Looks {
  const read = text.slice(0, READ_MAX);
  const looks = { digits: 0, uppers: 0, lowers: 0, word: 0, changes: 0 };
  const counts = new Uint8Array(ASCII);
  let [run, before] = [0, 0];
  for (let i = 0; i < read.length; i++) {
    const code = read.charCodeAt(i);
    const kind = classAt(read, i);
    // Characters beyond ASCII count as one: no key has them.
    counts[code & (ASCII - 1)]! += 1;
    if (kind === DIGIT) looks.digits += 1;
    if (kind === UPPER) looks.uppers += 1;
    if (kind === LOWER) looks.lowers += 1;
    run = kind === LOWER ? run + 1 : 0;
    looks.word = Math.max(looks.word, run);
    if (i > 0 && kind !== before) looks.changes += 1;
    before = kind;
  }
  let entropy = 0;
  for (const count of counts)
    if (count > 0) entropy -= (count / read.length) * Math.log2(count / read.length);
  return { ...looks, length: read.length, entropy };
}

/** A key that somebody made up for an example has few different characters. */
export function isVaried(text: string): boolean {
  return looksOf(text).entropy >= 2.3;
}

/** Letters and digits mixed as by lot. */
export function isRandom(text: string): boolean {
  const { length, digits, uppers, lowers, entropy, word } = looksOf(text);
  const isMixed = digits > 0 ? uppers + lowers > 0 : uppers > 2 && lowers > 2;
  return isMixed && word < WORD_MIN && entropy >= (length < 16 ? 2.5 : 3);
}

/**
 * Random beyond doubt, without anything around it that says so: capitals, small letters and digits
 * that change all the time.
 */
export function isRandomAlone(text: string): boolean {
  const { length, digits, uppers, lowers, entropy, changes } = looksOf(text);
  return digits > 1 && uppers > 4 && lowers > 4 && entropy >= 4.2 && changes > 0.42 * length;
}
