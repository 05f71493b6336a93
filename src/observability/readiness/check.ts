/**
 * Defines a check of readiness: what it is judged from (what every part of the service said of
 * itself), what it finds, and how findings are written; and says what to do about each kind of
 * failure of the database, and of what an instance keeps, in one clause for whoever reads the
 * readiness page at night.
 *
 * @module
 */

import type { RestoreMark } from "../../contract/backups/restore.ts";
import type { BreakerView, InstanceView } from "../../contract/cluster/answers.ts";
import type { Health, JobRunView } from "../../contract/watching/answers.ts";

/** What an instance said of itself. */
export interface AnsweringInstance {
  instance: number;
  view: Omit<InstanceView, "breakers"> & { breakers: { turso: BreakerView } };
  /**
   * Its small write to the database; `failed` is the kind of the failure, null when it took it. null:
   * it made none, for others do.
   */
  probe_write: { latency_ms: number; failed: string | null } | null;
  /** The schema's version that it found; null: it has not seen the database yet. */
  schema_version: number | null;
  schema_problems?: readonly string[];
  schema_waiting?: readonly string[];
  /** When the database last took a batch of it, ms since the epoch. */
  last_flush_at: number | null;
  /** When a damaged part of the database was last met, ms since the epoch. */
  damage_seen_at?: number | null;
  /** Statements that met a damaged page of the instance's own storage. */
  local_damage?: number;
  cache_hits: number;
  cache_misses: number;
}

/** An instance's answer, or why there is none. */
export type InstanceAnswer = AnsweringInstance | { instance: number; error: string };

/** A mode that an operator switched on. */
export interface ModeFact {
  message: string;
  since: string;
  /** When it ends by itself; null, or absent: it does not. */
  until?: string | null;
}

export interface ReadinessFacts {
  /** ms since the epoch. */
  now: number;
  /** How long the asking took, ms. */
  latency_ms: number;
  instances: readonly InstanceAnswer[];
  /** null: the Coordinator did not answer in time. */
  coordinator: {
    maintenance: ModeFact | null;
    degraded: ModeFact | null;
    /** A restore that has the database. */
    restore?: RestoreMark | null;
    jobs: readonly JobRunView[];
    /** Since when jobs are waited for, RFC 3339. */
    jobs_since?: string;
    /** The circuit breaker before R2. */
    r2?: BreakerView;
    /** The deployment whose bucket it is, if it is not this one's. */
    foreign_bucket?: string | null;
  } | null;
  /** The schema's version that this release needs. */
  schema_version: number;
  limits: {
    outbox_max_rows: number;
    outbox_max_bytes: number;
    cache_max_size: number;
    cache_max_bytes: number;
  };
  /** What is wrong with BACKUP_KEY; null: nothing. */
  backup_key_problem?: string | null;
}

/** What a check finds. */
export interface Finding {
  status: Health;
  /** What is found and, when it is not well, what to do. */
  message: string;
  /** How long finding it out took, ms; 0 by default: it was known. */
  latency_ms?: number;
}

/** @param answering the instances that answered */
export type Check = (facts: ReadinessFacts, answering: readonly AnsweringInstance[]) => Finding;

export const healthy = (message: string): Finding => ({ status: "healthy", message });
export const degraded = (message: string): Finding => ({ status: "degraded", message });
export const unhealthy = (message: string): Finding => ({ status: "unhealthy", message });

/** Things of a kind that a message names; how many more there are, it says. */
const NAMED_MAX = 16;

/** The numbers of these instances, for a person. */
export function numbersOf(instances: readonly { instance: number }[]): string {
  return listed(
    instances.map(({ instance }) => String(instance)),
    ", ",
  );
}

/** The first of these texts, and how many more there are. */
export function listed(texts: readonly string[], separator: string): string {
  const named = texts.slice(0, NAMED_MAX).join(separator);
  const more = texts.length - NAMED_MAX;
  return more > 0 ? `${named}${separator}and ${more} more` : named;
}

/** The sum over these instances. */
export function total<T>(instances: readonly T[], of: (instance: T) => number): number {
  return instances.reduce((sum, instance) => sum + of(instance), 0);
}

/** A time span for a person. */
export function spanText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} days`;
}

/** By kind; `late` is a small write that has not been answered yet. */
export const REMEDIES: Readonly<Record<string, string>> = {
  unreachable:
    "it cannot be reached. Check its address (TURSO_DATABASE_URL), the provider's status page and the network",
  timeout:
    "it does not answer in time. Look for slow queries and long transactions; see SlowQueries in the runbook",
  late: "it has not answered yet. Look for slow queries and long transactions; see SlowQueries in the runbook",
  overloaded:
    "it answers with an error or is overloaded. Check the provider's status page; lower rate_limit_per_second",
  busy: "another writer holds its lock. Look for a long transaction or a second service that writes to it",
  disk: "its disk is full, failing or read-only. Make room on it, or move the database to another; nothing else is needed then",
  out_of_memory:
    "it has no memory left. Give its server more, or restart it, and look for what takes so much",
  internal: "it reports a fault of its own. Look into its log and restart it, or ask the provider",
  corrupt:
    "a part of it is damaged. Restore the last backup into a new database and set TURSO_DATABASE_URL to that: RB-003, Disaster Recovery",
  /** Of an instance, not of the database. */
  local_damage:
    "a page of their own storage is damaged. What the database has of it is read from there. Give them an empty storage when nothing of theirs waits: RB-006, Damaged Instance",
  unauthorized: "it does not accept our token. Make a new one and set TURSO_AUTH_TOKEN",
  quota:
    "its quota is used up, it is full, or its writes are blocked. Raise the plan or delete data, then lift the block",
  schema:
    "its tables are not as they should be. Run the migrations, or restore a backup if it was reset",
  rejected:
    "it rejects a statement, whatever the rows. See GET /admin/migrations; roll the release back if it is new",
  foreign:
    "it is marked as another deployment's, so nothing is written to it or read from it. Set TURSO_DATABASE_URL to this deployment's own database, or take this one over: memory-cli deployment show names whose it is, and whether JURISDICTION was changed",
  not_asked: "it is not asked at the moment: the circuit breaker is open or the mode is degraded",
};
