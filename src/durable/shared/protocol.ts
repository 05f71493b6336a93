/**
 * What instances and the Coordinator say to each other. Plain data only: it crosses the wire.
 *
 * @module
 */

import type { Baseline } from "../../memory/learning/index.ts";
import type { Digest } from "../../memory/learning/types.ts";
import type { Episode, EpisodeWithSteps, Relationship } from "../../contract/model.ts";
import type {
  Call,
  CompletionView,
  ConfigView,
  DeadLetterView,
  DrainView,
  EpisodeFilter,
  ClusterView,
  Input,
  InstanceView,
  KeyView,
  MigrationsView,
  NextToolView,
  OperationName,
  Output,
  Reply,
  Result,
  Scope,
} from "../../contract/operations.ts";
import type {
  JobKind,
  JobProgress,
  JobView,
  KeyOutcome,
  KeyRow,
  RestoreMark,
} from "../../contract/jobs.ts";
import type {
  Incident,
  JobRunView,
  MetricSample,
  ReadinessView,
  Sample,
} from "../../observability/index.ts";
import type { Settings } from "../../contract/settings.ts";
import type { BreakerState } from "../../resilience/index.ts";
import type { DatabaseErrorKind, Row, SqlValue } from "../../storage/index.ts";
import type { BackendName, BreakerOrder, Control, Mode, Topology } from "./control.ts";
import type { Holdings, HoldingsName } from "./holdings.ts";
import type { Shard, ShardSlice, ShardCursor } from "./placement.ts";
import type { Delta } from "./metrics-store.ts";
import type { SnapshotCursor, SnapshotPage } from "./snapshots.ts";

/** How a run of a job ended. */
export type JobResult = "success" | "failure";

/** A job to be started. */
export interface NewJob {
  kind: JobKind;
  params: Record<string, unknown>;
  /** The same key is the same job. */
  key: string;
  by: string;
}

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

/** What an instance found lately. */
export interface InstanceReport {
  instance: number;
  control_version: number;
  breakers: Record<BackendName, BreakerState>;
  /** Parked rows, and calls that were ever refused for being too busy. */
  dead?: number;
  overloaded?: number;
}

/** What the Worker and the Coordinator say to each other about watching the service, by name. */
export interface MonitorCalls {
  /** The Coordinator's own series, and how many instances have some. */
  metrics: { input: null; output: { samples: Sample[]; reach: number } };
  facts: {
    input: null;
    output: {
      maintenance: Mode | null;
      degraded: Mode | null;
      /** A restore that has the database. */
      restore: RestoreMark | null;
      jobs: JobRunView[];
      settings: Settings;
      control_version: number;
      instances: number;
    };
  };
  /** A version answers; told once in the life of an isolate. */
  deployed: { input: { version: string; id: string | null }; output: null };
  /** True: the run may begin. */
  job_begin: { input: { job: string; scheduled_at: number; lease_ms: number }; output: boolean };
  job_end: {
    input: { job: string; scheduled_at: number; result: JobResult; detail: string };
    output: null;
  };
  /** A health check's findings; answers with the incidents that it made. */
  health: {
    input: { readiness: ReadinessView; r2: { failed: string | null } };
    output: Incident[];
  };
  sample: { input: MetricSample; output: MetricSample };
  /** @param since ms since the epoch */
  timeline: {
    input: { since: number };
    output: { incidents: Incident[]; samples: MetricSample[] };
  };
  hourly: { input: { since: number }; output: MetricSample[] };
  /** Drops what is too old; answers with how much that was. */
  prune: { input: null; output: { incidents: number; samples: number } };
}
export type MonitorName = keyof MonitorCalls;

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

export interface InstanceHealthView {
  view: InstanceView;
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
  view: { input: null; output: InstanceView };
  flush: { input: null; output: InstanceView };
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

/** What `POST /admin/keys` asks for. */
export interface NewKey {
  name: string;
  scopes: Scope[];
  namespaces: string[];
  default_namespace: string;
  expires_at: string | null;
}

/** What a job, and those who start jobs, ask of the Coordinator, by name. */
export interface Work {
  start: { input: NewJob; output: JobView };
  jobs: { input: { limit: number }; output: JobView[] };
  job: { input: { id: string }; output: JobView };
  acquire: { input: { id: string }; output: "go" | "wait" | "cancelled" };
  report: { input: { id: string; progress: JobProgress }; output: { cancel: boolean } };
  finish: {
    input: {
      id: string;
      status: "succeeded" | "failed" | "cancelled";
      result: unknown;
      error: string | null;
    };
    output: JobView;
  };
  /** @param release of a restore: gives the database back although it is half restored */
  cancel: { input: { id: string; release: boolean; by: string }; output: JobView };
  control: { input: null; output: Control };
  /** Gives the database to a restore. Answers with every writer and its last batch. */
  hold: { input: { job: string; backup: string }; output: { writer: string; batch: number }[] };
  release: {
    input: Omit<Internals["restore_done"]["input"], "after">;
    output: { replayed: number; kept: number };
  };
  holdings: {
    input: Internals["restore_holdings"]["input"] & { instance: number };
    output: Holdings[HoldingsName]["output"];
  };
  restore_learn: { input: Internals["restore_learn"]["input"]; output: null };
  /** @param instance -1: the Coordinator itself */
  snapshot: { input: { instance: number; cursor: SnapshotCursor | null }; output: SnapshotPage };
  put_local: { input: Internals["restore_local"]["input"] & { instance: number }; output: number };
  /**
   * Keys of a backup that an operator named;
   *
   * @param authentic whether the service wrote the backup
   */
  bring_back_keys: {
    input: { rows: KeyRow[]; authentic: boolean; dry_run: boolean };
    output: KeyOutcome[];
  };
  put_settings: { input: { settings: Record<string, unknown>; by: string }; output: null };
  learn: { input: { digest: Digest }; output: null };
  forget: { input: { namespace: string; episode_id: string }; output: null };
  instances: { input: null; output: number };
}
export type WorkName = keyof Work;

/** The RPC surface of the Coordinator. */
export interface CoordinatorRpc {
  /** Resolves with a token when it is the caller's turn to write to the database. */
  acquireWriteLease(): Promise<number>;
  releaseWriteLease(token: number): Promise<void>;
  /** The present control document, for an instance that wakes or that missed a change. */
  control(): Promise<Control>;
  /** Takes an instance's report; answers with the version it should have. */
  report(report: InstanceReport): Promise<number>;
  settled(instance: number, topologyVersion: number): Promise<void>;
  /** The topology that a deployment may use; a newer deployment's INSTANCE_COUNT changes it. */
  topology(envCount: number, deployedAt: string): Promise<Topology>;
  config(): Promise<Result<ConfigView>>;
  configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>>;
  setMode(
    name: "maintenance" | "degraded",
    enabled: boolean,
    message: string,
    by: string,
  ): Promise<Result<ClusterView>>;
  order(order: Omit<BreakerOrder, "id">, by: string): Promise<Result<ClusterView>>;
  cluster(): Promise<Result<ClusterView>>;
  resize(count: number, by: string): Promise<Result<ClusterView>>;
  flush(): Promise<Result<ClusterView>>;
  drain(timeoutMs: number): Promise<Result<DrainView>>;
  sync(namespace: string): Promise<Result<{ namespaces: string[] }>>;
  dead(limit: number): Promise<Result<DeadLetterView[]>>;
  retryDead(): Promise<Result<{ retried: number }>>;
  monitor<N extends MonitorName>(
    name: N,
    input: MonitorCalls[N]["input"],
  ): Promise<MonitorCalls[N]["output"]>;
  work<N extends WorkName>(name: N, input: Work[N]["input"]): Promise<Result<Work[N]["output"]>>;
  migrations(): Promise<Result<MigrationsView>>;
  /** Applies what is pending, contract migrations too. */
  migrate(withoutBackup: boolean, by: string): Promise<Result<MigrationsView>>;
  allKeys(): Promise<KeyRecord[]>;
  /** @param by who asks, for the audit; an earlier version did not say */
  createKey(input: NewKey, by?: string): Promise<Result<KeyView & { key: string }>>;
  listKeys(): Promise<Result<KeyView[]>>;
  revokeKey(id: string, by?: string): Promise<Result<KeyView>>;
}
