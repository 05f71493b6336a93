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
  return new RunSimilarities().of(a, b);
}

/** A run with numbers in place of the names of its tools. */
interface NumberedRun {
  /** The same for the same path. */
  id: number;
  tools: readonly number[];
}

/**
 * As `similarityOfRuns`, for many runs that are compared with each other: what is found of a path
 * is held on to, and most runs have the path of another.
 */
export class RunSimilarities {
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<string, number>();
  readonly #runs = new Map<readonly string[], NumberedRun>();
  readonly #known = new Map<number, number>();

  /** Symmetric. @param a the same array each time for the same run, like b */
  of(a: readonly string[], b: readonly string[]): number {
    const [own, other] = [this.#numbered(a), this.#numbered(b)];
    if (own.id === other.id) return 1;
    const [low, high] = own.id < other.id ? [own, other] : [other, own];
    const pair = low.id * PATHS_MAX + high.id;
    const known = this.#known.get(pair);
    if (known !== undefined) return known;
    const longer = Math.max(own.tools.length, other.tools.length);
    const similarity = commonLength(low.tools, high.tools) / longer;
    this.#known.set(pair, similarity);
    return similarity;
  }

  #numbered(run: readonly string[]): NumberedRun {
    const known = this.#runs.get(run);
    if (known) return known;
    const tools: number[] = [];
    for (let i = 0; i < Math.min(run.length, LENGTH_MAX); i++) {
      const tool = run[i] ?? "";
      let number = this.#numbers.get(tool);
      if (number === undefined) this.#numbers.set(tool, (number = this.#numbers.size));
      tools.push(number);
    }
    const path = tools.join(" ");
    let id = this.#ids.get(path);
    if (id === undefined) this.#ids.set(path, (id = this.#ids.size));
    const numbered = { id, tools };
    this.#runs.set(run, numbered);
    return numbered;
  }
}

/** More paths than are ever compared with each other. */
const PATHS_MAX = 1_000_000;

/** The length of a longest common subsequence. O(n·m). */
function commonLength(a: readonly number[], b: readonly number[]): number {
  let [endA, endB] = [a.length, b.length];
  // What both begin with and end with is in one of the longest subsequences, and most similar runs
  // differ in little else.
  let begin = 0;
  while (begin < endA && begin < endB && a[begin] === b[begin]) begin += 1;
  for (; endA > begin && endB > begin && a[endA - 1] === b[endB - 1]; endB--) endA -= 1;

  let before = new Uint16Array(endB - begin + 1);
  let lengths = new Uint16Array(endB - begin + 1);
  for (let i = begin; i < endA; i++) {
    for (let j = begin; j < endB; j++) {
      const at = j - begin;
      lengths[at + 1] =
        a[i] === b[j] ? (before[at] ?? 0) + 1 : Math.max(before[at + 1] ?? 0, lengths[at] ?? 0);
    }
    [before, lengths] = [lengths, before];
  }
  return begin + a.length - endA + (before[endB - begin] ?? 0);
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
