/**
 * `--order=SEED`: imports in another order, by which no figure may change.
 *
 * @module
 */

import { generator, shuffled } from "./random.ts";

const seed = process.argv.find((argument) => argument.startsWith("--order="))?.split("=")[1];

/**
 * Reorders the items of each group as the seed says, and leaves them as they are without one; the
 * groups stay as they came.
 */
export function inOrder<T>(items: readonly T[], groupOf: (item: T) => unknown): T[] {
  if (seed === undefined) return [...items];
  const random = generator(Number(seed));
  return [...Map.groupBy(items, groupOf).values()].flatMap((group) => shuffled(group, random));
}
