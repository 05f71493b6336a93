/**
 * Makes an episode's record after a change. Pure.
 *
 * @module
 */

import type { EpisodeRecord } from "../../shared/episode-record.ts";
import { isoTime } from "../../../util/time.ts";

/** One version and one moment later. @param now ms since the epoch */
export function changedRecord(
  record: EpisodeRecord,
  changes: Partial<EpisodeRecord>,
  now: number,
): EpisodeRecord {
  const updated_at = isoTime(now);
  return { ...record, ...changes, version: record.version + 1, updated_at };
}
