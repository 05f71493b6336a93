/**
 * How sure a figure is: the percentile bootstrap over whole groups (B. Efron, R. Tibshirani, "An
 * Introduction to the Bootstrap", 1993). Runs of one task resemble each other, so tasks are drawn,
 * not runs.
 *
 * @module
 */

import { generator } from "./random.ts";

/** A figure with its 95 % interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

const RESAMPLES = 1_000;
const SEED = 1;
const TAIL = 0.025;

/**
 * The statistic of all items, and the interval in which it is over groups drawn with replacement.
 * The same items give the same interval.
 *
 * @param statistic of a difference, to compare in pairs: both figures of the same items. NaN where
 *   the items cannot tell it; such draws are left out.
 */
export function interval<T>(
  items: readonly T[],
  groupOf: (item: T) => unknown,
  statistic: (items: readonly T[]) => number,
): Interval {
  const groups = [...Map.groupBy(items, groupOf).values()];
  const random = generator(SEED);
  const drawn: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const sample = groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? []);
    const value = statistic(sample);
    if (!Number.isNaN(value)) drawn.push(value);
  }
  drawn.sort((a, b) => a - b);
  const at = (share: number): number =>
    drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? Number.NaN;
  return { value: statistic(items), low: at(TAIL), high: at(1 - TAIL) };
}

/** A difference with its interval, signed, in the digits of the tables. */
export function differenceText({ value, low, high }: Interval): string {
  if (Number.isNaN(value)) return "–";
  const signed = (x: number): string => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
