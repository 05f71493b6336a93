/**
 * Counts the identifiers that results named, of the form that the last call took, and that no call
 * has taken yet. A run goes on through such a list with the same tool until what it looks for is
 * found or the list ends.
 *
 * @module
 */

import { identifiersIn } from "./scan.ts";

/** Characters of a result, or of a call's parameters as JSON, that are read. */
const TEXT_READ_MAX = 10_000;
/** Identifiers that are remembered of a run, the first ones: the work is bounded. */
const REMEMBERED_MAX = 1_000;
/** More than this count as so many: whether there are any is what matters. */
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
 * For each step of a run, in order: how many identifiers are left to visit after it, 0, 1, or 2 for
 * more; null where its parameters are unknown. Linear in the text, and in the steps by at most a
 * thousand.
 */
export function unvisitedIds(
  steps: readonly { parameters?: unknown; answer: string | null }[],
): (number | null)[] {
  const formsByNamed = new Map<string, string>();
  const visited = new Set<string>();

  return steps.map(({ parameters, answer }) => {
    const call = parameters === undefined ? "" : (JSON.stringify(parameters) ?? "");
    const called = identifiersIn(call.slice(0, TEXT_READ_MAX));
    for (const identifier of called) visited.add(identifier);

    for (const identifier of identifiersIn((answer ?? "").slice(0, TEXT_READ_MAX))) {
      if (formsByNamed.size < REMEMBERED_MAX && !formsByNamed.has(identifier))
        formsByNamed.set(identifier, formOf(identifier));
    }
    if (parameters === undefined) return null;

    const forms = new Set(called.map(formOf));
    let unvisited = 0;
    for (const [identifier, form] of formsByNamed)
      if (forms.has(form) && !visited.has(identifier)) unvisited += 1;
    return Math.min(UNVISITED_MAX, unvisited);
  });
}
