/**
 * Puts stored text among words: as a span of code on one line, which the text cannot leave, so that
 * a reader sees where it begins and ends. What is not seen (control characters, marks of direction,
 * joiners, fillers, tags, private use) is not in it, and "<" is "‹", so that it has no markup. Pure;
 * work is in proportion to what is shown.
 *
 * @module
 */

import { shortId } from "./short-id.ts";

/** What no reader sees, but a model may read: also what other text can be hidden in. */
const UNSEEN = /[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]+/gu;
const BETWEEN_WORDS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;
const BACKTICKS = /`+/g;
/** What a tag without attributes, or a parameter of a type, is made of. */
const PAIR = /<([^\s<>]{0,60})>/g;

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
    // Tags begin with it, and might end the one that a host has put around its context. What tags may
    // hold nobody knows, so none is left; ">" alone begins none, and stands in commands and arrows.
    .replaceAll(PAIR, "‹$1›")
    .replaceAll("<", "‹")
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
