/**
 * An episode as instances and the database keep it, and as a client sees it. Pure.
 *
 * @module
 */

import type { CompletionView } from "../../contract/episodes/answers.ts";
import type { Episode } from "../../contract/episodes/record.ts";
import type { Step } from "../../contract/episodes/record.ts";
import type { EndLesson } from "../../contract/lessons/requests.ts";
import { withGroup } from "../../memory/holdout/index.ts";
import { makeDigest } from "../../memory/learning/index.ts";
import type { Digest, RecallGroup } from "../../memory/learning/types.ts";
import { isoTime } from "../../util/time.ts";

/**
 * An episode as it is stored: with what its completion answered, so that the same completion
 * answers the same.
 */
export interface EpisodeRecord extends Episode {
  learned?: CompletionView["patterns"];
  learning?: CompletionView["learning"];
  /** What of it was too much to learn from. */
  omitted?: CompletionView["omitted"];
  /** The id of the API key that began it, or operator; absent: it does not say. */
  opened_by?: string;
  /** It named, when it ended, a recall that it had used. */
  used_recall?: boolean;
  /** The recall that it named when it began. */
  start_recall_id?: string;
  /** In which group of its namespace's hold-out it was, when it was learned. */
  recall_group?: RecallGroup;
  /** Of one that was imported: fingerprints of what its origin said last, by field. */
  origin?: Readonly<Record<string, string>>;
  /** What it said when it ended. */
  taught?: Taught;
  /** Which lessons that is. */
  lessons?: CompletionView["lessons"];
}

/** Lessons that an episode's end brings, and the id of the API key that ended it. */
export interface Taught {
  by: string;
  lessons: EndLesson[];
}

/** What a client sees of a record. */
export function viewOf(record: EpisodeRecord): Episode {
  const {
    learned: _learned,
    learning: _learning,
    used_recall: _used,
    omitted: _omitted,
    opened_by: _opened,
    start_recall_id: _recall,
    recall_group: _group,
    origin: _origin,
    taught: _taught,
    lessons: _lessons,
    ...episode
  } = record;
  return episode;
}

/** What an ended episode contributes to learning. @param steps all of them, in their order */
export function digestOfRecord(record: EpisodeRecord, steps: readonly Step[]): Digest {
  const digest = makeDigest(viewOf(record), steps, record.used_recall ?? false);
  return record.recall_group ? withGroup(digest, record.recall_group) : digest;
}

/** The record as archived then, RFC 3339; null: as not archived. */
export function archivedRecord(record: EpisodeRecord, at: string | null): EpisodeRecord {
  const { archived_at: _archived, ...rest } = record;
  return at === null ? rest : { ...rest, archived_at: at };
}

/** The record after a change: one version and one moment later. @param now ms since the epoch */
export function changedRecord(
  record: EpisodeRecord,
  changes: Partial<EpisodeRecord>,
  now: number,
): EpisodeRecord {
  return { ...record, ...changes, version: record.version + 1, updated_at: isoTime(now) };
}
