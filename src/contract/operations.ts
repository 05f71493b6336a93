/**
 * The operations of the memory: what the HTTP API asks of an instance, and what it gets. One table,
 * so that routing, scopes, types and metrics agree.
 *
 * @module
 */

import type { SettingName, SettingRule } from "./settings.ts";
import type {
  Checkpoint,
  Context,
  Episode,
  Outcome,
  OutcomeType,
  PatternKind,
  Polarity,
  Reflection,
  Relationship,
  RelationshipType,
  ResultClass,
  Reward,
  Status,
  Step,
  StepInput,
  TaskType,
} from "./model.ts";
import type { PatternContent } from "./patterns.ts";

/** metrics: nothing but reading the metrics. */
export type Scope = "read" | "write" | "admin" | "metrics";

/** Stable codes of expected failures; `api/problem.ts` maps each to its HTTP status. */
export type ErrorCode =
  | "validation_failed"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "episode_ended"
  | "cycle"
  | "limit_exceeded"
  | "precondition_failed"
  | "idempotency_conflict"
  | "idempotency_in_flight"
  | "database_unavailable"
  /** Not within the time that the caller gave; nothing says that anything is unwell. */
  | "deadline_exceeded"
  | "not_ready"
  | "maintenance"
  | "outbox_full"
  | "rate_limited"
  | "overloaded";

export interface Failure {
  code: ErrorCode;
  /** A sentence that a person can act on; no secret, no SQL, no stack. */
  detail: string;
  /** The field at fault, dotted ("steps.3.tool"). */
  path?: string;
  retry_after_s?: number;
}

/**
 * queued: durable in the instance, not yet in the database. stored: in the database. none: nothing
 * was written.
 */
export type Durability = "queued" | "stored" | "none";

export type Result<T> =
  | {
      ok: true;
      value: T;
      /** The namespace that the call worked in. */
      namespace: string;
      durability: Durability;
      /** The answer of an earlier request with the same idempotency key. */
      replayed: boolean;
    }
  | { ok: false; error: Failure };

/**
 * Where what was read came from; stale: from the instance, though the database should have been
 * asked.
 */
export type CacheMark = "hit" | "miss" | "stale";

/** A key's share of requests. */
export interface RateView {
  /** Requests at once. */
  burst: number;
  per_second: number;
  remaining: number;
  /** Until one more is free, s, rounded up; 0 when one is. */
  reset_s: number;
}

/** How many instances there are, as the answering one knows it. */
export interface TopologyView {
  version: number;
  count: number;
}

/** A result, and what is said beside it. */
export interface Reply<T> {
  result: Result<T>;
  cache: CacheMark | null;
  rate: RateView | null;
  topology: TopologyView;
  /** The level of log events that operators want. */
  log_level?: string;
}

/** What comes with every call: who, where, and how to treat a repetition. */
export interface Call {
  /** SHA-256 of the bearer key in hex; null: none given. */
  key_hash: string | null;
  /** The caller showed ADMIN_TOKEN. */
  root: boolean;
  /** The `X-Memory-Namespace` header; null: the key's default. */
  namespace: string | null;
  request_id: string;
  traceparent: string | null;
  /** The `Idempotency-Key` of a POST, and SHA-256 of its method, path and body. */
  idempotency: { key: string; fingerprint: string } | null;
  /** `Prefer: wait=stored`. */
  wait_stored: boolean;
  /**
   * How long the caller waits for an answer, ms (`Request-Timeout`); null: as long as the service
   * does.
   */
  timeout_ms: number | null;
  /** Another instance let it in already. */
  forwarded: boolean;
}

/** An input that names no episode and needs no parameters. */
type None = Record<string, never>;

export interface EpisodeFilter {
  status?: Status;
  outcome?: OutcomeType;
  domain?: string;
  language?: string;
  framework?: string;
  tag?: string;
  task_type?: TaskType;
  started_after?: string;
  started_before?: string;
  /** A substring of the task, ASCII case ignored. */
  text?: string;
}

export interface EpisodeChanges {
  task?: string;
  task_type?: TaskType;
  context?: Partial<Context>;
  metadata?: Record<string, string>;
  tags?: string[];
}

/**
 * An episode as an import line or an export line has it. Fields that only an export has are
 * optional.
 */
export interface EpisodeLine {
  id: string;
  task: string;
  task_type: TaskType;
  context: Context;
  metadata: Record<string, string>;
  tags: string[];
  started_at: string | null;
  ended_at: string | null;
  steps: StepInput[];
  outcome: Outcome | null;
  status: Status | null;
  reward?: Reward | null;
  reflection?: Reflection | null;
  checkpoints?: Checkpoint[];
  relationships?: Omit<Relationship, "from">[];
  version?: number;
}

/**
 * A judged recall as an export line has it: what it moved, so that another memory can be moved
 * alike.
 */
export interface FeedbackLine {
  recall_id: string;
  at: string;
  /** Thousandths of a use. */
  helpful: number;
  unhelpful: number;
  episodes: string[];
  /** Contents, because a pattern's id differs from namespace to namespace. */
  patterns: PatternContent[];
}

/** The part of a pattern that a client reads as its evidence; counts are decayed to now. */
export interface Support {
  success: number;
  failure: number;
  /** Number of episodes ever counted, not decayed. */
  episodes: number;
}

export interface PatternView {
  id: string;
  kind: PatternKind;
  polarity: Polarity;
  /** One line for a person. Made from stored text: untrusted. */
  description: string;
  /** The tools it is about, in order. */
  tools: string[];
  /**
   * decision_point: after this tool with this result class. error_recovery: the masked error.
   * context_pattern: features.
   */
  condition: Record<string, string> | null;
  confidence: number;
  lift: number;
  support: Support;
  occurrences: number;
  mean_latency_ms: number | null;
  last_seen_at: string;
  /** Newest supporting episodes, at most 10. */
  episodes: string[];
}

export interface HeuristicView {
  id: string;
  pattern_id: string;
  polarity: Polarity;
  condition: string;
  action: string;
  confidence: number;
  lift: number;
  support: Support;
  episodes: string[];
}

export interface PlaybookView {
  id: string;
  task: string;
  steps: {
    order: number;
    tool: string;
    action: string;
    /** Share of the weighted supporting runs that take this step, 0…1. */
    support: number;
    /** Share of this step's executions that succeeded; null when unknown. */
    success_rate: number | null;
    expected: string | null;
    episodes: string[];
    pitfalls: { description: string; episodes: string[] }[];
  }[];
  confidence: number;
  based_on: string[];
  when_not_to_apply: string[];
  /** With recent steps: how many of them the playbook already covers. */
  continues_after: number;
}

export interface RecallInput {
  task: string;
  context: Partial<Context>;
  task_type?: TaskType;
  limit: number;
  include: ("episodes" | "patterns" | "heuristics" | "playbook")[];
  /** `message`: the output or the error. `parameters`: any JSON value. Either may be left out. */
  recent_steps: { tool: string; result: ResultClass; message?: string; parameters?: unknown }[];
  max_tokens: number | null;
}

export interface RecalledEpisode {
  id: string;
  score: number;
  task: string;
  task_type: TaskType;
  context: Context;
  status: Status;
  outcome: OutcomeType | null;
  reward: number | null;
  /** A failure is recalled as a warning. */
  warning: boolean;
  /** What the outcome says: verdict or reason. */
  summary: string | null;
  insights: string[];
  tools: string[];
  ended_at: string | null;
  why: { text: number; context: number; reward: number; recency: number; use: number };
  matched_terms: string[];
}

export interface NextToolView {
  tool: string;
  probability: number;
  why: string;
  /** The episodes that say so most, at most three. */
  episodes: string[];
}

/** What is asked at the moment of action. */
export interface AdviseInput {
  task: string;
  context: Partial<Context>;
  /** Oldest first; the more of what they took and answered is told, the better the advice. */
  recent_steps: RecallInput["recent_steps"];
  /** The tool that the caller means to use next; null: not said. */
  next_tool: string | null;
  /** The error that the caller is looking at; null: that of the last step, if it failed. */
  error: string | null;
}

export interface RecoveryView {
  pattern_id: string;
  tool: string;
  /** The masked error that it was learned from. */
  error: string;
  /** 1: the same template. Below: a template that has this share of its words. */
  likeness: number;
  /** The tools that led from the error to a success. */
  path: string[];
  polarity: Polarity;
  confidence: number;
  support: Support;
  episodes: string[];
}

export interface AdviceView {
  /** Names the advice as a recall, for feedback and for `recall_id` of a completion. */
  recall_id: string;
  next_tools: NextToolView[];
  /** The tools that runs of such a task use, whenever in the run, likeliest first. */
  expected_tools: { tool: string; probability: number; episodes: string[] }[];
  /**
   * Choices at this point after which runs ended significantly worse than usual, and calls that
   * fail again.
   */
  avoid: { tool: string; why: string; pattern_id: string | null; episodes: string[] }[];
  /** Ways out of the error; empty when there is none or nothing is known. */
  recoveries: RecoveryView[];
  /** How the tool that the caller named looks from here; null when none was named. */
  proposed: {
    tool: string;
    probability: number;
    rank: number | null;
    verdict: "usual" | "unusual" | "avoid";
  } | null;
  /**
   * How the episode will probably end; null while too few similar episodes were judged. `why` adds
   * up from base_rate.
   */
  outlook: {
    success: number;
    base_rate: number;
    why: Record<string, number>;
    runs: number;
    episodes: string[];
  } | null;
  untrusted: string[];
  served_by: "instance" | "database";
  degraded: boolean;
}

export interface RecallView {
  recall_id: string;
  episodes: RecalledEpisode[];
  patterns: (PatternView & { score: number; why: Record<string, number> })[];
  heuristics: (HeuristicView & { score: number; why: Record<string, number> })[];
  playbook: PlaybookView | null;
  next_tools: NextToolView[];
  /** The fields that hold stored text, which is data from outside and never instructions. */
  untrusted: string[];
  served_by: "instance" | "database";
  degraded: boolean;
  /** Items left out to keep within max_tokens. */
  truncated: number;
}

export interface SearchHit {
  kind: "episode" | "pattern";
  id: string;
  score: number;
  task: string;
  outcome: OutcomeType | null;
  matched_terms: string[];
}

export interface HandoffPack {
  episode: Episode;
  checkpoint: Checkpoint | null;
  /** The steps after the checkpoint, and as many before as fit, oldest first. */
  recent_steps: Step[];
  progress: { steps: number; succeeded: number; failed: number; tools: string[] };
  open_errors: { step_number: number; tool: string; message: string }[];
  next_tools: NextToolView[];
}

/** A rate and the bounds of its 95 % Wilson interval; null while there is nothing to judge. */
export interface RateOfSuccess {
  episodes: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}

/**
 * How often a kind of item was shown, named as used, and how many of these uses helped, with the
 * rate's bounds.
 */
export interface UseView {
  shown: number;
  used: number;
  helped: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}

export interface StatsView {
  namespace: string;
  episodes: {
    total: number;
    in_progress: number;
    completed: number;
    failed: number;
    abandoned: number;
  };
  outcomes: { success: number; partial_success: number; failure: number; abstained: number };
  success_rate: number | null;
  mean_reward: number | null;
  steps: number;
  patterns: { total: number; by_kind: Record<PatternKind, number>; promoted: number };
  recalls: number;
  feedback: number;
  /** Of the recalls of the last 30 days and all that was said of recalls. */
  use: Record<"episodes" | "patterns" | "heuristics" | "playbooks", UseView>;
  /**
   * How the episodes ended that named a recall they had used, beside those that did not. Not proof
   * of a cause.
   */
  recall_effect: { with_recall: RateOfSuccess; without_recall: RateOfSuccess };
  domains: { domain: string; episodes: number; success_rate: number | null }[];
  degraded: boolean;
}

/** What only the namespace's home can count. */
export type Learned = "patterns" | "recalls" | "feedback" | "use" | "recall_effect";

export interface CompletionView {
  id: string;
  status: Status;
  reward: Reward | null;
  reflection: Reflection | null;
  patterns: { id: string; kind: PatternKind; is_new: boolean }[];
  learning: "done" | "queued";
  /** What of a large episode was left out of learning; null: nothing. */
  omitted: { steps: number; contributions: number } | null;
  version: number;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  degraded: boolean;
}

/** name → input and output of each operation. An input with `id` is about that episode. */
export interface Operations {
  "episode.start": {
    input: {
      id: string;
      task: string;
      task_type: TaskType;
      context: Context;
      metadata: Record<string, string>;
      tags: string[];
    };
    output: Episode;
  };
  /**
   * The whole episode, an `EpisodeWithSteps`, as JSON: nobody on its way to the client needs to
   * look into it.
   */
  "episode.get": { input: { id: string }; output: { version: number; json: string } };
  "episode.patch": {
    input: { id: string; if_match: number | null; changes: EpisodeChanges };
    output: Episode;
  };
  "episode.delete": {
    input: { id: string; if_match: number | null };
    output: { id: string; deleted: true };
  };
  "episode.steps": {
    input: { id: string; steps: StepInput[] };
    output: {
      episode_id: string;
      accepted: number;
      duplicates: number;
      last_number: number;
      version: number;
    };
  };
  "episode.complete": {
    input: { id: string; outcome: Outcome; recall_id: string | null };
    output: CompletionView;
  };
  "episode.fail": {
    input: { id: string; reason: string; details: string | null };
    output: CompletionView;
  };
  "episode.checkpoint": {
    input: { id: string; reason: string; note: string | null; state: unknown };
    output: Checkpoint;
  };
  "episode.handoff": { input: { id: string; checkpoint_id: string | null }; output: HandoffPack };
  "episode.tags.get": { input: { id: string }; output: { tags: string[] } };
  "episode.tags.add": { input: { id: string; tags: string[] }; output: { tags: string[] } };
  "episode.tags.remove": { input: { id: string; tag: string }; output: { tags: string[] } };
  /** created: new. duplicate: the same content was there. */
  "episode.import": {
    input: { id: string; episode: EpisodeLine };
    output: { id: string; status: "created" | "duplicate" };
  };
  "relationships.add": {
    input: { episode_id: string; to: string; type: RelationshipType; reason: string | null };
    output: Relationship;
  };
  "relationships.list": {
    input: { episode_id: string };
    output: { relationships: Relationship[] };
  };
  "relationships.remove": {
    input: { episode_id: string; to: string; type: RelationshipType };
    output: { deleted: true };
  };
  "episodes.list": {
    input: { filter: EpisodeFilter; limit: number; cursor: string | null };
    output: Page<Episode>;
  };
  /** A page of whole episodes for the export, in the order of `episodes.list`. */
  "episodes.export": { input: { cursor: string | null }; output: Page<EpisodeLine> };
  recall: { input: RecallInput; output: RecallView };
  advise: { input: AdviseInput; output: AdviceView };
  search: { input: { q: string; limit: number; cursor: string | null }; output: Page<SearchHit> };
  "patterns.list": {
    input: {
      kind?: PatternKind;
      polarity?: Polarity;
      tool?: string;
      min_support: number;
      limit: number;
      cursor: string | null;
    };
    output: Page<PatternView>;
  };
  "patterns.get": { input: { pattern_id: string }; output: PatternView };
  "heuristics.list": {
    input: { limit: number; cursor: string | null };
    output: Page<HeuristicView>;
  };
  playbook: {
    input: { task: string; context: Partial<Context>; recent_steps: RecallInput["recent_steps"] };
    output: { playbook: PlaybookView | null };
  };
  feedback: {
    input: { recall_id: string; used: string[]; helpful: boolean; rating: number | null };
    output: { recall_id: string; counted: number; unknown: string[] };
  };
  /** A page of what was said of recalls, for the export. */
  "feedback.export": { input: { cursor: string | null }; output: Page<FeedbackLine> };
  "feedback.import": {
    input: FeedbackLine;
    output: { id: string; status: "created" | "duplicate" };
  };
  stats: { input: None; output: StatsView };
  "namespace.erase": { input: { name: string }; output: { name: string; erased_at: string } };
  /** Does nothing but authenticate and authorise: asked before a validation error is shown. */
  authorize: { input: { scope: Scope }; output: None };
}

export type OperationName = keyof Operations;
export type Input<N extends OperationName> = Operations[N]["input"];
export type Output<N extends OperationName> = Operations[N]["output"];

/**
 * How an operation finds its instance and what it needs. episode: the instance that the episode's
 * id hashes to; namespace: the one that the namespace hashes to.
 */
export interface OperationRule {
  home: "episode" | "namespace";
  scope: Scope;
}

export const OPERATION_RULES: { readonly [N in OperationName]: OperationRule } = {
  "episode.start": { home: "episode", scope: "write" },
  "episode.get": { home: "episode", scope: "read" },
  "episode.patch": { home: "episode", scope: "write" },
  "episode.delete": { home: "episode", scope: "write" },
  "episode.steps": { home: "episode", scope: "write" },
  "episode.complete": { home: "episode", scope: "write" },
  "episode.fail": { home: "episode", scope: "write" },
  "episode.checkpoint": { home: "episode", scope: "write" },
  "episode.handoff": { home: "episode", scope: "read" },
  "episode.tags.get": { home: "episode", scope: "read" },
  "episode.tags.add": { home: "episode", scope: "write" },
  "episode.tags.remove": { home: "episode", scope: "write" },
  "episode.import": { home: "episode", scope: "write" },
  "relationships.add": { home: "namespace", scope: "write" },
  "relationships.list": { home: "namespace", scope: "read" },
  "relationships.remove": { home: "namespace", scope: "write" },
  "episodes.list": { home: "namespace", scope: "read" },
  "episodes.export": { home: "namespace", scope: "read" },
  recall: { home: "namespace", scope: "read" },
  advise: { home: "namespace", scope: "read" },
  search: { home: "namespace", scope: "read" },
  "patterns.list": { home: "namespace", scope: "read" },
  "patterns.get": { home: "namespace", scope: "read" },
  "heuristics.list": { home: "namespace", scope: "read" },
  playbook: { home: "namespace", scope: "read" },
  feedback: { home: "namespace", scope: "write" },
  "feedback.export": { home: "namespace", scope: "read" },
  "feedback.import": { home: "namespace", scope: "write" },
  stats: { home: "namespace", scope: "read" },
  "namespace.erase": { home: "namespace", scope: "admin" },
  authorize: { home: "namespace", scope: "read" },
};

/** A key as `POST /admin/keys` answers; the secret is shown once. */
export interface KeyView {
  id: string;
  name: string;
  scopes: Scope[];
  /** Names, or "*" for all. */
  namespaces: string[];
  default_namespace: string;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface AuditEntry {
  at: string;
  by: string;
  what: string;
  from: unknown;
  to: unknown;
}

export interface ConfigView {
  version: number;
  settings: Record<
    SettingName,
    {
      value: number | boolean | string;
      source: "override" | "deployment" | "default";
    } & SettingRule
  >;
  /** Newest first. */
  audit: AuditEntry[];
}

export interface ModeView {
  message: string;
  since: string;
  by: string;
}

export interface BreakerView {
  state: "closed" | "open" | "half_open" | "forced_open" | "disabled";
  /** Of a forced state. */
  until: string | null;
  reason: string | null;
  calls: number;
  failed: number;
  slow: number;
}

/** What an instance says of itself. */
/** What an instance does in its alarm, and how that goes. */
export interface BackgroundView {
  /** Things that namespaces' homes must still be told; dead: given up, for an operator to retry. */
  tasks: { pending: number; dead: number; last_error: string | null };
  /**
   * Namespaces that are being loaded from the database, since when the longest is, and why one
   * fails.
   */
  loading: { namespaces: number; since: string | null; last_error: string | null };
  /** Episodes and namespaces that cannot be handed over to their new homes. */
  handover: { failing: number; last_error: string | null };
  /** Parts of the alarm that failed several times in a row. */
  failing: { part: string; failures: number; since: string; error: string }[];
}

export interface InstanceView {
  instance: number;
  control_version: number;
  topology_version: number;
  active_episodes: number;
  oldest_active_at: string | null;
  cached_episodes: number;
  cached_bytes: number;
  outbox: {
    rows: number;
    bytes: number;
    dead: number;
    oldest_at: string | null;
    last_error: string | null;
  };
  breakers: { turso: BreakerView; r2: BreakerView };
  connections: { in_use: number; waiting: number; limit: number };
  in_flight: number;
  storage_bytes: number;
  /** Units of an earlier topology that still live here. */
  moving: boolean;
  /** Absent from instances of an earlier version. */
  background?: BackgroundView | undefined;
}

export interface ClusterView {
  topology: { version: number; count: number; previous: number | null };
  maintenance: ModeView | null;
  degraded: ModeView | null;
  fleet_down_until: { turso: string | null; r2: string | null };
  /** An instance that does not answer says why instead. */
  instances: (InstanceView | { instance: number; error: string })[];
}

export interface DeadLetterView {
  instance: number;
  table: string;
  key: (string | number)[];
  reason: string;
  detail: string;
  parked_at: string;
  tries: number;
}

/** A migration of the database, as it stands there. */
export interface MigrationView {
  version: number;
  name: string;
  /**
   * expand: applied on the first connection. contract: applied by an operator. null: of a later
   * release.
   */
  kind: "expand" | "contract" | null;
  /** started: some of its statements were applied. */
  state: "applied" | "started" | "pending";
  /** SHA-256 of its text here, hex; null: of a later release. */
  checksum: string | null;
  /**
   * SHA-256 of its text when it was applied, hex; null: not applied, or before checksums were kept.
   */
  applied_checksum: string | null;
  applied_at: string | null;
  /** The statements that are not applied yet, in order. */
  sql: string[];
}

export interface MigrationsView {
  /** The highest version that the database has. */
  schema_version: number;
  /** The version that this release needs. */
  needed_version: number;
  /** What is wrong, a sentence each. */
  problems: string[];
  /** Who executes migrations at the moment. */
  lease: { holder: string; until: string } | null;
  migrations: MigrationView[];
  /**
   * True: the pending ones were applied by this request, and these are they. False: nothing was
   * changed.
   */
  executed: boolean;
  applied: number[];
  /** The backup that was taken first; null: none. */
  backup: string | null;
}

export interface DrainView {
  drained: boolean;
  waited_ms: number;
  active_episodes: number;
  unsent_rows: number;
  /** What is left is durable in its instance and is sent when the database takes it. */
  message: string;
  instances: ClusterView["instances"];
}
