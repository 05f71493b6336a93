/**
 * What instances answer to each other, to the Coordinator and to the Worker, beside what clients
 * and operators see. Plain data: it crosses the wire.
 *
 * @module
 */

import type { Episode } from "../../../contract/episodes/record.ts";
import type { BreakerView, InstanceView } from "../../../contract/cluster/answers.ts";
import type { CompletionView } from "../../../contract/episodes/answers.ts";
import type { DatabaseErrorKind } from "../../../storage/index.ts";

/** What the home of a key's tokens answers to one who wants some. */
export interface TokenAnswer {
  granted: number;
  remaining: number;
  /** Until one more is free, ms. */
  wait_ms: number;
}

/** How a small write to the database went. */
export interface ProbeFinding {
  /** ms since the epoch. */
  at: number;
  latency_ms: number;
  /** null: the write was taken. "late": no answer yet. */
  failed: DatabaseErrorKind | "late" | null;
}

/** Position in the order of a list: started_at in ms and id, both descending. */
export interface ListPosition {
  started_at: number;
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

/** How an instance is, as it knows it: R2, which it does not use, has its breaker elsewhere. */
export type OwnInstanceView = Omit<InstanceView, "breakers"> & {
  breakers: { turso: BreakerView };
};

/** How an instance is, for readiness. */
export interface InstanceHealthView {
  view: OwnInstanceView;
  probe_write: ProbeFinding;
  /** The database's, as it was last seen; null: never. */
  schema_version: number | null;
  /** What is wrong with the database's migrations, a sentence each. */
  schema_problems: string[];
  /** When the database last took a batch, ms since the epoch; null: never. */
  last_flush_at: number | null;
  /** When a damaged part of the database was last met, ms since the epoch; null: not recently. */
  damage_seen_at: number | null;
  /** Statements that ever met a damaged page of the instance's own storage. */
  local_damage: number;
  cache_hits: number;
  cache_misses: number;
}

/** What became of a digest at the home of its namespace. */
export interface LearnAnswer {
  patterns: CompletionView["patterns"];
  learning: CompletionView["learning"];
}
