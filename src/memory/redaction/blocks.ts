/**
 * Finds what is taken out as a whole: what stands between `<private>` and `</private>`, and private
 * keys as files have them. Where the end is missing, it is the text's: it may have been cut. Pure.
 *
 * @module
 */

import type { Secret } from "./secret.ts";

const TAG = /<(\/?)private\s{0,8}>/gi;
const KEY_START = "-----BEGIN ";
const KEY_END = "-----END ";
const DASHES = "-----";
/** Characters of the name of what such a block holds. */
const LABEL_MAX = 60;

/** Parts that are marked as private, one inside of another taken together. */
export function privateParts(text: string): Secret[] {
  if (!text.includes("<")) return [];
  const parts: Secret[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: tag, 1: slash, index } of text.matchAll(TAG)) {
    // Whoever writes about the tag puts it between backticks.
    if (text[index - 1] === "`") continue;
    if (slash === "") {
      if (depth === 0) from = index;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth === 0) parts.push({ from, to: index + tag.length, kind: "private" });
    }
  }
  if (depth > 0) parts.push({ from, to: text.length, kind: "private" });
  return parts;
}

export function privateKeys(text: string): Secret[] {
  const keys: Secret[] = [];
  let from = text.indexOf(KEY_START);
  while (from >= 0) {
    const labelEnd = text.indexOf(DASHES, from + KEY_START.length);
    const label = labelEnd < 0 ? "" : text.slice(from + KEY_START.length, labelEnd);
    const isKey = label.length <= LABEL_MAX && label.includes("PRIVATE KEY");
    const to = isKey ? keyEnd(text, labelEnd) : from + KEY_START.length;
    if (isKey) keys.push({ from, to, kind: "private_key" });
    from = text.indexOf(KEY_START, to);
  }
  return keys;
}

function keyEnd(text: string, from: number): number {
  const end = text.indexOf(KEY_END, from);
  if (end < 0) return text.length;
  const close = text.indexOf(DASHES, end + KEY_END.length);
  return close < 0 ? text.length : close + DASHES.length;
}
