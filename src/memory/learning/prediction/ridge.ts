/**
 * Kernel ridge regression: the outcomes of similar cases, each weighted by how alike it is and by
 * how little the others repeat it. The same as the mean of a Gaussian process. C. Saunders,
 * A. Gammerman, V. Vovk, "Ridge regression learning algorithm in dual variables", ICML 1998; C. E.
 * Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, §2.2.
 *
 * @module
 */

/** A lower triangle, row by row. */
export type LowerTriangle = readonly ArrayLike<number>[];

/**
 * Solves (K + ridge · I) a = y for each y by Cholesky decomposition. O(n³) once and O(n²) for each
 * y; callers bound n.
 *
 * @param kernel symmetric, positive semidefinite, n × n; of each row only what is up to the
 *   diagonal is read
 * @param ridge > 0: how little a single case is believed
 */
export function fitRidge(
  kernel: LowerTriangle,
  targets: readonly ArrayLike<number>[],
  ridge: number,
): Float64Array[] {
  const lower = cholesky(kernel, ridge);
  return targets.map((target) => solve(lower, target));
}

export interface RidgeFit {
  coefficients: Float64Array;
  /** For each case, what the fit of all others says of it. */
  others: Float64Array;
}

/**
 * The same for the kernel K = F · Fᵀ of n cases with r features each, by way of the features:
 * O(n·r² + r³), which is less where there are far fewer of them than cases. What the others say of
 * each case comes with it, in closed form: D. M. Allen, "The relationship between variable selection
 * and data augmentation and a method for prediction", Technometrics 16 (1974).
 *
 * @param features of each case
 */
export function fitRidgeByFeatures(
  features: readonly Float64Array[],
  target: readonly number[],
  ridge: number,
): RidgeFit {
  const count = features[0]?.length ?? 0;
  const moments = new Float64Array(count);
  const gram = Array.from({ length: count }, (_, i) => new Float64Array(i + 1));
  for (const [n, own] of features.entries()) {
    const y = target[n] ?? 0;
    for (let i = 0; i < count; i++) {
      const value = own[i] ?? 0;
      if (value === 0) continue;
      moments[i] = (moments[i] ?? 0) + value * y;
      const row = gram[i] ?? own;
      for (let j = 0; j <= i; j++) row[j] = (row[j] ?? 0) + value * (own[j] ?? 0);
    }
  }
  const lower = cholesky(gram, ridge);
  const weights = solve(lower, moments);
  const coefficients = new Float64Array(target.length);
  const others = new Float64Array(target.length);
  for (const [n, y] of target.entries()) {
    const own = features[n] ?? moments;
    const half = forwards(lower, own);
    const leverage = product(half, half, count);
    const residual = y - product(weights, own, count);
    coefficients[n] = residual / ridge;
    others[n] = y - residual / Math.max(EVEN, 1 - leverage);
  }
  return { coefficients, others };
}

/** A case that nothing but itself explains has no other. */
const EVEN = 1e-9;

/** The lower triangle L of L · Lᵀ = K + ridge · I, row by row. */
export function cholesky(kernel: LowerTriangle, ridge: number): Float64Array[] {
  const lower: Float64Array[] = [];
  for (const [i, given] of kernel.entries()) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j < i; j++) {
      const pivot = lower[j] ?? row;
      row[j] = ((given[j] ?? 0) - product(row, pivot, j)) / (pivot[j] ?? 1);
    }
    const diagonal = (given[i] ?? 0) + ridge - product(row, row, i);
    row[i] = Math.sqrt(Math.max(diagonal, 1e-9));
    lower.push(row);
  }
  return lower;
}

/** Solves L z = y. */
export function forwards(lower: readonly Float64Array[], target: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(target);
  for (const [i, row] of lower.entries()) z[i] = ((z[i] ?? 0) - product(row, z, i)) / (row[i] ?? 1);
  return z;
}

/** Solves L · Lᵀ a = y, forwards and then backwards. */
function solve(lower: readonly Float64Array[], target: ArrayLike<number>): Float64Array {
  const a = forwards(lower, target);
  for (let i = lower.length - 1; i >= 0; i--) {
    const row = lower[i] ?? a;
    const value = (a[i] ?? 0) / (row[i] ?? 1);
    a[i] = value;
    for (let k = 0; k < i; k++) a[k] = (a[k] ?? 0) - (row[k] ?? 0) * value;
  }
  return a;
}

/** The sum of the products of the first `count` numbers of each. */
function product(a: Float64Array, b: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}
