/**
 * What is counted of a namespace as a whole, as it is stored beside its name. Pure.
 *
 * @module
 */

import { countInGroup, type HoldoutSums } from "../../../../memory/holdout/index.ts";
import type { StoredDigest } from "../../../../memory/learning/index.ts";
import { DIGEST_FORMAT, type Digest } from "../../../../memory/learning/types.ts";

/** As of the last checkpoint. */
export interface Head {
  digests: number;
  /** Patterns that a search finds. */
  patterns: number;
  nextPattern: number;
  /** The highest number of a digest that is in the patterns, domains and segments. */
  sealed: number;
  /** The lowest format of a digest; absent: 0. */
  format?: number;
  /** The groups of the hold-out, by share; absent: no episode was in one. */
  holdout?: readonly HoldoutSums[];
}

export const FIRST_HEAD: Head = {
  digests: 0,
  patterns: 0,
  nextPattern: 1,
  sealed: 0,
  format: DIGEST_FORMAT,
};

/** The head with an episode more. */
export function withEpisode(head: Head, digest: Digest): Head {
  const format = Math.min(head.format ?? 0, digest.format ?? 0);
  return counted({ ...head, format }, digest, 1);
}

/** The head with an episode less; the lowest format stays as it was. */
export function withoutEpisode(head: Head, digest: StoredDigest): Head {
  return counted(head, digest, -1);
}

function counted(head: Head, digest: Digest | StoredDigest, sign: 1 | -1): Head {
  const next = { ...head, digests: head.digests + sign };
  if (!digest.recall_group) return next;
  return { ...next, holdout: countInGroup(head.holdout ?? [], digest, sign) };
}
