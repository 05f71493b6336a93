/**
 * The front door of `memory/holdout/`: what the memory is worth, measured against episodes that it
 * was told to answer nothing. Pure.
 *
 * @module
 */

export { groupOf } from "./assignment.ts";
export { compareGroups } from "./comparison.ts";
export { withGroup } from "./digest.ts";
export { countInGroup, type HoldoutSums } from "./sums.ts";
