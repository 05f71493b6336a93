/**
 * Numbers that JSON can write and a double cannot hold: 1234567890123456789 would be stored as
 * 1234567890123456800. They are refused, so that no number is changed without a word. Digits behind
 * a decimal point beyond what a double holds are no harm to anybody, and pass.
 *
 * @module
 */

import { invalid } from "../validate.ts";

/** Only texts with such a run of signs can hold one. */
const SUSPECT = /\d{16}|\d[eE]\+?\d{3}/;
const INTEGER = /^-?\d{1,400}$/;
/** Characters of a number that the answer repeats. */
const SHOWN_MAX = 40;
const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [34, 92, 45, 48, 57];

/** @param json that parses. @throws Problem that names the number */
export function requireExactNumbers(json: string): void {
  if (!SUSPECT.test(json)) return;
  for (let at = 0; at < json.length;) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(json, at);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = numberEnd(json, at);
      requireExact(json.slice(at, end));
      at = end;
    } else at += 1;
  }
}

function requireExact(literal: string): void {
  const value = Number(literal);
  const isKept = !INTEGER.test(literal) || String(value) === literal || isSame(literal, value);
  if (Number.isFinite(value) && isKept) return;
  const shown = literal.slice(0, SHOWN_MAX);
  throw invalid("", `The number ${shown} cannot be kept exactly. Send it as a string.`);
}

function isSame(integer: string, value: number): boolean {
  return Number.isFinite(value) && BigInt(integer) === BigInt(value);
}

/** Behind the string that begins there. */
function stringEnd(json: string, from: number): number {
  for (let end = json.indexOf('"', from + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return json.length;
}

function numberEnd(json: string, from: number): number {
  let end = from + 1;
  while (end < json.length && "0123456789.eE+-".includes(json[end] ?? "")) end += 1;
  return end;
}
