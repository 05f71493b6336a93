/**
 * What is particular to scripts other than the Latin one: letters and marks that are folded, and
 * where a run of letters is cut into what is indexed. Scripts that are written without spaces give
 * pairs of characters, because which of them are a word nobody can say without a dictionary; letters
 * and digits beside them are words of their own. Linear in the text. Pure.
 *
 * @module
 */

/**
 * Marks that a reader may leave out: accents, and the points of Hebrew, Arabic and Syriac. Vowels of
 * the scripts of India and South-East Asia are marks as well, and stay.
 */
const FOLDED_MARKS =
  /[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Cyrillic}]]+/gv;

/** Letters that are no letter with an accent to Unicode, as they are written without them. */
const FOLDED_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ħ: "h",
  ŧ: "t",
  ŋ: "n",
  ı: "i",
};
const FOLDABLE = /[ßæœøłđðþħŧŋı]/g;

/** Words, each emoji, and each flag. */
const PIECES =
  /[\p{L}\p{N}\p{M}]+|\p{Regional_Indicator}{2}|[\p{Extended_Pictographic}--[\xa9\xae]]/gv;

/** What is written without spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gv;

/** Before the first of these scripts: what is told at once not to hold any. */
const ALL_SPACED = /^[\0-\u0dff]*$/;

/** A run of letters, as `runsOf` cuts a text. */
export interface Run {
  text: string;
  /** It is indexed by pairs of its characters. */
  isUnspaced: boolean;
}

/** Without the marks that are folded. @param text decomposed (NFKD) */
export function withoutMarks(text: string): string {
  return text.replaceAll(FOLDED_MARKS, "").normalize("NFC");
}

/** Letters of their own to Unicode become those that they are written as. @param text lower case */
export function foldLetters(text: string): string {
  return text.replaceAll(FOLDABLE, (letter) => FOLDED_LETTERS[letter] ?? letter);
}

/** The runs of a folded text, in order. */
export function* runsOf(text: string): Generator<Run> {
  const isSpaced = ALL_SPACED.test(text);
  for (const piece of text.match(PIECES) ?? []) {
    if (isSpaced) {
      yield { text: piece, isUnspaced: false };
      continue;
    }
    let at = 0;
    for (const { 0: run, index } of piece.matchAll(UNSPACED)) {
      if (index > at) yield { text: piece.slice(at, index), isUnspaced: false };
      yield { text: run, isUnspaced: true };
      at = index + run.length;
    }
    if (at < piece.length) yield { text: piece.slice(at), isUnspaced: false };
  }
}

/**
 * Pairs of neighbouring characters; of one character, itself.
 *
 * @param most more are not needed; one more may come
 */
export function pairsOf(run: string, most: number): string[] {
  // A character has two code units at most.
  const chars = Array.from(run.slice(0, 2 * (most + 2)));
  return chars.length === 1 ? chars : chars.slice(1).map((char, i) => (chars[i] ?? "") + char);
}
