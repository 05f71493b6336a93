/**
 * Kernel ridge regression: the outcomes of similar cases, each weighted by how alike it is and by
 * how little the others repeat it. The same as the mean of a Gaussian process. C. Saunders,
 * A. Gammerman, V. Vovk, "Ridge regression learning algorithm in dual variables", ICML 1998; C. E.
 * Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, §2.2.
 *
 * @module
 */

/**
 * Solves (K + ridge · I) a = y for each y by Cholesky decomposition. O(n³) once and O(n²) for each
 * y; callers bound n.
 *
 * @param kernel symmetric, positive semidefinite, n × n; of each row only what is up to the
 *   diagonal is read
 * @param ridge > 0: how little a single case is believed
 */
export function fitRidge(
  kernel: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  ridge: number,
): Float64Array[] {
  const lower = cholesky(kernel, ridge);
  return targets.map((target) => solve(lower, target));
}

/**
 * The same for the kernel K = F · Fᵀ of n cases with r features each, by way of the features:
 * O(n·r² + r³), which is less where there are far fewer of them than cases.
 *
 * @param features of each case
 */
export function fitRidgeByFeatures(
  features: readonly Float64Array[],
  target: readonly number[],
  ridge: number,
): Float64Array {
  const count = features[0]?.length ?? 0;
  const moments = Array.from({ length: count }, () => 0);
  const gram = Array.from({ length: count }, (_, i) => Array.from({ length: i + 1 }, () => 0));
  for (const [n, own] of features.entries()) {
    const y = target[n] ?? 0;
    for (let i = 0; i < count; i++) {
      const value = own[i] ?? 0;
      if (value === 0) continue;
      moments[i] = (moments[i] ?? 0) + value * y;
      const row = gram[i] ?? [];
      for (let j = 0; j <= i; j++) row[j] = (row[j] ?? 0) + value * (own[j] ?? 0);
    }
  }
  const [weights = new Float64Array(0)] = fitRidge(gram, [moments], ridge);
  return Float64Array.from(target, (y, n) => {
    const explained = weights.reduce((sum, weight, i) => sum + weight * (features[n]?.[i] ?? 0), 0);
    return (y - explained) / ridge;
  });
}

/** The lower triangle L of L · Lᵀ = K + ridge · I, row by row. */
export function cholesky(kernel: readonly (readonly number[])[], ridge: number): Float64Array[] {
  const n = kernel.length;
  const lower = kernel.map((row, i) => {
    const copy = Float64Array.from(row);
    copy[i] = (copy[i] ?? 0) + ridge;
    return copy;
  });
  for (let j = 0; j < n; j++) {
    const pivot = lower[j] ?? new Float64Array(0);
    let diagonal = pivot[j] ?? 0;
    for (let k = 0; k < j; k++) diagonal -= (pivot[k] ?? 0) ** 2;
    const root = Math.sqrt(Math.max(diagonal, 1e-9));
    pivot[j] = root;
    for (let i = j + 1; i < n; i++) {
      const row = lower[i] ?? new Float64Array(0);
      let value = row[j] ?? 0;
      for (let k = 0; k < j; k++) value -= (row[k] ?? 0) * (pivot[k] ?? 0);
      row[j] = value / root;
    }
  }
  return lower;
}

/** Solves L · Lᵀ a = y, forwards and then backwards. */
function solve(lower: readonly Float64Array[], target: readonly number[]): Float64Array {
  const n = lower.length;
  const a = Float64Array.from(target);
  for (let i = 0; i < n; i++) {
    let value = a[i] ?? 0;
    for (let k = 0; k < i; k++) value -= (lower[i]?.[k] ?? 0) * (a[k] ?? 0);
    a[i] = value / (lower[i]?.[i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = a[i] ?? 0;
    for (let k = i + 1; k < n; k++) value -= (lower[k]?.[i] ?? 0) * (a[k] ?? 0);
    a[i] = value / (lower[i]?.[i] ?? 1);
  }
  return a;
}
