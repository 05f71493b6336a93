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
