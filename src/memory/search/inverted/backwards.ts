/**
 * A term a second time, from its end to its beginning: an index that is ordered by how terms begin
 * finds by it what ends alike. It stands behind all others, and has no documents. Pure.
 *
 * @module
 */

/** Behind every letter and digit, which terms are of. */
const MARK = "~";

export function backwards(term: string): string {
  return MARK + term.split("").toReversed().join("");
}

/** The term that was turned; null: this one was not. */
export function forwards(turned: string): string | null {
  return turned.startsWith(MARK) ? turned.slice(MARK.length).split("").toReversed().join("") : null;
}
