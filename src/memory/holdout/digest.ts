/**
 * Notes in a digest which group of a hold-out its episode is in. Pure.
 *
 * @module
 */

import type { Digest, RecallGroup } from "../learning/types.ts";

/** The digest of an episode of the group; one that was answered nothing used no recall. */
export function withGroup(digest: Digest, group: RecallGroup): Digest {
  const { used_recall = false, ...rest } = digest;
  const isUsed = used_recall && !group.held_out;
  return { ...rest, ...(isUsed ? { used_recall: true } : {}), recall_group: group };
}
