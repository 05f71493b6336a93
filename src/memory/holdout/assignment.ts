/**
 * Chooses which episodes a namespace answers nothing, so that what its memory is worth can be
 * measured against them. The choice is random to whoever asks, and the same each time it is made.
 * Pure.
 *
 * @module
 */

import { textHash } from "../../util/hashing/text-hash.ts";
import type { RecallGroup } from "../learning/types.ts";

/** `textHash` gives whole numbers below this. */
const HASHES = 2 ** 53;

/**
 * The group of an episode, or of a recall that names none. Of two shares the larger one holds out
 * all that the smaller one does.
 *
 * @param subject the episode's id, or the recall's
 * @param share of all that are held out, 0…1 in hundredths; null is answered for 0
 */
export function groupOf(namespace: string, subject: string, share: number): RecallGroup | null {
  const percent = Math.round(100 * share);
  if (percent <= 0) return null;
  const place = textHash(`${namespace}\n${subject}`) / HASHES;
  return { percent, held_out: place < percent / 100 };
}
