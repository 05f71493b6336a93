/**
 * Compares texts as SQLite does: by their code points. JavaScript compares UTF-16 units, which is
 * another order for what is beyond U+FFFF.
 *
 * @module
 */

/** Below 0: `a` comes first. For `Array.sort`. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === length) return a.length - b.length;
  // Where they part in the middle of a pair both begin it with the same half.
  return ordered(a.charCodeAt(at)) - ordered(b.charCodeAt(at));
}

const SURROGATES = 0xd8_00;
const BEHIND_SURROGATES = 0xe0_00;
const ABOVE_UNITS = 0x1_00_00;

/** A unit's place: halves of a pair stand for code points that are behind all others. */
function ordered(unit: number): number {
  return unit >= SURROGATES && unit < BEHIND_SURROGATES ? unit + ABOVE_UNITS : unit;
}
