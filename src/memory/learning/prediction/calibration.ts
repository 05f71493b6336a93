/**
 * Makes probabilities honest: what was said before is put beside what happened, and what is said now
 * is corrected by it. Isotonic regression over bins, drawn to no correction while little happened.
 * It never changes an order. B. Zadrozny, C. Elkan, "Transforming classifier scores into accurate
 * multiclass probability estimates", KDD 2002; M. Ayer et al., Annals of Mathematical Statistics 26
 * (1955), for the pooling. Pure, and the same in whatever order things happened.
 *
 * @module
 */

/** Equal bins of a probability. */
const BINS = 10;
/** Forecasts of a bin with which what happened and what was said weigh the same. */
const PRIOR_FORECASTS = 20;

/** A probability that was said, and whether it came true. */
export interface Forecast {
  said: number;
  hasHappened: boolean;
}

/** Forecasts of about the same probability together. */
export interface CalibrationBin {
  /** The mean of what was said, and the share that happened. */
  predicted: number;
  observed: number;
  forecasts: number;
}

/** Those that have any, the lowest first. */
export function calibrationBins(forecasts: readonly Forecast[]): CalibrationBin[] {
  const sums = Array.from({ length: BINS }, () => ({ said: 0, happened: 0, forecasts: 0 }));
  for (const { said, hasHappened } of forecasts) {
    const sum = sums[Math.min(BINS - 1, Math.max(0, Math.floor(BINS * said)))];
    if (!sum) continue;
    sum.said += said;
    sum.happened += hasHappened ? 1 : 0;
    sum.forecasts += 1;
  }
  return sums
    .filter((sum) => sum.forecasts > 0)
    .map((sum) => ({
      predicted: sum.said / sum.forecasts,
      observed: sum.happened / sum.forecasts,
      forecasts: sum.forecasts,
    }));
}

/** How far what was said is from what happened, over all forecasts, 0…1; null: there were none. */
export function calibrationError(bins: readonly CalibrationBin[]): number | null {
  const total = bins.reduce((sum, { forecasts }) => sum + forecasts, 0);
  if (total === 0) return null;
  return bins.reduce(
    (sum, { predicted, observed, forecasts }) =>
      sum + (forecasts * Math.abs(predicted - observed)) / total,
    0,
  );
}

/** A rising line through these points, and the ends. */
export type Calibration = readonly (readonly [said: number, corrected: number])[];

export const UNCORRECTED: Calibration = [
  [0, 0],
  [1, 1],
];

export function calibrationOf(bins: readonly CalibrationBin[]): Calibration {
  const pools: { said: number; value: number; weight: number; points: number[] }[] = [];
  for (const { predicted, observed, forecasts } of bins) {
    const weight = forecasts + PRIOR_FORECASTS;
    const value = (observed * forecasts + predicted * PRIOR_FORECASTS) / weight;
    pools.push({ said: predicted, value, weight, points: [predicted] });
    // What rises with what is said stays; what falls is pooled with what is before it.
    for (let last = pools.at(-1), before = pools.at(-2); last && before;) {
      if (before.value <= last.value) break;
      const sum = before.weight + last.weight;
      before.value = (before.value * before.weight + last.value * last.weight) / sum;
      before.weight = sum;
      before.points.push(...last.points);
      pools.pop();
      [last, before] = [pools.at(-1), pools.at(-2)];
    }
  }
  const inner = pools.flatMap(({ points, value }) =>
    points.map((said): readonly [number, number] => [said, value]),
  );
  const [first, last] = [inner[0], inner.at(-1)];
  if (!first || !last) return UNCORRECTED;
  // Beyond what was said so far it is corrected by as much as what is nearest.
  const [least, most] = [first[1] - first[0], last[1] + 1 - last[0]];
  return [[0, Math.max(0, least)], ...inner, [1, Math.min(1, most)]];
}

/** In 0…1; rises with what is said. */
export function calibrated(said: number, calibration: Calibration): number {
  let [from, to] = [0, 0];
  for (const [at, value] of calibration) {
    if (at >= said) {
      const [before, valueBefore] = [from, to];
      const width = at - before;
      return width <= 0 ? value : valueBefore + ((value - valueBefore) * (said - before)) / width;
    }
    [from, to] = [at, value];
  }
  return to;
}
