/**
 * What instances and the Coordinator say to each other. Plain data only: it crosses the wire.
 *
 * @module
 */

import type { Baseline } from "../memory/learning/index.ts";
import type { Digest } from "../memory/learning/types.ts";
import type { Episode, EpisodeWithSteps, Relationship } from "../memory/model.ts";
import type {
  Call,
  CompletionView,
  ConfigView,
  DeadLetterView,
  DrainView,
  EpisodeFilter,
  FleetView,
  Input,
  InstanceView,
  KeyView,
  NextToolView,
  OperationName,
  Output,
  Reply,
  Result,
  Scope,
} from "../memory/operations.ts";
import type { BreakerState } from "../resilience/index.ts";
import type { BackendName, BreakerOrder, Control, Topology } from "./control.ts";
import type { Parcel, Unit } from "./handover.ts";
import type { TokenAnswer } from "./limiter.ts";

/** Which of how many instances is meant, as the caller knows it: an instance learns its own index from its calls. */
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
  /** Ids of the namespace whose rows the database does not hold as they are; what it says of them does not count. */
  stale: string[];
  /** Those of them, or of all that the instance holds, that match; in list order, after the position. */
  episodes: Episode[];
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

interface LearnAnswer {
  patterns: CompletionView["patterns"];
  learning: CompletionView["learning"];
}

/** What one instance asks of another, by name: input and output. Never reachable from outside. */
export interface Internals {
  ping: { input: null; output: { schema_version: number } };
  keys: { input: { keys: KeyRecord[]; complete: boolean }; output: null };
  baseline: { input: { namespace: string; domain: string }; output: Baseline };
  learn: { input: { digest: Digest; recall_id: string | null }; output: LearnAnswer };
  forget: { input: { namespace: string; episode_id: string }; output: null };
  overlay: {
    input: { namespace: string; filter: EpisodeFilter; limit: number; after: ListPosition | null; all: boolean };
    output: Overlay;
  };
  counts: { input: { namespace: string; all: boolean }; output: EpisodeCounts & { stale: string[] } };
  episodes: { input: { namespace: string; ids: string[] }; output: EpisodeWithSteps[] };
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
  /** Forgets what the instance knows of a namespace, so that it is loaded from the database again. */
  sync: { input: { namespace: string }; output: { namespaces: string[] } };
  rate_take: { input: { key: string; wanted: number }; output: TokenAnswer };
  claim: { input: { unit: Unit }; output: null };
  release: { input: { unit: Unit; after: number }; output: Parcel };
  confirm: { input: { unit: Unit }; output: number };
}
export type InternalName = keyof Internals;

/** The RPC surface of a MemoryInstance. */
export interface InstanceRpc {
  execute<N extends OperationName>(place: Place, name: N, input: Input<N>, call: Call): Promise<Reply<Output<N>>>;
  internal<N extends InternalName>(
    place: Place,
    name: N,
    input: Internals[N]["input"],
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

/** The RPC surface of the Coordinator. */
export interface CoordinatorRpc {
  /** Resolves with a token when it is the caller's turn to write to the database. */
  takeTurn(): Promise<number>;
  giveTurnBack(token: number): Promise<void>;
  /** The present control document, for an instance that wakes or that missed a change. */
  control(): Promise<Control>;
  /** Takes an instance's report; answers with the version it should have. */
  report(report: InstanceReport): Promise<number>;
  settled(instance: number, topologyVersion: number): Promise<void>;
  /** The topology that a deployment may use; a newer deployment's INSTANCE_COUNT changes it. */
  topology(envCount: number, deployedAt: string): Promise<Topology>;
  config(): Promise<Result<ConfigView>>;
  configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>>;
  setMode(name: "maintenance" | "degraded", enabled: boolean, message: string, by: string): Promise<Result<FleetView>>;
  order(order: Omit<BreakerOrder, "id">, by: string): Promise<Result<FleetView>>;
  fleet(): Promise<Result<FleetView>>;
  resize(count: number, by: string): Promise<Result<FleetView>>;
  flush(): Promise<Result<FleetView>>;
  drain(timeoutMs: number): Promise<Result<DrainView>>;
  sync(namespace: string): Promise<Result<{ namespaces: string[] }>>;
  dead(limit: number): Promise<Result<DeadLetterView[]>>;
  retryDead(): Promise<Result<{ retried: number }>>;
  allKeys(): Promise<KeyRecord[]>;
  createKey(input: NewKey): Promise<Result<KeyView & { key: string }>>;
  listKeys(): Promise<Result<KeyView[]>>;
  revokeKey(id: string): Promise<Result<KeyView>>;
}
