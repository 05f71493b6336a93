/**
 * What is counted of a namespace as a whole, beside its rows. Pure.
 *
 * @module
 */

import { countInGroup, type HoldoutSums } from "../../../../memory/holdout/index.ts";
import type { StoredDigest } from "../../../../memory/learning/index.ts";
import type { Digest } from "../../../../memory/learning/types.ts";

/** As of the last checkpoint. */
export interface Head {
  digests: number;
  /** Patterns that a search finds. */
  patterns: number;
  nextPattern: number;
  /** The highest number of a digest that is in the patterns, domains and segments. */
  sealed: number;
  /** The groups of the hold-out, by share; absent: no episode was in one. */
  holdout?: readonly HoldoutSums[];
}

export const FIRST_HEAD: Head = { digests: 0, patterns: 0, nextPattern: 1, sealed: 0 };

/** The head with an episode more (sign 1), or with one less (−1). */
export function withEpisode(head: Head, digest: Digest | StoredDigest, sign: 1 | -1): Head {
  const next = { ...head, digests: head.digests + sign };
  if (!digest.recall_group) return next;
  return { ...next, holdout: countInGroup(head.holdout ?? [], digest, sign) };
}
