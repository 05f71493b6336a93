/**
 * Randomness that a seed decides: the same seed, the same numbers.
 *
 * @module
 */

/** Numbers in 0…1 (1 excluded). */
export type Random = () => number;

/**
 * A linear congruential generator with the constants of W. H. Press et al., "Numerical Recipes".
 *
 * @param seed a whole number
 */
export function generator(seed: number): Random {
  if (!Number.isInteger(seed)) throw new Error("a seed is a whole number");
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
}

/** The items in another order: R. A. Fisher and F. Yates, 1938. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
