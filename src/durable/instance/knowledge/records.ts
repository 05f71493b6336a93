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
}
