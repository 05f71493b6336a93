/**
 * Finds how two runs of tools correspond, by their longest common subsequence. Only the first 200
 * steps of a run count, which bounds the work. Pure.
 *
 * @module
 */

/** Steps of a run that are compared: the work grows with their square. */
const LENGTH_MAX = 200;

/** Pairs of indexes of a longest common subsequence, in order. O(n·m). */
export function commonSteps(
  ownTools: readonly string[],
  otherTools: readonly string[],
): (readonly [number, number])[] {
  const [n, m] = [Math.min(ownTools.length, LENGTH_MAX), Math.min(otherTools.length, LENGTH_MAX)];
  const [a, b] = numbered(ownTools, otherTools);
  const width = m + 1;
  const lengths = new Uint16Array((n + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }

  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < n && j < m;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/**
 * Numbers in place of names, equal where these are: names may be long and differ in their last
 * letter only.
 */
function numbered(own: readonly string[], other: readonly string[]): [number[], number[]] {
  const numbers = new Map<string, number>();
  const numberOf = (tool: string): number => {
    const number = numbers.get(tool) ?? numbers.size;
    numbers.set(tool, number);
    return number;
  };
  return [own.slice(0, LENGTH_MAX).map(numberOf), other.slice(0, LENGTH_MAX).map(numberOf)];
}

/** Share of the longer run that both have in common, 0…1; two empty runs are alike. */
export function similarityOfRuns(a: readonly string[], b: readonly string[]): number {
  const longer = Math.min(LENGTH_MAX, Math.max(a.length, b.length));
  if (longer === 0) return 1;

  let [endA, endB] = [Math.min(a.length, LENGTH_MAX), Math.min(b.length, LENGTH_MAX)];
  // What both begin with and end with is in one of the longest subsequences, and most similar runs
  // differ in little else.
  let begin = 0;
  while (begin < endA && begin < endB && a[begin] === b[begin]) begin += 1;
  for (; endA > begin && endB > begin && a[endA - 1] === b[endB - 1]; endB--) endA -= 1;
  const same = begin + Math.min(a.length, LENGTH_MAX) - endA;
  return (same + commonSteps(a.slice(begin, endA), b.slice(begin, endB)).length) / longer;
}

/**
 * Where in a run one stands who has taken the recent steps: after the position that explains most
 * of them, the latest recent steps foremost.
 */
export function alignedAfter(
  run: readonly string[],
  recent: readonly string[],
): { position: number; matched: number } {
  if (recent.length === 0) return { position: 0, matched: 0 };
  let best = { position: 0, matched: 0, score: 0 };
  const last = recent.at(-1);
  for (let end = 1; end <= Math.min(run.length, LENGTH_MAX); end++) {
    // Only a place where the last step was taken continues from the last step.
    if (run[end - 1] !== last) continue;
    const pairs = commonSteps(run.slice(0, end), recent);
    const skipped = end - pairs.length;
    const score = pairs.length - 0.1 * skipped;
    if (score > best.score) best = { position: end, matched: pairs.length, score };
  }
  return { position: best.position, matched: best.matched };
}
