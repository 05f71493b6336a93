/**
 * How good an answer is: measures of ranking, of sets and of probabilities.
 *
 * @module
 */

/**
 * nDCG@k in 0…1, with gains 2^grade − 1. K. Järvelin, J. Kekäläinen, "Cumulated gain-based
 * evaluation of IR techniques", ACM TOIS 20 (2002).
 */
export function ndcg(
  ranked: readonly string[],
  grades: ReadonlyMap<string, number>,
  k = 10,
): number {
  const gain = (grade: number, i: number): number => (2 ** grade - 1) / Math.log2(i + 2);
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, k);
  const best = ideal.reduce((sum, grade, i) => sum + gain(grade, i), 0);
  return best === 0
    ? 0
    : ranked.slice(0, k).reduce((sum, id, i) => sum + gain(grades.get(id) ?? 0, i), 0) / best;
}

export function recallAt(
  ranked: readonly string[],
  grades: ReadonlyMap<string, number>,
  k: number,
): number {
  return ranked.slice(0, k).filter((id) => grades.has(id)).length / Math.max(1, grades.size);
}

/**
 * Area under the ROC curve: how often a success has the higher score than a failure, ties counting
 * half.
 */
export function auc(scored: readonly { score: number; good: boolean }[]): number {
  let [right, pairs] = [0, 0];
  for (const a of scored.filter(({ good }) => good)) {
    for (const b of scored.filter(({ good }) => !good)) {
      pairs += 1;
      if (a.score > b.score) right += 1;
      else if (a.score === b.score) right += 0.5;
    }
  }
  return pairs === 0 ? Number.NaN : right / pairs;
}

/**
 * F1 over all predictions together (micro), and the mean of each case's (macro; nothing expected
 * and none said is 1).
 */
export function f1(
  cases: readonly { said: ReadonlySet<string>; expected: ReadonlySet<string> }[],
): {
  micro: number;
  macro: number;
} {
  let [hits, all, sum] = [0, 0, 0];
  for (const { said, expected } of cases) {
    const own = [...said].filter((item) => expected.has(item)).length;
    hits += own;
    all += said.size + expected.size;
    sum += said.size + expected.size === 0 ? 1 : (2 * own) / (said.size + expected.size);
  }
  return { micro: all === 0 ? 0 : (2 * hits) / all, macro: sum / Math.max(1, cases.length) };
}

/** A probability that was said, and whether it came true. */
export interface Said {
  probability: number;
  isTrue: boolean;
}

/** The mean square of what was said against what came true, 0…1: G. W. Brier, 1950. */
export function brier(said: readonly Said[]): number {
  const squares = said.map(({ probability, isTrue }) => (probability - (isTrue ? 1 : 0)) ** 2);
  return squares.reduce((sum, square) => sum + square, 0) / said.length;
}

const BINS = 10;

/**
 * Expected calibration error, 0…1: how far what was said is from how often it came true, over ten
 * bins of equal width, weighted by what is in them. M. P. Naeini et al., AAAI 2015.
 */
export function calibrationError(said: readonly Said[]): number {
  const bins = Map.groupBy(said, ({ probability }) =>
    Math.min(BINS - 1, Math.floor(probability * BINS)),
  );
  let error = 0;
  for (const bin of bins.values()) {
    const sum = bin.reduce((all, one) => all + one.probability - (one.isTrue ? 1 : 0), 0);
    error += Math.abs(sum) / said.length;
  }
  return error;
}
