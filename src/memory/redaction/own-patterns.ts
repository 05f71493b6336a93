/**
 * Finds what a deployment's own patterns describe. Each part of a pattern takes as many characters
 * as it may and gives none back, so that the work at each beginning is bounded by the pattern's
 * length. Pure.
 *
 * @module
 */

import type { SecretPattern } from "../../contract/redaction.ts";
import { ALNUM, classAt } from "./characters.ts";
import type { Secret } from "./secret.ts";

export function ownSecrets(text: string, patterns: readonly SecretPattern[]): Secret[] {
  return patterns.flatMap((pattern) => matches(text, pattern));
}

function matches(text: string, { prefix, items }: SecretPattern): Secret[] {
  const found: Secret[] = [];
  let from = text.indexOf(prefix);
  while (from >= 0) {
    const to = isWordStart(text, from) ? matchEnd(text, from + prefix.length, items) : -1;
    if (to >= 0) found.push({ from, to, kind: "custom" });
    from = text.indexOf(prefix, Math.max(to, from + 1));
  }
  return found;
}

function isWordStart(text: string, at: number): boolean {
  return (classAt(text, at) & ALNUM) === 0 || (classAt(text, at - 1) & ALNUM) === 0;
}

/** −1: it does not match. */
function matchEnd(text: string, from: number, items: SecretPattern["items"]): number {
  let at = from;
  for (const { characters, min, max } of items) {
    let times = 0;
    while (times < max && characters.has(text[at] ?? "")) [at, times] = [at + 1, times + 1];
    if (times < min) return -1;
  }
  return at;
}
