/**
 * Which ended episode a full namespace forgets first.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { Digest } from "./types.ts";

/** An episode's value halves in this time. Fixed, because the keys are stored. */
const HALF_LIFE_MS = 30 * MS.day;
/**
 * What an episode without a reward is worth: next to nothing when nothing was learned from it, else
 * the middle.
 */
const WORTH_UNJUDGED = 0.05;
const WORTH_UNKNOWN = 0.5;

/**
 * Orders episodes by value × 2^(−age / half-life) without knowing the time: log₂(value) + ended_at
 * / half-life has the same order at every moment, so it is computed once and indexed. Value is the
 * reward, raised or lowered by how its recalls were judged (Laplace's rule: one half until somebody
 * said something).
 *
 * @param use helpful and unhelpful uses, ≥ 0
 */
export function relevanceKey(digest: Digest, use: { helpful: number; unhelpful: number }): number {
  const judged = digest.success + digest.failure > 0;
  const reward =
    digest.reward === null ? (judged ? WORTH_UNKNOWN : WORTH_UNJUDGED) : digest.reward / 1000;
  const proven = (2 * (use.helpful + 1)) / (use.helpful + use.unhelpful + 2);
  return Math.log2(Math.max(WORTH_UNJUDGED, reward) * proven) + digest.ended_at / HALF_LIFE_MS;
}
