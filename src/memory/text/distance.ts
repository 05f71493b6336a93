/**
 * Whether two terms are one typing error apart, or two.
 *
 * @module
 */

/**
 * Optimal string alignment distance (insertions, deletions, substitutions, adjacent transpositions), or bound + 1 when it
 * is more than the bound. O(n·m).
 *
 * @see L. Boytsov, "Indexing methods for approximate dictionary searching", ACM JEA 16 (2011)
 */
export function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      current.push(best);
    }
    [before, previous] = [previous, current];
  }
  return Math.min(previous[b.length] ?? 0, bound + 1);
}

/** Errors forgiven in a term of this length. */
export function errorsForgiven(length: number): number {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}
