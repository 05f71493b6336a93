/**
 * Texts that stored patterns are looked up by.
 *
 * @module
 */

/** U+001F, the unit separator: no tool is called by it. */
const SEPARATOR = "\u001f";

/** The parts as one key. */
export function lookupKey(parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** The first part of a key. */
export function firstPart(key: string): string {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : key.slice(0, end);
}
