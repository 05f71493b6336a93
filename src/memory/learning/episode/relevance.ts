/**
 * Orders ended episodes by what they are worth: a namespace beyond its capacity forgets the one of
 * the lowest key first. Pure.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { Digest } from "../types.ts";
import { isJudged } from "./judgement.ts";

/** An episode's value halves in this time. It cannot change: the keys are stored. */
const VALUE_HALF_LIFE_MS = 30 * MS.day;
/**
 * What an episode without a reward is worth: next to nothing when nothing was learned from it, else
 * the middle.
 */
const UNJUDGED_WORTH = 0.05;
const UNKNOWN_WORTH = 0.5;

/**
 * What the key of an archived episode is lowered by: more than any time that an episode may end at
 * makes of a difference, so that archived ones are below all others and ordered among themselves.
 */
const ARCHIVED_SHIFT = 1_000_000;
/** The keys of archived episodes are below it, those of all others above. */
export const ARCHIVED_BELOW = -ARCHIVED_SHIFT / 2;

/**
 * Orders episodes by value × 2^(−age / half-life) without knowing the time: log₂(value) + ended_at
 * / half-life has the same order at every moment, so it is computed once and indexed. Value is the
 * reward, raised or lowered by how its recalls were judged (Laplace's rule: one half until one was
 * judged). What is archived is forgotten first.
 *
 * @param use helpful and unhelpful uses, ≥ 0
 */
export function relevanceKey(
  digest: Pick<Digest, "success" | "failure" | "reward" | "ended_at"> & {
    archived?: true | undefined;
  },
  use: { helpful: number; unhelpful: number },
): number {
  const withoutReward = isJudged(digest) ? UNKNOWN_WORTH : UNJUDGED_WORTH;
  const reward = digest.reward === null ? withoutReward : digest.reward / 1000;
  const proven = (2 * (use.helpful + 1)) / (use.helpful + use.unhelpful + 2);
  const value = Math.log2(Math.max(UNJUDGED_WORTH, reward) * proven);
  const shift = digest.archived ? ARCHIVED_SHIFT : 0;
  return value + digest.ended_at / VALUE_HALF_LIFE_MS - shift;
}
