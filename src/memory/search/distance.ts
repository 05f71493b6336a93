/**
 * Counts how many typing errors two terms are apart. Pure.
 *
 * @module
 */

/**
 * Optimal string alignment distance (insertions, deletions, substitutions, adjacent
 * transpositions), or bound + 1 when it is more than the bound. O(n·bound): only what is near the
 * diagonal can be within the bound, and what both begin and end with is passed over.
 *
 * @see L. Boytsov, "Indexing methods for approximate dictionary searching", ACM JEA 16 (2011)
 */
export function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let begin = 0;
  let [endA, endB] = [a.length, b.length];
  while (begin < endA && begin < endB && a.charCodeAt(begin) === b.charCodeAt(begin)) begin += 1;
  while (endA > begin && endB > begin && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA -= 1;
    endB -= 1;
  }
  if (endA === begin || endB === begin) return endA - begin + endB - begin;

  return Math.min(bound + 1, banded(a.slice(begin, endA), b.slice(begin, endB), bound));
}

/** The distance; anything above the bound when it is more. */
function banded(a: string, b: string, bound: number): number {
  const far = bound + 1;
  const width = b.length + 1;
  let [before, previous, current] = [rowOf(width, far), rowOf(width, far), rowOf(width, far)];
  for (let j = 0; j < width; j++) previous[j] = j;
  let leastBefore = 0;
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - bound);
    const to = Math.min(b.length, i + bound);
    current[from - 1] = from === 1 ? i : far;
    let least = current[from - 1] ?? far;
    for (let j = from; j <= to; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      let best = Math.min(
        (previous[j] ?? far) + 1,
        (current[j - 1] ?? far) + 1,
        (previous[j - 1] ?? far) + same,
      );
      const swapped =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) best = Math.min(best, (before[j - 2] ?? far) + 1);
      current[j] = best;
      least = Math.min(least, best);
    }
    // A swap reaches two rows back.
    if (least > bound && leastBefore > bound) return far;
    leastBefore = least;
    // What a row before had beyond its band is far.
    if (to < b.length) current[to + 1] = far;
    [before, previous, current] = [previous, current, before];
  }
  return previous[b.length] ?? far;
}

function rowOf(width: number, value: number): number[] {
  const row: number[] = [];
  for (let j = 0; j < width; j++) row.push(value);
  return row;
}

/** Errors forgiven in a term of this length. */
export function errorsForgiven(length: number): number {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}
