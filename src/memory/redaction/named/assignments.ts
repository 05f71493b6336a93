/**
 * Finds values that are given to a name: `name=value`, `name: value` in its many writings (files of
 * variables, JSON, JSON inside of a text, YAML, code, headers, addresses), and options of commands.
 * It is asked at the sign between them. What is read for nothing is bounded at each sign. Pure.
 *
 * @module
 */

import { ALNUM, classAt, DASH, DOT, QUOTE, SPACE } from "../characters.ts";
import { isValueName, NAME_MAX, secretName, type SecretName } from "./names.ts";
import type { Secret } from "../secret.ts";
import { endOf, type Extent, isQuote, type Opening, openingAt } from "./value-reader.ts";
import { isSecretValue, type Written } from "./values.ts";

/** Characters between a name and its sign, and between an option and its value. */
const GAP_MAX = 8;
/** Characters of a value by which it is judged. */
const JUDGED_MAX = 200;
/** Characters of a name beside a value, with what is between them; */
const PAIRED_MAX = 90;
const PAIRED = /["']([\w.-]{2,64})\\{0,3}["'][\s,;\\"']{1,16}$/;
/** of a word before a name; and of what a line is indented by. */
const WORD_MAX = 20;
const INDENT_MAX = 40;
const COLON = ":";

const KINDS = {
  password: "password",
  secret: "secret",
  signature: "secret",
  header: "bearer_token",
  cookie: "cookie",
} as const satisfies Record<SecretName, Secret["kind"]>;

/** @param at of a colon or an equals sign */
export function assignedAt(text: string, at: number): Secret | null {
  const sign = text[at] ?? "";
  const next = text[at + 1] ?? "";
  if (next === "=" || (sign === COLON && next === COLON)) return null;
  if ("=!<".includes(text[at - 1] ?? "\0")) return null;

  const name = nameBefore(text, at);
  const said = name && saidBy(text, name);
  if (!name || !said) return null;
  if (said === "signature" && !(sign === "=" && "?&".includes(text[name.from - 1] ?? "\0"))) {
    return null;
  }

  const isTight = name.to === at && sign === "=";
  const after = next === ">" ? at + 2 : at + 1;
  const opening = openingAt(text, after, extentOf(said, isTight && isLineStart(text, name.from)));
  if (!opening) return null;
  const isEnvironment = (isTight && opening.from <= after + 1) || isLine(text, name.from, opening);
  return secretOf(text, opening, said, { isQuoted: opening.quote !== null, isEnvironment });
}

/** `<password>VALUE</password>`. @param at of the bracket behind the name */
export function elementAt(text: string, at: number): Secret | null {
  let from = at;
  while (from > at - NAME_MAX && (classAt(text, from - 1) & (ALNUM | DASH | DOT)) !== 0) from -= 1;
  if (text[from - 1] !== "<") return null;
  const said = secretName(text.slice(from, at));
  if (said !== "password" && said !== "secret") return null;
  const opening: Opening = { from: at + 1, quote: null, slashes: 0, extent: "word" };
  if (text[endOf(text, opening, JUDGED_MAX)] !== "<") return null;
  return secretOf(text, opening, said, { isQuoted: true, isEnvironment: false });
}

/**
 * What the name says. Of a value in a list of pairs, the name beside it does:
 * `"name": "DB_PASSWORD", "value": "…"`.
 */
function saidBy(text: string, { from, to }: { from: number; to: number }): SecretName | null {
  const name = text.slice(from, to);
  if (isValueName(name)) {
    const beside = PAIRED.exec(text.slice(Math.max(0, from - PAIRED_MAX), from))?.[1];
    return beside === undefined ? null : secretName(beside);
  }
  // In prose a name may be two words: "API key: …".
  if (name.toLowerCase() !== "key" || text[from - 1] !== " ") return secretName(name);
  let start = from - 1;
  while (start > from - WORD_MAX && (classAt(text, start - 1) & ALNUM) !== 0) start -= 1;
  return secretName(text.slice(start, to));
}

/** Whether name and value are all of their line, as in YAML. */
function isLine(text: string, from: number, { from: start, quote }: Opening): boolean {
  if (quote !== null) return false;
  let before = from - 1;
  while (before >= from - INDENT_MAX && (text[before] === " " || text[before] === "-")) before -= 1;
  if (before >= 0 && text[before] !== "\n") return false;
  const [line = ""] = text.slice(start, start + JUDGED_MAX).split("\n", 1);
  return !line.trim().includes(" ");
}

/** The value of an option: `--password VALUE`. @param at of the second hyphen */
export function optionAt(text: string, at: number): Secret | null {
  if (text[at - 2] === "-") return null;
  let to = at + 1;
  while (to < at + NAME_MAX && (classAt(text, to) & (ALNUM | DASH)) !== 0) to += 1;
  const said = secretName(text.slice(at + 1, to));
  if (said === null || said === "signature") return null;

  // In a list of arguments: "--password", "VALUE".
  const isListed = isQuote(text[to]);
  let from = to;
  while (from < to + GAP_MAX && isGap(text, from, isListed)) from += 1;
  if (from === to || text[from] === "-") return null;
  const quote = isQuote(text[from - 1]) ? (text[from - 1] ?? null) : null;
  const opening: Opening = { from, quote, slashes: 0, extent: "code" };
  const written = { isQuoted: quote !== null, isEnvironment: true };
  return secretOf(text, opening, said === "password" ? said : "secret", written);
}

function isGap(text: string, at: number, isListed: boolean): boolean {
  return (classAt(text, at) & (SPACE | QUOTE)) !== 0 || (isListed && text[at] === ",");
}

function extentOf(said: SecretName, isVariable: boolean): Extent {
  if (said === "header" || said === "cookie") return "line";
  return isVariable ? "word" : "code";
}

/** The value as a secret, to its end; null: it is none. */
function secretOf(
  text: string,
  opening: Opening,
  said: SecretName,
  written: Written,
): Secret | null {
  let { from } = opening;
  const value = text.slice(from, endOf(text, opening, JUDGED_MAX));
  const line = { isQuoted: true, isEnvironment: false };
  let is: boolean;
  if (said === "cookie") {
    const first = value.slice(value.indexOf("=") + 1).split(";", 1)[0] ?? "";
    is = value.includes("=") && isSecretValue(first, "password", line);
  } else if (said === "header") {
    // What a scheme is given: Bearer, Basic, a vendor's own.
    const given = value.slice(value.indexOf(" ") + 1);
    from += value.length - given.length;
    is = isSecretValue(given.replaceAll(" ", ""), "secret", line);
  } else is = isSecretValue(value, said, written);
  return is ? { from, to: endOf(text, opening, text.length), kind: KINDS[said] } : null;
}

/** The name that stands before a sign, its quotes left out. */
function nameBefore(text: string, at: number): { from: number; to: number } | null {
  let to = at;
  while (to > at - GAP_MAX && isBetween(text[to - 1])) to -= 1;
  let from = to;
  while (from > to - NAME_MAX && (classAt(text, from - 1) & (ALNUM | DASH | DOT)) !== 0) from -= 1;
  return from === to ? null : { from, to };
}

/** What may stand between a name and its sign: a quote, a bracket, spaces; no end of a line. */
function isBetween(char: string | undefined): boolean {
  return char !== undefined && (" \\]:".includes(char) || isQuote(char));
}

function isLineStart(text: string, at: number): boolean {
  if (at === 0 || text[at - 1] === "\n") return true;
  const before = text.slice(Math.max(0, at - GAP_MAX), at);
  return before.endsWith("export ") || before.endsWith("ENV ");
}
