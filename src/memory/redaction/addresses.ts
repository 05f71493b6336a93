/**
 * Finds what addresses and requests hold beside names and values: the password before a host, a
 * bearer's token, and a name with its password. The work is bounded at each place. Pure.
 *
 * @module
 */

import {
  ALNUM,
  BASE64,
  classAt,
  DASH,
  DIGIT,
  DOT,
  PAD,
  QUOTE,
  runEnd,
  SPACE,
  URL_SAFE,
} from "./characters.ts";
import { isRandom } from "./randomness.ts";
import type { Secret } from "./secret.ts";
import { isReference, isSecretValue } from "./named/values.ts";

/** Characters of what stands before a host. */
const USER_MAX = 500;
const TOKEN_MAX = 4_000;
const TOKEN_MIN = 16;
const BASIC_MIN = 8;
/** Characters of a bot's token, and digits of its number. */
const BOT_TOKEN = 35;
const BOT_DIGITS = 12;
const BOT_DIGITS_MIN = 8;
const SQL_PASSWORD = /(?:identified by|password) $/i;
/** Characters of such words. */
const SQL_WORDS = 14;

/** `//user:password@host`. @param at of the colon before the slashes */
export function credentialsAt(text: string, at: number): Secret | null {
  const start = at + 3;
  const end = Math.min(text.length, start + USER_MAX);
  let [host, to] = [-1, start];
  // What follows a port is no password.
  let [hasColon, isPassword] = [false, false];
  for (; to < end && (classAt(text, to) & (SPACE | QUOTE)) === 0; to++) {
    const char = text[to] ?? "";
    if ("/<\\".includes(char) || ("?#".includes(char) && !isPassword)) break;
    isPassword ||= hasColon && classAt(text, to) !== DIGIT;
    hasColon ||= char === ":";
    if (char === "@") host = to;
  }
  if (host < 0 || text.startsWith("[REDACTED:", start)) return null;
  const colon = text.slice(start, host).indexOf(":");
  const from = colon < 0 ? start : start + colon + 1;
  const given = text.slice(from, host);
  const isSecret = colon < 0 ? given.length >= TOKEN_MIN && isRandom(given) : !isReference(given);
  return isSecret && given !== "" ? { from, to: host, kind: "connection_string" } : null;
}

const PASSWORD = { isQuoted: true, isEnvironment: true };

/** What follows the word Bearer or Basic. @param at of the word's first letter */
export function schemeAt(text: string, at: number): Secret | null {
  const word = text.slice(at, at + 7).toLowerCase();
  const isBearer = word === "bearer ";
  if (!isBearer && word.slice(0, 6) !== "basic ") return null;
  const from = at + (isBearer ? 7 : 6);
  const to = runEnd(text, from, ALNUM | DASH | DOT | BASE64 | PAD, TOKEN_MAX);
  const given = text.slice(from, to);
  const is = isBearer ? given.length >= TOKEN_MIN && isRandom(given) : isBasic(given);
  return is ? { from, to, kind: "bearer_token" } : null;
}

/** Base64 of a name and a password. */
function isBasic(given: string): boolean {
  if (given.length < BASIC_MIN || given.length % 4 !== 0) return false;
  try {
    const decoded = atob(given.slice(0, USER_MAX - (USER_MAX % 4)));
    return decoded.includes(":") && /^[\x20-\x7e]*$/.test(decoded);
  } catch {
    return false;
  }
}

/** `-u name:password`, `--user name:password`. @param at of the last letter of the option */
export function userAt(text: string, at: number): Secret | null {
  let start = at + 1;
  while (start < at + 4 && (classAt(text, start) & (SPACE | QUOTE)) !== 0) start += 1;
  if (start === at + 1) return null;
  const end = Math.min(text.length, start + USER_MAX);
  let to = start;
  while (to < end && (classAt(text, to) & (SPACE | QUOTE)) === 0) to += 1;
  const colon = text.slice(start, to).indexOf(":");
  const given = text.slice(start + colon + 1, to);
  // Many a program takes numbers or names of users and groups here.
  const is = colon > 0 && given.length >= 6 && isRandom(given);
  return is ? { from: start + colon + 1, to, kind: "password" } : null;
}

/** `123456789:AA…`, as bots of Telegram have it. @param at of the colon */
export function botTokenAt(text: string, at: number): Secret | null {
  if (!text.startsWith("AA", at + 1)) return null;
  const to = runEnd(text, at + 1, URL_SAFE, BOT_TOKEN + 1);
  let from = at;
  while (from > at - BOT_DIGITS && classAt(text, from - 1) === DIGIT) from -= 1;
  const is = to - at - 1 === BOT_TOKEN && at - from >= BOT_DIGITS_MIN;
  return is ? { from, to, kind: "api_key" } : null;
}

/** `PASSWORD '…'` and `IDENTIFIED BY '…'` of SQL. @param at of the quote */
export function sqlPasswordAt(text: string, at: number): Secret | null {
  if (!SQL_PASSWORD.test(text.slice(Math.max(0, at - SQL_WORDS), at))) return null;
  const quote = text[at] ?? "";
  const end = text.indexOf(quote, at + 1);
  const given = text.slice(at + 1, end);
  const is = end > 0 && end - at < USER_MAX && isSecretValue(given, "password", PASSWORD);
  return is ? { from: at + 1, to: end, kind: "password" } : null;
}
