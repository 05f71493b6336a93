/**
 * What learning keeps, as it is stored. A digest is what one ended episode contributes; a pattern's
 * evidence is the sum of its digests' contributions, in integers, so that order does not matter and
 * taking back is exact. Rows of earlier releases lack what is optional.
 *
 * @module
 */

import type { Context } from "../../contract/episodes/record.ts";
import type { OutcomeType, ResultClass, Status, TaskType } from "../../contract/vocabulary.ts";
import type { PatternContent } from "../../contract/patterns.ts";

/** The evidence of one episode for one pattern; it follows from the episode's digest. */
export interface Contribution {
  /** What `patternKey` gives for the content. */
  key: string;
  content: PatternContent;
  /**
   * Times seen in the episode, ≥ 1. Evidence counts once an episode; this is for next-tool
   * prediction.
   */
  occurrences: number;
  /** Sum of latency_ms of the steps involved, an integer; 0 when unknown. */
  latency_ms: number;
}

/** Whether an episode that asked the memory was answered, by the namespace's hold-out of then. */
export interface RecallGroup {
  /** Hundredths of all episodes that were to be held out, 1…50. */
  percent: number;
  held_out: boolean;
}

/** A step of an episode, as predictions read it. */
export interface PathStep {
  number: number;
  tool: string;
  /** At most 200 characters. */
  action: string;
  result: ResultClass;
  /** The masked template of the error, at most 300 characters; null: it did not fail. */
  error: string | null;
  /** Whole milliseconds, at most a week. */
  latency_ms: number | null;
  /**
   * How much of the task its answer held (`TaskCoverage`); absent in digests of before it was
   * counted.
   */
  fresh?: number;
  covered?: number;
  /** Identifiers left to visit after it (`unvisitedIds`); absent in digests of before, too. */
  untried?: number | undefined;
  /** What kind of action it is beyond its tool (`actionKey`); absent: the tool says it. */
  key?: string | undefined;
  /** What it was called with, as far as there is room for it (`withCalls`). */
  parameters?: readonly StepParameter[] | undefined;
  /** Fields of what it answered that have few values by their form: a state, a kind, yes or no. */
  shown?: readonly { name: string; value: string }[] | undefined;
  /** The beginning of what it answered, where that is plain text; absent: no room, or none. */
  told?: string | undefined;
}

/** A parameter of a step. */
export interface StepParameter {
  /** As a path: `address.city`, `item_ids[]`. */
  name: string;
  /** Absent: it is long, or several. */
  value?: string;
  /** Where the run had its values from before: the task, or `tool.path`; absent: from nowhere. */
  from?: readonly string[];
}

/**
 * What digests hold, and what is mined of them, as a number: those of a lower one are made anew from
 * their episodes.
 */
export const DIGEST_FORMAT = 2;

/**
 * One ended episode, as learning and recall see it. Kept as long as the episode, so that what
 * follows from it can be taken back.
 */
export interface Digest {
  namespace: string;
  episode_id: string;
  /** Version of the episode that this digest was made from; a lower one is stale. */
  version: number;
  task: string;
  task_type: TaskType;
  context: Context;
  tags: string[];
  status: Status;
  outcome: OutcomeType | null;
  /** verdict or reason, at most 500 characters. */
  summary: string | null;
  insights: string[];
  /**
   * Thousandths, 0…1000; success + failure ≤ 1000; both 0 when nothing is to be learned (abandoned,
   * abstained).
   */
  success: number;
  failure: number;
  /** Thousandths of the reward's total; null when there is none. */
  reward: number | null;
  started_at: number;
  ended_at: number;
  path: readonly PathStep[];
  /** Steps of a large episode that are not in the path; absent: none is missing. */
  omitted?: { steps: number };
  /** It named, when it ended, the recall that it had used. */
  used_recall?: boolean;
  /** The `DIGEST_FORMAT` of when it was made; absent: 0, of before there were any. */
  format?: number;
  /** Absent: it asked nothing, or there was no hold-out. */
  recall_group?: RecallGroup;
  /** It counts for what was learned, and is not recalled. */
  archived?: true;
}

/** What recall and advice read of a digest. */
export interface EpisodeDigest extends Omit<
  Digest,
  "used_recall" | "recall_group" | "omitted" | "format" | "archived"
> {
  /** The hashes of the terms of its task, as `taskTermHashes` gives them; absent: not computed. */
  readonly terms?: Uint32Array;
}

/**
 * Evidence of one day (UTC, days since 1970-01-01) in one domain. Integers only. success and
 * failure are thousandths of an episode, reward thousandths, latency milliseconds.
 */
export interface Bucket {
  domain: string;
  day: number;
  success: number;
  failure: number;
  reward: number;
  episodes: number;
  occurrences: number;
  latency_ms: number;
}

/**
 * Buckets, and how finely they distinguish days and domains: less so, for good, where there are
 * very many.
 */
export interface Evidence {
  buckets: Bucket[];
  /** Days that share a bucket, a power of 8; absent: 1. */
  grain?: number;
  /** The domains share a few slots; absent: each has its own buckets. */
  slots?: true;
}

/** A pattern as it is stored. */
export interface PatternRow extends Evidence {
  namespace: string;
  id: string;
  content: PatternContent;
  /**
   * Evidence from feedback: thousandths of helpful and unhelpful uses, by day, or by so many days.
   */
  feedback: { day: number; helpful: number; unhelpful: number }[];
  feedback_grain?: number;
  /** Newest supporting episodes, at most 10, newest first by (ended_at, id). */
  episodes: { id: string; ended_at: number }[];
  promoted: boolean;
  last_seen_at: number;
}

/** Whether a pattern was a heuristic when so many episodes had shown it. */
export interface Standing {
  episodes: number;
  promoted: boolean;
}

/** The base rate of a namespace: one row for each domain. */
export interface DomainRow extends Evidence {
  namespace: string;
  domain: string;
  /**
   * Step counts of the successful episodes that ended last, the latest last, at most 101: the
   * running median that efficiency is measured by.
   */
  recent_steps: {
    episode_id: string;
    ended_at: number;
    steps: number;
    latency_ms: number | null;
  }[];
  /**
   * Of the buckets, the share of the episodes that used a recall; thousandths. Absent: none did.
   */
  with_recall?: { episodes: number; success: number; failure: number };
}
