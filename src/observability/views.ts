/**
 * What operators are shown: readiness, jobs, incidents, samples of the metrics over time. Plain
 * data: it crosses the wire.
 *
 * @module
 */

import type { INCIDENT_KINDS } from "./metrics/labels.ts";

export type Health = "healthy" | "degraded" | "unhealthy";

export interface CheckView {
  name: string;
  status: Health;
  /** How long finding it out took; 0 when it was known. */
  latency_ms: number;
  /** What is found and, when it is not well, what to do. */
  message: string;
}

export interface ReadinessView {
  status: Health;
  checks: CheckView[];
}

/** The last run of a job, and the last one that succeeded. */
export interface JobRunView {
  job: string;
  /** The time that the run was for; RFC 3339 like the others. */
  scheduled_at: string;
  started_at: string;
  /** null: it runs. */
  ended_at: string | null;
  result: "success" | "failure" | null;
  detail: string;
  last_success_at: string | null;
}

export type IncidentKind = (typeof INCIDENT_KINDS)[number];
export type Severity = "info" | "warning" | "critical";

export interface Incident {
  seq: number;
  at: string;
  kind: IncidentKind;
  severity: Severity;
  /** One line. */
  title: string;
  detail: Record<string, unknown>;
}

/** Totals of counters and present values of gauges over all instances at one moment. */
export interface MetricSample {
  at: string;
  totals: Partial<Record<SampleName, number>>;
  /** Observations by bucket since the beginning, not cumulative over buckets. */
  histograms: Partial<Record<"http" | "storage" | "recall", number[]>>;
  /** Instances that did not answer: the totals lack theirs. */
  silent: number;
}

/** What a sample keeps of the metrics. */
export const SAMPLE_NAMES = [
  "episodes_created",
  "episodes_completed",
  "steps",
  "patterns",
  "recalls",
  "cache_hits",
  "cache_misses",
  "requests",
  "server_errors",
  "storage_operations",
  "storage_errors",
  "active_episodes",
  "outbox_rows",
  "outbox_oldest_seconds",
  "outbox_dead",
  "breakers_open",
  "instance_bytes",
  "instance_bytes_max",
  "database_bytes",
  "pattern_row_bytes",
  "r2_bytes",
] as const;
export type SampleName = (typeof SAMPLE_NAMES)[number];
