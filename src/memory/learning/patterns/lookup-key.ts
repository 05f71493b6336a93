/**
 * Texts that stored patterns are looked up by.
 *
 * @module
 */

/** U+001F, the unit separator: no tool is called by it. */
const SEPARATOR = "\u001f";
/** The character after it. */
const AFTER_SEPARATOR = "\u0020";

/** The parts as one key. */
export function lookupKey(parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** Every key that begins with this part, and has more: `from` ≤ key < `to`. */
export function lookupRange(firstPart: string): { from: string; to: string } {
  return { from: firstPart + SEPARATOR, to: firstPart + AFTER_SEPARATOR };
}
