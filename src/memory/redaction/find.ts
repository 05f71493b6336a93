/**
 * Finds the secrets of a text, by form and by what stands before them. One pass over the text, with
 * bounded work at each place, so that it is linear. Pure.
 *
 * @module
 */

import type { SecretPattern } from "../../contract/redaction.ts";
import { botTokenAt, credentialsAt, schemeAt, sqlPasswordAt, userAt } from "./addresses.ts";
import { assignedAt, elementAt, optionAt } from "./named/assignments.ts";
import { privateKeys } from "./blocks.ts";
import { classAt, SPACE } from "./characters.ts";
import { ownSecrets } from "./own-patterns.ts";
import { isRandomAlone } from "./randomness.ts";
import type { Secret } from "./secret.ts";
import { mayBeginForm, Vendors } from "./vendors.ts";

/** Characters of Amazon's secret keys, which have no form but their length. */
const BARE_LENGTH = 40;
/** Characters between the sign behind a name and its value. */
const NAMED_BY = 6;

/** What is done at a character. */
const [NOTHING, WORD, SIGN, HYPHEN, SPACED_QUOTE, BRACKET] = [0, 1, 2, 3, 4, 5];

/** What a character is to the scan: its role, and whether it is of a word and of a run. */
const [OF_WORD, OF_RUN, ROLE] = [8, 16, 7];
const ASCII = 128;
const BACKSLASH = 92;
/** Letters that a backslash makes white space or a control character of. */
const ESCAPED = "nrtbf";
const MEANINGS = new Uint8Array(ASCII).map((_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) return WORD | OF_WORD | OF_RUN;
  if ("/+".includes(char)) return OF_RUN;
  if (char === ":" || char === "=") return SIGN;
  if (char === "-") return HYPHEN;
  if (char === ">") return BRACKET;
  return char === "'" || char === '"' ? SPACED_QUOTE : NOTHING;
});

/** Those of a text in their order; none overlaps another. */
export function findSecrets(text: string, own: readonly SecretPattern[]): Secret[] {
  const found = scanned(text);
  if (text.includes("-----BEGIN ")) found.push(...privateKeys(text));
  if (own.length > 0) found.push(...ownSecrets(text, own));
  return found.length < 2 ? found : apart(found);
}

/** Without those that lie in another, and those that overlap taken together. */
export function apart(secrets: readonly Secret[]): Secret[] {
  const kept: Secret[] = [];
  for (const secret of secrets.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = kept.at(-1);
    if (!last || secret.from >= last.to) kept.push({ ...secret });
    else last.to = Math.max(last.to, secret.to);
  }
  return kept;
}

function scanned(text: string): Secret[] {
  const found: Secret[] = [];
  const vendors = new Vendors(text);
  let run = 0;
  let isInWord = false;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    const meaning = code < ASCII ? (MEANINGS[code] ?? NOTHING) : NOTHING;
    if ((meaning & OF_RUN) !== 0) run += 1;
    else {
      if (run === BARE_LENGTH && isBareKey(text, at - run))
        found.push({ from: at - run, to: at, kind: "secret" });
      run = 0;
    }
    // The letter of an escape is no part of the word behind it.
    if (code === BACKSLASH && ESCAPED.includes(text[at + 1] ?? "\0")) at += 1;
    const wasInWord = isInWord;
    isInWord = (meaning & OF_WORD) !== 0;
    if ((meaning & ROLE) === NOTHING || (isInWord && wasInWord)) continue;
    const secret = secretAt(text, at, meaning & ROLE, vendors);
    if (secret === null) continue;
    found.push(secret);
    // What stands before a value has been looked at, and the value goes as a whole.
    if (secret.from < at) continue;
    at = secret.to - 1;
    run = 0;
    isInWord = false;
  }
  return found;
}

/** Of a value with a name, the name says whether it is a secret. */
function isBareKey(text: string, from: number): boolean {
  const before = text.slice(Math.max(0, from - NAMED_BY), from);
  const isNamed = /(?:=["' \\]*|:[ \\]*["'])$/.test(before);
  return !isNamed && isRandomAlone(text.slice(from, from + BARE_LENGTH));
}

function secretAt(text: string, at: number, role: number, vendors: Vendors): Secret | null {
  if (role === WORD) {
    if (mayBeginForm(text, at)) return vendors.at(at);
    return "bB".includes(text[at] ?? "\0") ? schemeAt(text, at) : null;
  }
  if (role === SIGN) {
    const isAddress = text.startsWith("://", at);
    return isAddress ? credentialsAt(text, at) : (assignedAt(text, at) ?? botTokenAt(text, at));
  }
  if (role === SPACED_QUOTE) return sqlPasswordAt(text, at);
  if (role === BRACKET) return elementAt(text, at);
  if (text[at - 1] === "-")
    return optionAt(text, at) ?? (isUser(text, at) ? userAt(text, at + 4) : null);
  return text[at + 1] === "u" && (classAt(text, at - 1) & SPACE) !== 0
    ? userAt(text, at + 1)
    : null;
}

const isUser = (text: string, at: number): boolean => text.startsWith("user", at + 1);
