/**
 * Describes what readiness is judged from: what every part of the service said of itself. Types
 * only.
 *
 * @module
 */

import type { RestoreMark } from "../../contract/backups/restore.ts";
import type { BreakerView, InstanceView } from "../../contract/cluster/answers.ts";
import type { JobRunView } from "../../contract/watching/answers.ts";

/** What an instance said of itself. */
export interface AnsweringInstance {
  instance: number;
  view: Omit<InstanceView, "breakers"> & { breakers: { turso: BreakerView } };
  /** Its small write to the database; `failed` is the kind of the failure, null when it took it. */
  probe_write: { latency_ms: number; failed: string | null };
  /** The schema's version that it found; null: it has not seen the database yet. */
  schema_version: number | null;
  schema_problems?: readonly string[];
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

export interface ReadinessFacts {
  /** ms since the epoch. */
  now: number;
  /** How long the asking took, ms. */
  latency_ms: number;
  instances: readonly InstanceAnswer[];
  /** null: the Coordinator did not answer in time. */
  coordinator: {
    maintenance: { message: string; since: string } | null;
    degraded: { message: string; since: string } | null;
    /** A restore that has the database. */
    restore?: RestoreMark | null;
    jobs: readonly JobRunView[];
    /** The circuit breaker before R2. */
    r2?: BreakerView;
  } | null;
  /** The schema's version that this release needs. */
  schema_version: number;
  limits: {
    outbox_max_rows: number;
    outbox_max_bytes: number;
    cache_max_size: number;
    cache_max_bytes: number;
  };
  jobs: { backups: readonly string[]; periods_ms: Readonly<Record<string, number>> };
}
