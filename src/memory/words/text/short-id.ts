/**
 * Ids as words name them: their last characters, which say enough among the items of one answer.
 * Pure.
 *
 * @module
 */

/** Characters of a short id, behind what says its kind. Times begin ids, so their ends differ. */
const SHORT = 8;
/** An id that is hardly longer than a short one is named whole. */
const WHOLE_MAX = 12;
/** What says the kind of an id: a heuristic, a playbook, a lesson. */
const KINDS = ["h-", "pb-", "lesson-"];

export function shortId(id: string): string {
  if (id.length <= WHOLE_MAX) return id;
  const kind = KINDS.find((one) => id.startsWith(one)) ?? "";
  return `${kind}${id.slice(-SHORT)}`;
}

/**
 * The ids that are meant: a short one stands for the one known id that ends so. What is known by
 * itself, or ends more than one or none, stays as it is.
 */
export function fullIds(known: readonly string[], named: readonly string[]): string[] {
  const ids = new Set(known);
  return named.map((name) => {
    const kind = KINDS.find((one) => name.startsWith(one)) ?? "";
    const end = name.slice(kind.length);
    if (ids.has(name) || end.length !== SHORT) return name;
    const [only, ...others] = [...ids].filter((id) => id.endsWith(end));
    if (only === undefined || others.length > 0) return name;
    return only.startsWith(kind) ? only : `${kind}${only}`;
  });
}
