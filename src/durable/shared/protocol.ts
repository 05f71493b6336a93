/**
 * What a memory instance is asked: operations by the Worker, the rest by other instances and by the
 * Coordinator. Plain data only: it crosses the wire.
 *
 * @module
 */

import type { Baseline } from "../../memory/learning/index.ts";
import type { Digest } from "../../memory/learning/types.ts";
import type { KeyView } from "../../contract/access/answers.ts";
import type { Call, Reply, Result } from "../../contract/call.ts";
import type { BreakerView, InstanceView } from "../../contract/cluster/answers.ts";
import type { CompletionView, NextToolView } from "../../contract/episodes/answers.ts";
import type { Episode, EpisodeWithSteps } from "../../contract/episodes/record.ts";
import type { EpisodeFilter } from "../../contract/episodes/requests.ts";
import type { Input, OperationName, Output } from "../../contract/operations.ts";
import type { DeadLetterView } from "../../contract/storage/answers.ts";
import type { Relationship } from "../../contract/ties/answers.ts";
import type { Sample } from "../../observability/index.ts";
import type { DatabaseErrorKind, Row, SqlValue } from "../../storage/index.ts";
import type { Control } from "./control.ts";
import type { Holdings, HoldingsName } from "./holdings.ts";
import type { Shard, ShardSlice, ShardCursor } from "./placement.ts";
import type { Delta } from "./metrics-store.ts";
import type { SnapshotCursor, SnapshotPage } from "./snapshots.ts";

/** What the home of a key's tokens answers to one who wants some. */
export interface TokenAnswer {
  granted: number;
  remaining: number;
  wait_ms: number;
}

/** What a small write to the database found. */
export interface ProbeFinding {
  /** ms since the epoch. */
  at: number;
  latency_ms: number;
  /** null: the write was taken. "late": no answer yet. */
  failed: DatabaseErrorKind | "late" | null;
}

/**
 * Which of how many instances is meant, as the caller knows it: an instance learns its own index
 * from its calls.
 */
export interface Place {
  index: number;
  count: number;
  /** The topology's. */
  version: number;
}

/** A key as it is kept: its hash, never the key. */
export interface KeyRecord extends KeyView {
  hash: string;
}

/** Position in the order of a list: started_at in ms and id, both descending. */
export interface ListPosition {
  started_at: number;
  id: string;
}

/** Episodes that the database may not have yet, or not as they are now. */
export interface Overlay {
  /**
   * Ids of the namespace whose rows the database does not hold as they are; what it says of them
   * does not count.
   */
  stale: string[];
  /**
   * Those of them, or of all that the instance holds, that match; in list order, after the
   * position.
   */
  episodes: Episode[];
  /**
   * There may be more behind them; absent from instances of an earlier version, which cut by the
   * limit only.
   */
  more?: boolean;
}

export interface EpisodeCounts {
  rows: {
    status: string;
    outcome: string | null;
    domain: string;
    episodes: number;
    steps: number;
    reward: number | null;
    rewarded: number;
  }[];
}

/** What an instance knows of itself: R2, which it does not use, has its breaker elsewhere. */
export type OwnInstanceView = Omit<InstanceView, "breakers"> & {
  breakers: { turso: BreakerView };
};

export interface InstanceHealthView {
  view: OwnInstanceView;
  probe_write: ProbeFinding;
  /** The database's, as it was last seen; null: never. */
  schema_version: number | null;
  /**
   * What is wrong with the database's migrations; an instance of an earlier release says nothing of
   * it.
   */
  schema_problems?: string[];
  /** When the database last took a batch, ms since the epoch; null: never. */
  last_flush_at: number | null;
  /**
   * When a damaged part of the database was last met, ms since the epoch; null or absent: not
   * lately.
   */
  damage_seen_at?: number | null;
  /**
   * Statements that met a damaged page of the instance's own storage; absent: an earlier release.
   */
  local_damage?: number;
  cache_hits: number;
  cache_misses: number;
}

interface LearnAnswer {
  patterns: CompletionView["patterns"];
  learning: CompletionView["learning"];
}

/** What one instance asks of another, by name: input and output. Never reachable from outside. */
export interface Internals {
  /** How the instance is, with a canary write that is waited for no longer than this, ms. */
  health: { input: { wait_ms: number }; output: InstanceHealthView };
  metrics: { input: null; output: Sample[] };
  /** What a Worker counted. */
  count: { input: Delta; output: null };
  keys: { input: { keys: KeyRecord[]; complete: boolean }; output: null };
  baseline: { input: { namespace: string; domain: string }; output: Baseline };
  learn: { input: { digest: Digest; recall_id: string | null }; output: LearnAnswer };
  forget: { input: { namespace: string; episode_id: string }; output: null };
  overlay: {
    input: {
      namespace: string;
      filter: EpisodeFilter;
      limit: number;
      after: ListPosition | null;
      all: boolean;
      /** UTF-8 bytes of the episodes, unless it is one. */
      bytes?: number;
    };
    output: Overlay;
  };
  counts: {
    input: { namespace: string; all: boolean };
    output: EpisodeCounts & { stale: string[] };
  };
  episodes: { input: { namespace: string; ids: string[] }; output: EpisodeWithSteps[] };
  /** UTF-8 bytes of each with its steps; those that do not exist are left out. */
  episode_sizes: {
    input: { namespace: string; ids: string[] };
    output: { id: string; bytes: number }[];
  };
  exists: { input: { namespace: string; id: string }; output: boolean };
  relate: { input: { namespace: string; relationships: Relationship[] }; output: null };
  next_tools: {
    input: { namespace: string; episode: EpisodeWithSteps };
    output: NextToolView[];
  };
  /** Answers with the number of the last batch that may still carry rows of the namespace. */
  erase_begin: { input: { namespace: string }; output: { writer: string; batch: number } };
  erase_end: { input: { namespace: string }; output: null };
  control: { input: Control; output: { version: number } };
  view: { input: null; output: OwnInstanceView };
  flush: { input: null; output: OwnInstanceView };
  dead: { input: { limit: number }; output: DeadLetterView[] };
  retry_dead: { input: null; output: { retried: number } };
  /**
   * Forgets what the instance knows of a namespace, so that it is loaded from the database again.
   */
  sync: { input: { namespace: string }; output: { namespaces: string[] } };
  rate_take: { input: { key: string; wanted: number }; output: TokenAnswer };
  shard_ensure: { input: { shard: Shard }; output: null };
  shard_read: { input: { shard: Shard; after: ShardCursor }; output: ShardSlice };
  shard_drop: { input: { shard: Shard }; output: number };
  /**
   * Takes the control document, which says that nothing is sent, and waits for a batch in flight.
   */
  restore_hold: { input: Control; output: { writer: string; batch: number } };
  /**
   * The database is restored within this scope: copies are dropped, unsent rows sent again or set
   * aside. With `after`, a slice of it, which says in `next` where the next one begins; without, as
   * an earlier release asks, all of it. merged: what was held here is in the database, and what is
   * known of a namespace goes on counting. copies: keep: none is dropped, for nobody knows what the
   * database has.
   */
  restore_done: {
    input: {
      namespace: string | null;
      episode: string | null;
      outbox: "replay" | "keep";
      after?: [string, string] | null;
      merged?: boolean;
      copies?: "drop" | "keep";
    };
    output: { replayed: number; kept: number; next?: [string, string] | null };
  };
  /** A page of what is held here. */
  restore_holdings: {
    input: { what: HoldingsName; input: Holdings[HoldingsName]["input"] };
    output: Holdings[HoldingsName]["output"];
  };
  /**
   * Things of one namespace that a restore brought back: the home learns what it does not know.
   * Rows as in their tables.
   */
  restore_learn: {
    input: { namespace: string; digests: Digest[]; recalls: SqlValue[][]; feedback: SqlValue[][] };
    output: null;
  };
  snapshot: { input: { cursor: SnapshotCursor | null }; output: SnapshotPage };
  /** Takes rows of a snapshot that only instances have, where nothing is in their place. */
  restore_local: {
    input: {
      table: "dead_letters" | "idempotency" | "pending_tasks" | "knowledge_pending";
      rows: Row[];
    };
    output: number;
  };
}
export type InternalName = keyof Internals;

/** The request on whose behalf something is asked. */
export interface Trace {
  request_id: string;
  traceparent: string | null;
}

/** The RPC surface of a MemoryInstance. */
export interface InstanceRpc {
  execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>>;
  internal<N extends InternalName>(
    place: Place,
    name: N,
    input: Internals[N]["input"],
    trace?: Trace,
  ): Promise<Result<Internals[N]["output"]>>;
}
