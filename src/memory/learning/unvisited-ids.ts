/**
 * What is left to look at: identifiers that results named, of the form that the last call took, and
 * that no call has taken yet. A run goes on through such a list with the same tool until what it
 * looks for is found or the list ends.
 *
 * @module
 */

import { identifiersIn } from "./scan.ts";

/** Characters of a result, or of a call's parameters as JSON, that are looked at. */
const READ = 10_000;
/** Identifiers that are kept in mind, the first ones foremost: the work is bounded. */
const KEPT = 1_000;
/** More than this are many. */
const UNVISITED_MAX = 2;

/**
 * What an identifier looks like: runs of digits and of letters of either case stand for each other.
 */
function formOf(identifier: string): string {
  return identifier
    .replaceAll(/[A-Z]+/g, "A")
    .replaceAll(/[a-z]+/g, "a")
    .replaceAll(/\d+/g, "9");
}

/**
 * For each step of a run, in order: how many identifiers are left untried after it, 0, 1 or 2 for
 * more; null where its parameters are not known. Linear in the text, and in the steps by at most a
 * thousand.
 */
export function unvisitedIds(
  steps: readonly { parameters?: unknown; answer: string | null }[],
): (number | null)[] {
  const named = new Map<string, string>();
  const taken = new Set<string>();
  return steps.map(({ parameters, answer }) => {
    const call = parameters === undefined ? "" : (JSON.stringify(parameters) ?? "");
    const own = identifiersIn(call.slice(0, READ));
    for (const identifier of own) taken.add(identifier);
    for (const identifier of identifiersIn((answer ?? "").slice(0, READ))) {
      if (named.size < KEPT && !named.has(identifier)) named.set(identifier, formOf(identifier));
    }
    if (parameters === undefined) return null;
    const forms = new Set(own.map(formOf));
    let left = 0;
    for (const [identifier, form] of named)
      if (forms.has(form) && !taken.has(identifier)) left += 1;
    return Math.min(UNVISITED_MAX, left);
  });
}
