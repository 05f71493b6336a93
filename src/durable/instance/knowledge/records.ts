/**
 * The bodies of stored recalls and of their judgements.
 *
 * @module
 */

import type { RecallGroup } from "../../../memory/learning/types.ts";

/** What was recalled for which task, so that feedback finds it. */
export interface RecallRecord {
  id: string;
  task: string;
  at: string;
  episodes: string[];
  patterns: string[];
  /** Episodes that the playbook was made from. */
  playbook: string[];
  /**
   * Patterns that were shown as heuristics, and how many were shown as patterns; absent in records
   * of earlier releases.
   */
  heuristics?: string[];
  plain?: number;
  /** It was advice rather than a recall. */
  advice?: boolean;
  /** The group of the hold-out that was answered; absent: there was no hold-out. */
  group?: RecallGroup;
  /** What it foretold of a running episode. */
  forecast?: ForecastRecord;
  /** Lessons that were shown. */
  lessons?: string[];
}

/** What advice foretold of an episode after this many of its steps. */
export interface ForecastRecord {
  episode: string;
  step: number;
  /** The likeliest next tools, each with its probability before it was corrected, and as shown. */
  next: (readonly [tool: string, made: number, shown: number])[];
  /** The same of its success; null: nothing was said. */
  success: readonly [made: number, shown: number] | null;
}

/** The judgement of a recall, and what it moved, so that a later one can replace it. */
export interface FeedbackRecord {
  recall_id: string;
  at: string;
  /** Ids as the client named them. */
  used: string[];
  /** Thousandths of a use. */
  helpful: number;
  unhelpful: number;
  /** Days since 1970-01-01. */
  day: number;
  /** What of it was counted. */
  episodes: string[];
  patterns: string[];
  lessons?: string[];
  /** The episode whose end judged it; absent: somebody did. */
  episode?: string;
}
