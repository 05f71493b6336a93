/**
 * What instances answer about their share of lists and counts of a namespace's episodes: plain data,
 * which is merged with what the database has.
 *
 * @module
 */

import type { Episode } from "../../../contract/episodes/record.ts";

/** Position in the order of a list: what it is ordered by, a whole number ≥ 0, and the id. */
export interface ListPosition {
  order: number;
  id: string;
}

/** An instance's share of a list: episodes that the database may not have as they are. */
export interface Overlay {
  /** Ids of the namespace whose rows in the database are not as they are: those do not count. */
  stale: string[];
  /** Those of them, or of all that the instance holds, that match; in list order. */
  episodes: Episode[];
  /** There may be more behind them. */
  hasMore: boolean;
}

/** An instance's, or the database's, share of the counts of a namespace. */
export interface EpisodeCounts {
  rows: {
    status: string;
    outcome: string | null;
    domain: string;
    episodes: number;
    steps: number;
    /** Sum of the rewards, and of how many episodes. */
    reward: number | null;
    rewarded: number;
  }[];
}

/** An instance's, or the database's, share of the counts of tags, by their names. */
export interface TagCounts {
  /** newest: when the newest episode that has it began, ms. */
  rows: { tag: string; episodes: number; newest: number }[];
  /** There may be more behind them. */
  hasMore: boolean;
}

/** Parts of the reward, the total among them, of which a report has the means. */
export const SCORES = ["total", "base", "efficiency", "quality", "learning"] as const;
export type ScoreName = (typeof SCORES)[number];

/** What ended in one week: how many, and the sums of what they were worth. */
export type WeekCounts = Record<ScoreName, number> & {
  /** Weeks since the Monday 1970-01-05. */
  week: number;
  ended: number;
  success: number;
  partial_success: number;
  failure: number;
  /** How many have a reward. */
  scored: number;
};
