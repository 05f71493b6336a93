/**
 * The statistics that learning rests on. Pure: no clock, no randomness.
 *
 * @module
 */

/** z for a two-sided 95 % interval. */
const Z_95 = 1.959963984540054;

/**
 * Wilson score interval of a success rate: bounds that stay honest for few observations, unlike
 * rate ± error.
 *
 * @param successes weight of successes, ≥ 0 (fractional after decay)
 * @param total weight of all observations, ≥ successes
 * @returns `[lower, upper]`, each in 0…1; `[0, 1]` when nothing was observed
 * @see E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA
 *   22 (1927)
 */
export function wilsonInterval(
  successes: number,
  total: number,
  z: number = Z_95,
): [lower: number, upper: number] {
  if (total <= 0) return [0, 1];
  const rate = Math.min(1, Math.max(0, successes / total));
  const z2 = z * z;
  const denominator = 1 + z2 / total;
  const centre = rate + z2 / (2 * total);
  const margin = z * Math.sqrt((rate * (1 - rate)) / total + z2 / (4 * total * total));
  return [
    Math.max(0, (centre - margin) / denominator),
    Math.min(1, (centre + margin) / denominator),
  ];
}

/**
 * Weight of an observation of a given age under exponential decay.
 *
 * @param ageMs age in milliseconds; a negative age (clock skew) counts as 0
 * @param halfLifeMs time after which the weight is one half, > 0
 * @returns weight in 0…1
 */
export function decay(ageMs: number, halfLifeMs: number): number {
  return ageMs <= 0 ? 1 : 2 ** (-ageMs / halfLifeMs);
}

/** Successes among observations, of one of two groups. */
export interface Proportion {
  /** Fractions count. */
  successes: number;
  total: number;
}

/**
 * Interval of the difference of two success rates, the first less the second, made of the Wilson
 * bounds of each: right for small groups and for rates near 0 and 1.
 *
 * @returns `[lower, upper]`, each in −1…1; `[-1, 1]` where a group has nothing
 * @see R. G. Newcombe, "Interval estimation for the difference between independent proportions:
 *   comparison of eleven methods", Statistics in Medicine 17 (1998), method 10
 */
export function newcombeInterval(a: Proportion, b: Proportion): [lower: number, upper: number] {
  if (a.total <= 0 || b.total <= 0) return [-1, 1];
  const [p, q] = [a.successes / a.total, b.successes / b.total];
  const [pLow, pHigh] = wilsonInterval(a.successes, a.total);
  const [qLow, qHigh] = wilsonInterval(b.successes, b.total);
  return [p - q - Math.hypot(p - pLow, qHigh - q), p - q + Math.hypot(pHigh - p, q - qLow)];
}

/** Sums over the values of one of two groups. */
export interface Sample {
  count: number;
  sum: number;
  squares: number;
}

/** Mean, and the variance of the mean; null for fewer than two values. */
function meanOf({ count, sum, squares }: Sample): { mean: number; variance: number } | null {
  if (count < 2) return null;
  const mean = sum / count;
  return { mean, variance: Math.max(0, squares - sum * mean) / (count - 1) / count };
}

/**
 * 95 % interval of the difference of two means, the first less the second, without supposing that
 * both vary alike.
 *
 * @returns null where a group has fewer than two values
 * @see B. L. Welch, "The generalization of 'Student's' problem when several different population
 *   variances are involved", Biometrika 34 (1947)
 */
export function welchInterval(a: Sample, b: Sample): [lower: number, upper: number] | null {
  const [first, second] = [meanOf(a), meanOf(b)];
  if (!first || !second) return null;
  const difference = first.mean - second.mean;
  const variance = first.variance + second.variance;
  if (variance === 0) return [difference, difference];
  const freedom =
    variance ** 2 / (first.variance ** 2 / (a.count - 1) + second.variance ** 2 / (b.count - 1));
  const margin = studentQuantile(freedom) * Math.sqrt(variance);
  return [difference - margin, difference + margin];
}

/**
 * The 97.5 % quantile of Student's t by the expansion of Cornish and Fisher: within 1 % from four
 * degrees of freedom on. Fewer than two count as two.
 *
 * @see M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5
 */
function studentQuantile(freedom: number): number {
  const n = Math.max(2, freedom);
  const z = Z_95;
  const z2 = z * z;
  return (
    z +
    (z * (z2 + 1)) / (4 * n) +
    (z * ((5 * z2 + 16) * z2 + 3)) / (96 * n ** 2) +
    (z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / (384 * n ** 3)
  );
}

/** z of the chance of 80 % that a difference which is there is found. */
const Z_POWER = 0.8416212335729143;

/**
 * Observations of both groups together with which a two-sided test at 5 % finds a difference of
 * two rates with a chance of 80 %.
 *
 * @param share of the observations that are in the second group, in 0…1 exclusive
 */
export function observationsFor(
  rates: readonly [first: number, second: number],
  difference: number,
  share: number,
): number {
  const [p, q] = rates;
  const variance = (p * (1 - p)) / (1 - share) + (q * (1 - q)) / share;
  return Math.ceil(((Z_95 + Z_POWER) ** 2 * variance) / difference ** 2);
}
