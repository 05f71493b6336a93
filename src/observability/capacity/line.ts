/**
 * Fits a straight line through points in time by ordinary least squares, with the prediction
 * interval of Draper & Smith, Applied Regression Analysis, §1.4. Pure.
 *
 * @module
 */

export interface Point {
  /** ms since the epoch. */
  at: number;
  value: number;
}

export interface Line {
  /** The expected value at a time, ms since the epoch. */
  at(time: number): number;
  /** Half the width of the 95 % interval of one new value. */
  margin(time: number): number;
  /** Per ms. */
  slope: number;
}

/** Fewer points than this say nothing of the spread. */
const POINTS_MIN = 6;

/** The least-squares line through the points; null when there are too few, or all at one time. */
export function fitLine(points: readonly Point[]): Line | null {
  const n = points.length;
  if (n < POINTS_MIN) return null;
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / n;
  const meanValue = points.reduce((sum, { value }) => sum + value, 0) / n;
  const sxx = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  if (sxx === 0) return null;

  const sxy = points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0);
  const slope = sxy / sxx;
  const at = (time: number): number => meanValue + slope * (time - meanAt);
  const squares = points.reduce((sum, point) => sum + (point.value - at(point.at)) ** 2, 0);
  const residual = Math.sqrt(squares / (n - 2));
  const margin = (time: number): number =>
    studentT975(n - 2) * residual * Math.sqrt(1 + 1 / n + (time - meanAt) ** 2 / sxx);
  return { at, margin, slope };
}

/**
 * The 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5, an expansion; within 1 % from 4
 * degrees on).
 */
export function studentT975(degrees: number): number {
  const z = 1.959963985;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  const d = degrees;
  return (
    z +
    (z3 + z) / (4 * d) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * d ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * d ** 3)
  );
}
