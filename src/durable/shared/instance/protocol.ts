/**
 * The one table of an instance's internal operations, which instances, the Coordinator and the
 * Worker ask for: name, input, output, and at which home it is worked on; with what they are
 * answered beside what clients and operators see. Clients' operations are in `contract/`. Plain
 * data only: it crosses the wire. Handlers stand with what they call
 * (`instance/<room>/operations.ts`).
 *
 * @module
 */

import type { DeadDelivery, EventShare } from "../../../contract/events/answers.ts";
import type { Call, Failure, Reply } from "../../../contract/call.ts";
import type { BreakerView, InstanceView } from "../../../contract/cluster/answers.ts";
import type { CompletionView, NextToolView } from "../../../contract/episodes/answers.ts";
import type { Context, EpisodeWithSteps } from "../../../contract/episodes/record.ts";
import type { RecalledLesson } from "../../../contract/lessons/answers.ts";
import type { NextActionView } from "../../../contract/recall/next-actions.ts";
import type { EpisodeFilter } from "../../../contract/filters/requests.ts";
import type { Input, OperationName, Output } from "../../../contract/operations.ts";
import type { NamespaceRedaction } from "../../../contract/redaction.ts";
import type { EpisodeSort, UsageMeasure, UsageSpan } from "../../../contract/vocabulary.ts";
import type { DeadLetterView } from "../../../contract/storage/answers.ts";
import type { Relationship } from "../../../contract/ties/answers.ts";
import type { Control, KeyRecord } from "../control.ts";
import type { Taught } from "../episode-record.ts";
import type { Holdings, HoldingsName } from "./holdings.ts";
import type { QuotaAnswer, QuotaShare } from "./quotas.ts";
import type { EpisodeCounts, ListPosition, Overlay, TagCounts, WeekCounts } from "./lists.ts";
import type { UsageShare } from "./usage.ts";
import type { RowShard, Shard, ShardCursor, ShardSlice } from "./placement.ts";
import type { Delta } from "../metrics-store.ts";
import type { MovingTableName } from "../tables/instance-tables.ts";
import type { SnapshotCursor, SnapshotPage } from "../tables/snapshots.ts";
import type { Baseline } from "../../../memory/learning/index.ts";
import type { Digest, RecallGroup } from "../../../memory/learning/types.ts";
import type { LoggedLine, Sample } from "../../../observability/index.ts";
import type { DatabaseErrorKind, Row } from "../../../storage/index.ts";

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

/** The request on whose behalf something is asked. */
export interface Trace {
  request_id: string;
  traceparent: string | null;
}

/** A line of the table. */
interface InternalOperation<I, O> {
  /** The shard at whose home it is worked on; null: at the very instance that is asked. */
  readonly home: ((input: I) => RowShard) | null;
  /** Carries the types; there is no such property. */
  readonly types?: (input: I) => O;
}

const here = <I, O>(): InternalOperation<I, O> => ({ home: null });
const atHome = <I, O>(home: (input: I) => RowShard): InternalOperation<I, O> => ({ home });
const atNamespace = <I extends { namespace: string }, O>(): InternalOperation<I, O> =>
  atHome(({ namespace }) => ({ kind: "namespace", namespace }));

/** A batch that a writer sent last. */
interface LastBatch {
  writer: string;
  batch: number;
}

/** What a restore did with an instance's unsent rows, and how it goes on there. */
interface RestoreDoneInput {
  /** null: all namespaces, all episodes. */
  namespace: string | null;
  episode: string | null;
  outbox: "replay" | "keep";
  /** Where this slice begins; null: it is the first. */
  after: [string, string] | null;
  /** keep: no copy is dropped, because nobody knows what the database has. By default they are. */
  copies?: "drop" | "keep";
}

/** What one instance is asked, and what all of them can be asked together. */
const SINGLE_OPERATIONS = {
  /** How the instance is, with a small write that is waited for so long, ms; null: without one. */
  health: here<{ wait_ms: number | null }, InstanceHealthView>(),
  view: here<null, OwnInstanceView>(),
  metrics: here<null, Sample[]>(),
  /** Which namespaces and keys used the instance lately; those with the most of `by`. */
  usage: here<{ over: UsageSpan; by: UsageMeasure }, UsageShare>(),
  /** The last lines that it logged since then, ms since the epoch; the newest so many bytes. */
  logs: here<{ since: number; bytes: number }, LoggedLine[]>(),
  /** As `logs`, of the Workers that send their counts here. */
  worker_logs: here<{ since: number; bytes: number }, LoggedLine[]>(),
  /** The platform's name for the present state of its storage; null: the runtime has none. */
  bookmark: here<null, string | null>(),
  /** Adds what a Worker counted, and keeps what it logged. */
  count: here<Delta, null>(),

  /** Takes API keys. isComplete: keys that are not named exist no more. */
  keys: here<{ keys: KeyRecord[]; isComplete: boolean }, null>(),
  /**
   * Answers which deployment the instance takes itself for. id: that of the Coordinator, which it
   * takes over, and looks at the database again; null: it is only asked.
   */
  deployment: here<{ id: string | null }, { id: string | null }>(),
  /** When keys were last used here, ms since the epoch, to the hour; by their ids. */
  keys_used: here<null, { id: string; at: number }[]>(),
  /** Takes the control document; answers with the version that is in force here then. */
  control: here<Control, { version: number }>(),
  /** At the home of an API key's tokens: takes up to so many. */
  rate_take: here<{ key: string; wanted: number }, TokenAnswer>(),

  /** Sends what is unsent, without waiting for its time. */
  flush: here<null, OwnInstanceView>(),
  dead: here<{ limit: number }, DeadLetterView[]>(),
  retry_dead: here<null, { retried: number }>(),
  /** What happened here in a namespace behind an id, in order; at most so many. */
  events: here<{ namespace: string; after: string; limit: number }, EventShare>(),
  /** Events that webhooks were sent in vain, the newest first. */
  webhooks_dead: here<{ limit: number }, DeadDelivery[]>(),
  webhooks_retry: here<null, { retried: number }>(),

  /**
   * Namespaces that something is held of here, behind a name, in their order; names: of these alone.
   */
  namespaces: here<{ after: string; limit: number; names: readonly string[] | null }, string[]>(),
  /** An instance's share of a list. `bytes`: UTF-8 bytes of the episodes, unless it is one. */
  overlay: here<
    {
      namespace: string;
      filter: EpisodeFilter;
      sort: EpisodeSort;
      limit: number;
      after: ListPosition | null;
      /** Of all that it holds, not only of what the database may not have. */
      includesSent: boolean;
      bytes: number;
    },
    Overlay
  >(),
  counts: here<{ namespace: string; includesSent: boolean }, EpisodeCounts & { stale: string[] }>(),
  /** An instance's share of the counts of tags, behind one by its name. */
  tags: here<
    { namespace: string; after: string; limit: number; includesSent: boolean },
    TagCounts & { stale: string[] }
  >(),
  /** An instance's share of what ended since a time, by week. */
  weeks: here<
    { namespace: string; since: number; includesSent: boolean },
    { stale: string[]; rows: WeekCounts[] }
  >(),
  /** Whole episodes; those that do not exist are left out. */
  episodes: here<{ namespace: string; ids: string[] }, EpisodeWithSteps[]>(),
  /** UTF-8 bytes of each with its steps; those that do not exist are left out. */
  episode_sizes: here<{ namespace: string; ids: string[] }, { id: string; bytes: number }[]>(),
  exists: atHome<{ namespace: string; id: string }, boolean>(({ namespace, id }) => ({
    kind: "episode",
    namespace,
    id,
  })),

  /** Renames a tag of an episode, its context's too; answers whether it had it. */
  retag: atHome<{ namespace: string; id: string; from: string; to: string }, boolean>(
    ({ namespace, id }) => ({ kind: "episode", namespace, id }),
  ),

  /** Archives an ended episode, or brings it back; answers whether that made a difference. */
  archive: atHome<{ namespace: string; id: string; archived: boolean }, boolean>(
    ({ namespace, id }) => ({ kind: "episode", namespace, id }),
  ),

  /** Takes in relationships of an import. */
  relate: atNamespace<{ namespace: string; relationships: Relationship[] }, null>(),
  /** What is usual in a domain. */
  baseline: atNamespace<{ namespace: string; domain: string }, Baseline>(),
  /** Learns an ended episode, once however often it comes. */
  learn: atHome<LearnInput, LearnAnswer>(({ digest: { namespace } }) => ({
    kind: "namespace",
    namespace,
  })),
  /** Takes the evidence of a deleted episode back, and its relationships away. */
  forget: atNamespace<{ namespace: string; episode_id: string }, null>(),
  /** Lessons for the task of an episode that is handed over. */
  lessons_for: atNamespace<
    {
      namespace: string;
      id: string;
      task: string;
      context: Context;
      tools: string[];
    },
    RecalledLesson[]
  >(),
  /** What a namespace asks to be done with secrets; null: its settings cannot be read now. */
  redaction: atNamespace<{ namespace: string }, NamespaceRedaction | null>(),
  /** At a namespace's home: takes room for new episodes of these bytes; none: asks whether there is. */
  quota_take: atNamespace<{ namespace: string; sizes: number[] }, QuotaAnswer>(),
  /** Reports to a namespace's home that something of it was deleted. */
  quota_freed: atNamespace<{ namespace: string }, null>(),
  /** What is unsent here of what a namespace holds, and which of these grants are settled. */
  quota_share: here<{ namespace: string; epoch: string; grants: number[] }, QuotaShare>(),
  /** What comes next in an episode that is handed over. */
  next: atNamespace<
    { namespace: string; episode: EpisodeWithSteps },
    { tools: NextToolView[]; actions: NextActionView[] }
  >(),
  /**
   * At the instance that was a namespace's home: its digests, those learned last first, before a
   * number; null: from the end. standings: of the patterns that these digests show, whether they
   * are heuristics, as of so many episodes; code is that of a pattern. isDone: the new home has
   * them all, and they go.
   */
  digests: here<
    { namespace: string; before: number | null; isDone: boolean },
    {
      digests: Digest[];
      standings: { code: number; episodes: number; promoted: boolean }[];
      next: number | null;
      total: number;
      isComplete: boolean;
    }
  >(),
  /** Forgets what was learned of a namespace ("*": of all), so that it is loaded again. */
  sync: here<{ namespace: string }, { namespaces: string[] }>(),

  /** Drops what is held of the namespace, and refuses writes to it until `erase_end`. */
  erase_begin: here<{ namespace: string }, LastBatch>(),
  erase_end: here<{ namespace: string }, null>(),

  /** At the new home of a shard: sees to it that it is there. */
  shard_ensure: here<{ shard: Shard }, null>(),
  /** At the old home: a slice of the shard; null: the first. */
  shard_read: here<{ shard: Shard; after: ShardCursor | null }, ShardSlice>(),
  /** At the old home: drops the shard. Answers with the last batch that may still carry it. */
  shard_drop: here<{ shard: Shard }, number>(),

  /** Takes the control document, by which nothing is sent, and waits for a batch in flight. */
  restore_hold: here<Control, LastBatch>(),
  /**
   * The database is restored in this scope: copies are dropped, unsent rows sent again or set
   * aside, slice by slice.
   */
  restore_done: here<
    RestoreDoneInput,
    { replayed: number; kept: number; next: [string, string] | null }
  >(),
  /** A page of what is held here. */
  restore_holdings: here<
    { what: HoldingsName; input: Holdings[HoldingsName]["input"] },
    Holdings[HoldingsName]["output"]
  >(),
  /** Takes rows of a snapshot that only instances have, where nothing is in their place. */
  restore_local: here<{ table: MovingTableName; rows: Row[] }, number>(),
  snapshot: here<{ cursor: SnapshotCursor | null }, SnapshotPage>(),
} as const;

export const INTERNAL_OPERATIONS = {
  ...SINGLE_OPERATIONS,
  /** At the first instance of a range: asks the whole range, itself included (`gather.ts`). */
  gather: here<GatherInput, Gathered>(),
} as const;

export type SingleOperationName = keyof typeof SINGLE_OPERATIONS;

/** Instances with consecutive numbers: `first`, and all before `end`. */
export interface InstanceRange {
  first: number;
  end: number;
}

export interface GatherInput<N extends SingleOperationName = SingleOperationName> {
  name: N;
  input: InternalInput<N>;
  range: InstanceRange;
  /** How many instances are asked in all, from 0 on. */
  total: number;
  /** The answer is made by then, with whatever there is, ms. */
  within_ms: number;
}

/** What instances answered, and which did not. */
export interface Gathered<N extends SingleOperationName = SingleOperationName> {
  /** By the instances' numbers. One that was merged stands for several: for the first and others. */
  answers: { instance: number; value: InternalOutput<N> }[];
  silent: SilentInstance[];
}

/** An instance without an answer. */
export interface SilentInstance {
  instance: number;
  /** Why, for a person. */
  error: string;
  /** What it refused with; null: it is out of reach. */
  refusal: Failure | null;
}

type Table = typeof INTERNAL_OPERATIONS;
export type InternalOperationName = keyof Table;
export type InternalInput<N extends InternalOperationName> =
  Table[N] extends InternalOperation<infer I, unknown> ? I : never;
export type InternalOutput<N extends InternalOperationName> =
  Table[N] extends InternalOperation<never, infer O> ? O : never;

/** What became of an internal operation. */
export type InternalResult<T> = { ok: true; value: T } | { ok: false; error: Failure };

/** The RPC surface of a MemoryInstance. */
export interface InstanceRpc {
  /** Does what a client asks. A refusal is a value; throws for a bug and for a lost connection. */
  execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>>;
  /** Does what an instance, the Coordinator or the Worker asks. As `execute`. */
  internal<N extends InternalOperationName>(
    place: Place,
    name: N,
    input: InternalInput<N>,
    trace?: Trace,
  ): Promise<InternalResult<InternalOutput<N>>>;
}

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

/** How an instance is, as it knows it: R2, which it does not use, has its breaker elsewhere. */
export type OwnInstanceView = Omit<InstanceView, "breakers"> & {
  breakers: { turso: BreakerView };
};

/** How an instance is, for readiness. */
export interface InstanceHealthView {
  view: OwnInstanceView;
  /** null: none was asked for. */
  probe_write: ProbeFinding | null;
  /** The database's, as it was last seen; null: never. */
  schema_version: number | null;
  /** What is wrong with the database's migrations, a sentence each. */
  schema_problems: string[];
  /** Migrations that wait for an operator. */
  schema_waiting: string[];
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
export interface LearnInput {
  digest: Digest;
  /** The recall that it had used; null: it named none. */
  recall_id: string | null;
  /** The recall that it named when it began; absent: none. */
  start_recall_id?: string;
  /** What it said when it ended; absent: nothing. */
  taught?: Taught;
}

export interface LearnAnswer {
  patterns: CompletionView["patterns"];
  learning: CompletionView["learning"];
  /** The group of its namespace's hold-out that it was counted in; absent: none. */
  recall_group?: RecallGroup;
  lessons?: CompletionView["lessons"];
}
