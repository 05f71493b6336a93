/**
 * Reads a value behind a name: with or without quotes, in JSON that stands inside of a text, to the
 * end of its line. How far is the caller's to say, so that what is no secret costs little. Pure.
 *
 * @module
 */

import { classAt, QUOTE, SPACE } from "../characters.ts";

/** Characters between a sign and a value. */
const GAP_MAX = 8;
const QUOTES = "\"'`";
/** What ends a value without quotes, beside quotes and spaces: of an address, of code, */
const STOPS_OF_CODE = ",;&)}]|\\<>";
/** of a file of variables, and of a header. */
const STOPS_OF_LINE = "\\<>";

export type Extent = "code" | "word" | "line";

/** Where a value begins, and what ends it. */
export interface Opening {
  from: number;
  /** null: it has none. */
  quote: string | null;
  /** Backslashes before its quotes. */
  slashes: number;
  /** Without quotes, how far it goes. */
  extent: Extent;
}

export const isQuote = (char: string | undefined): boolean =>
  char !== undefined && QUOTES.includes(char);

/** The value that begins there, spaces before it left out; null: there is none. */
export function openingAt(text: string, after: number, extent: Extent): Opening | null {
  let at = after;
  while (at < after + GAP_MAX && (text[at] === " " || text[at] === "\t")) at += 1;
  let slashes = 0;
  while (text[at] === "\\" && slashes < GAP_MAX) [at, slashes] = [at + 1, slashes + 1];
  // A text of Python may have a letter before its quote.
  if ("bBrRfFuU".includes(text[at] ?? "\0") && isQuote(text[at + 1])) at += 1;
  const quote = text[at];
  if (isQuote(quote)) return { from: at + 1, quote: quote ?? null, slashes, extent };
  return slashes > 0 ? null : { from: at, quote: null, slashes, extent };
}

/** Where the value ends, `most` characters on at the latest. */
export function endOf(
  text: string,
  { from, quote, slashes, extent }: Opening,
  most: number,
): number {
  const end = Math.min(text.length, from + most);
  let to = from;
  if (quote === null) {
    while (to < end && !isEnd(text, to, extent)) to += 1;
    return to;
  }
  while (to < end && text[to] !== quote && text[to] !== "\n") {
    to += slashes === 0 && text[to] === "\\" ? 2 : 1;
  }
  to = Math.min(to, end);
  if (slashes > 0) while (to > from && text[to - 1] === "\\") to -= 1;
  return to;
}

function isEnd(text: string, at: number, extent: Extent): boolean {
  const kind = classAt(text, at);
  if ((kind & QUOTE) !== 0) return true;
  const char = text[at] ?? "";
  if (extent === "line")
    return kind === SPACE ? char === "\n" || char === "\r" : isStop(kind, char, STOPS_OF_LINE);
  return kind === SPACE || isStop(kind, char, extent === "word" ? STOPS_OF_LINE : STOPS_OF_CODE);
}

/** Letters and digits, which are most of a text, need no search. */
function isStop(kind: number, char: string, stops: string): boolean {
  return kind === 0 && stops.includes(char);
}
