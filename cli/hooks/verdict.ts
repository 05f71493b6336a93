/**
 * Reads what a person says of a session from what they typed. Pure.
 *
 * @module
 */

export interface Verdict {
  isGood: boolean;
  /** In the person's words; empty: they gave none. */
  reason: string;
}

/** Characters of a reason. */
const REASON_MAX = 1_000;

/** As it is typed, in the forms that agents give commands, and as the command's file expands. */
const VERDICT = [
  /^\s*\/memory(?:[-\w]*:|\s+)(good|bad)\b[ \t]*([^\n]*)/,
  /^\s*\/memory[-\w]*:memory\s+(good|bad)\b[ \t]*([^\n]*)/,
  /^Verdict for the memory: (good|bad)\b[ \t]*([^\n]*)/m,
];

/** null: it is none. */
export function verdictOf(text: string): Verdict | null {
  for (const form of VERDICT) {
    const [, word, reason = ""] = form.exec(text) ?? [];
    if (word !== undefined)
      return { isGood: word === "good", reason: reason.trim().slice(0, REASON_MAX) };
  }
  return null;
}
