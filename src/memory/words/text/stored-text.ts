/**
 * Puts stored text among words: as a span of code on one line, which the text cannot leave, so that
 * a reader sees where it begins and ends. What is not seen (control characters, marks of direction,
 * joiners, fillers, tags, private use) is not in it. Pure; work is in proportion to what is shown.
 *
 * @module
 */

import { shortId } from "./short-id.ts";

/** What no reader sees, but a model may read: also what other text can be hidden in. */
const UNSEEN = /[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]+/gu;
const BETWEEN_WORDS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;
const BACKTICKS = /`+/g;
/** A tag, which might end the one that a host has put around its context. */
const TAG = /<(\/[A-Za-z][\w:.-]{0,60} ?|[A-Za-z][\w:.-]{0,60}\/?)>/g;

/** Characters that are read for each that is shown: what is not seen takes some. */
const READ_FOR_SHOWN = 4;
const ID_MAX = 128;

/** The text on one line and without what is not seen, cut to so many characters. */
export function plainOf(text: string, max: number): string {
  const line = text
    .slice(0, max * READ_FOR_SHOWN)
    .toWellFormed()
    .replaceAll(UNSEEN, "")
    .replaceAll(BETWEEN_WORDS, " ")
    .replaceAll(BACKTICKS, "'")
    .replaceAll(TAG, "‹$1›")
    .trim();
  if (line.length <= max && text.length <= max * READ_FOR_SHOWN) return line;
  return `${withoutHalf(line.slice(0, max - 1)).trimEnd()}…`;
}

/** The same as a span of code; "" of a text that shows nothing. */
export function codeOf(text: string, max: number): string {
  const plain = plainOf(text, max);
  return plain === "" || plain === "…" ? "" : `\`${plain}\``;
}

/** The id of the item that a line is from, where evidence is asked for. */
export function named(id: string, evidence: boolean): string {
  return evidence ? ` [${codeOf(shortId(id), ID_MAX)}]` : "";
}

/** Without half of a pair of surrogates at its end. */
function withoutHalf(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? text.slice(0, -1) : text;
}
