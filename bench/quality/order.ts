/**
 * `--order=SEED`: imports in another order, by which no figure may change.
 *
 * @module
 */

const seed = process.argv.find((argument) => argument.startsWith("--order="))?.split("=")[1];

/** By R. A. Fisher and F. Yates, 1938. */
function reordered<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

/**
 * Reorders the items of each group as the seed says, and leaves them as they are without one; the
 * groups stay as they came.
 */
export function inOrder<T>(items: readonly T[], groupOf: (item: T) => unknown): T[] {
  if (seed === undefined) return [...items];
  const random = generator(Number(seed));
  return [...Map.groupBy(items, groupOf).values()].flatMap((group) => reordered(group, random));
}

/**
 * Numbers in 0…1: a linear congruential generator with the constants of W. H. Press et al.,
 * "Numerical Recipes".
 */
function generator(start: number): () => number {
  if (!Number.isInteger(start)) throw new Error("--order=SEED takes a whole number");
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
