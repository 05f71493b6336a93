/**
 * The tables that only instances have: what an instance keeps beside its share of `TABLES`. The
 * columns of this list decide what is done to their rows when a shard is handed over, a namespace
 * is erased, a snapshot is taken or put back. The statements that make a table stand with its
 * owner.
 *
 * @module
 */

export interface InstanceTable {
  /** The file (without `.ts`) or folder of `src/durable` that alone runs SQL of its own on it. */
  owner: string;
  /**
   * What a row belongs to, and goes with: an episode (by its columns `namespace` and `id`), a
   * namespace (`namespace`), an answer that is kept for a repetition (`home`, its home text); null:
   * to the instance itself, or its owner sees to it.
   */
  of: "episode" | "namespace" | "answer" | null;
  /**
   * The columns of rows that a hand-over takes along, and a restore of a snapshot that has them
   * puts back; null: rows stay where they are, and are made anew elsewhere.
   */
  moves: readonly string[] | null;
  /** Its rows alone are enough for a shard to be here, so that a hand-over has to offer it. */
  isOffered: boolean;
  /** A snapshot takes its rows. */
  isInSnapshot: boolean;
}

const STAYS = { of: null, moves: null, isOffered: false, isInSnapshot: false } as const;

export const INSTANCE_TABLES = {
  /**
   * Which rows of `TABLES` the database does not have as they are; by number, as they were first.
   */
  outbox: { ...STAYS, owner: "outbox", isInSnapshot: true },
  /** The number of the last batch. */
  outbox_batches: { ...STAYS, owner: "outbox/batch-writer" },
  /** Writers whose late batches the next batch shuts out. */
  outbox_fences: { ...STAYS, owner: "outbox/batch-writer" },
  /** Rows that the database can never take as they are. */
  dead_letters: { ...STAYS, owner: "outbox", isInSnapshot: true },
  /** Events that webhooks are still to be sent, and those that were sent in vain. */
  webhook_deliveries: { ...STAYS, owner: "webhooks/deliveries", of: "namespace" },
  /** Answers to writes with an Idempotency-Key. */
  idempotency: {
    owner: "instance/requests/kept-answers",
    of: "answer",
    moves: ["scope", "home", "fingerprint", "result", "created_at"],
    isOffered: true,
    isInSnapshot: true,
  },
  /** A pushed copy of the API keys; the Coordinator owns them. */
  keys: { ...STAYS, owner: "instance/requests/api-keys" },
  /** When each key was last used, to the hour. */
  key_uses: { ...STAYS, owner: "instance/requests/api-keys" },
  /** Which episodes are here, with all their steps, and when they were used. */
  cached: { ...STAYS, owner: "instance/episodes/store", of: "episode" },
  /** Traces whose spans are here, and when something is to be done about them. */
  traces: {
    owner: "instance/episodes/traces",
    of: "episode",
    moves: [
      "namespace",
      "id",
      "trace",
      "meant",
      "has_root",
      "spans",
      "bytes",
      "revision",
      "taken_in",
      "tries",
      "open_at",
      "seen_at",
      "due_at",
    ],
    isOffered: true,
    isInSnapshot: true,
  },
  /** Their spans. */
  trace_spans: {
    owner: "instance/episodes/traces",
    of: "episode",
    moves: ["namespace", "id", "span", "body"],
    isOffered: true,
    isInSnapshot: true,
  },
  /** What a namespace's home must still learn, or forget, of an episode. */
  pending_tasks: {
    owner: "instance/episodes/tasks",
    of: "episode",
    moves: ["kind", "namespace", "id", "recall_id"],
    isOffered: true,
    isInSnapshot: true,
  },
  /** Which tasks failed, of episodes and of namespaces. */
  task_failures: { ...STAYS, owner: "instance/episodes/tasks" },
  /** Namespaces whose relationships are all here. */
  relationships_loaded: {
    ...STAYS,
    owner: "instance/episodes/relationships",
    of: "namespace",
    isOffered: true,
  },
  /** Namespaces that are being erased. */
  erasing: { ...STAYS, owner: "instance/episodes/eraser" },
  /** What was recalled for which task. */
  recalls: {
    owner: "instance/knowledge/questions",
    of: "namespace",
    moves: ["namespace", "id", "created_at", "body"],
    isOffered: true,
    isInSnapshot: true,
  },
  /** Namespaces whose lessons, and what people decided of them, are all here. */
  curated_loaded: {
    ...STAYS,
    owner: "instance/knowledge/curated",
    of: "namespace",
    isOffered: true,
  },
  /** In which group of a hold-out the episodes are that asked. */
  recall_groups: {
    owner: "instance/knowledge/holdout",
    of: "namespace",
    moves: ["namespace", "episode_id", "percent", "held_out", "created_at"],
    isOffered: true,
    isInSnapshot: true,
  },
  /** Namespaces whose settings are here. */
  namespace_settings_loaded: {
    ...STAYS,
    owner: "instance/knowledge/namespace-settings",
    of: "namespace",
    isOffered: true,
  },
  /** Namespaces that something was learned of here, so that they are offered. */
  learned_homes: {
    ...STAYS,
    owner: "instance/knowledge/learned",
    of: "namespace",
    isOffered: true,
  },
  /**
   * What was learned: it stays until the new home of a namespace has taken its digests, and is made
   * anew from episodes where it is lost.
   */
  learned_namespaces: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_digests: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_patterns: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_domains: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_log: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_segments: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_leaves: { ...STAYS, owner: "instance/knowledge/learned" },
  learned_forgotten: {
    ...STAYS,
    owner: "instance/knowledge/learned",
    of: "namespace",
    moves: ["namespace", "episode"],
  },
  /** Whether patterns were heuristics where a namespace was learned before. */
  learned_standings: { ...STAYS, owner: "instance/knowledge/learned", of: "namespace" },
  /** Patterns that the database is to be shown. */
  learned_unpublished: { ...STAYS, owner: "instance/knowledge/learned" },
  /** Sums of the feedback on each episode. */
  knowledge_usage: { ...STAYS, owner: "instance/knowledge/rows/usage", of: "namespace" },
  /** Which model a namespace's vectors are of. */
  vector_models: { ...STAYS, owner: "instance/knowledge/vectors/vectors", of: "namespace" },
  /** Episodes that need a vector. */
  vector_queue: { ...STAYS, owner: "instance/knowledge/vectors/vectors", of: "namespace" },
  /** Shards that were taken over in the running change of the number of instances. */
  claims: { ...STAYS, owner: "instance/placement/rebalance", isInSnapshot: true },
  /** The instance's number, its copy of the control document, the breakers' state. */
  meta: { ...STAYS, owner: "instance/meta", isInSnapshot: true },
  /** Counters, a row a series, and the latest of some in one row. */
  metrics: { ...STAYS, owner: "shared/metrics-store" },
  metrics_recent: { ...STAYS, owner: "shared/metrics-store" },
  /** How much each namespace and each key used this instance lately. */
  usage_counts: { ...STAYS, owner: "instance/status/usage-counts" },
  /** The last delta of each Worker isolate. */
  metric_senders: { ...STAYS, owner: "shared/metrics-store" },
} as const satisfies Record<string, InstanceTable>;

export type InstanceTableName = keyof typeof INSTANCE_TABLES;

/** Tables whose rows move: with a hand-over, and out of a snapshot. */
export type MovingTableName = {
  [N in InstanceTableName]: (typeof INSTANCE_TABLES)[N]["moves"] extends readonly string[]
    ? N
    : never;
}[InstanceTableName];

const NAMES = Object.keys(INSTANCE_TABLES) as InstanceTableName[];

/** The tables of which a condition is true, in the order of the list. */
export function instanceTables(condition: (table: InstanceTable) => boolean): InstanceTableName[] {
  return NAMES.filter((name) => condition(INSTANCE_TABLES[name]));
}
