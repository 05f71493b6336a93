/**
 * Declares every metric of the service: its name, type, help, labels with their bounds, and what
 * is kept of it over time. The exposition, docs/metrics.md, the dashboards and the checks of the
 * alerts are made from this list. A namespace, a key, an id or a text is never a label.
 *
 * Names follow Prometheus' conventions (prometheus.io/docs/practices/naming): base units,
 * `_total` for counters.
 *
 * @module
 */

import {
  ALARM_PARTS,
  BACKENDS,
  BREAKER_STATES,
  ERROR_KINDS,
  JOB_KINDS,
  METHODS,
  OAUTH_EVENTS,
  OPERATIONS,
  OUTCOMES,
  TASKS,
} from "./labels.ts";
import { counter, gauge, histogram, type MetricRule } from "./rule.ts";
import { RUN_NAMES } from "../jobs.ts";
import { INCIDENT_KINDS } from "../../contract/vocabulary.ts";
import { QUOTAS } from "../../contract/namespaces/quotas.ts";
import { PATTERN_KINDS } from "../../contract/patterns.ts";
import { REDACTION_KINDS } from "../../contract/redaction.ts";

/** Chosen so that the thresholds of the alerts are edges. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const EPISODE_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400] as const;
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000] as const;

const instance = { instance: "instance" } as const;

export const METRICS = {
  memory_episode_created_total: counter("Episodes started or imported.", instance, {
    sampled: { sum: "episodes_created" },
  }),
  memory_episode_completed_total: counter(
    "Episodes that ended, by outcome; abandoned ones were closed after the idle timeout.",
    { ...instance, outcome: OUTCOMES },
    { sampled: { sum: "episodes_completed" } },
  ),
  memory_episode_duration_seconds: histogram(
    "From start to end of the episodes that ran here.",
    instance,
    EPISODE_SECONDS,
  ),
  memory_active_episodes: gauge("Episodes in progress.", instance, {
    sampled: { sum: "active_episodes" },
  }),
  memory_oldest_active_episode_seconds: gauge(
    "Age of the oldest episode in progress; 0 when there is none.",
    instance,
  ),
  memory_step_logged_total: counter("Steps taken in, repetitions not counted.", instance, {
    sampled: { sum: "steps" },
  }),
  memory_pattern_extracted_total: counter("Patterns seen for the first time in their namespace.", {
    ...instance,
    kind: PATTERN_KINDS,
  }),
  memory_total_patterns: gauge("Patterns known; counted at most once a minute.", instance, {
    sampled: { sum: "patterns" },
  }),
  memory_digest_cut_total: counter(
    "What was left out of the digests of large episodes, and so of learning: steps, and contributions to patterns.",
    { ...instance, what: ["steps", "contributions"] },
  ),
  memory_traces_held: gauge(
    "Traces whose spans are here, those included whose episodes have all of them.",
    instance,
  ),
  memory_traces_held_bytes: gauge("Bytes of their spans.", instance),
  memory_trace_requests_refused_total: counter(
    "Spans of a trace that were refused for a moment, for want of room: of their namespace, or of the instance.",
    { ...instance, bound: ["namespace", "instance"] },
  ),
  memory_trace_spans_rejected_total: counter(
    "Spans that will never be taken, because their trace has too many. The exporter is told.",
    instance,
  ),
  memory_traces_not_taken_total: counter(
    "Traces that became no episode, or do not update theirs: refused, or given up after several tries.",
    { ...instance, why: ["refused", "given_up"] },
  ),
  memory_traces_displaced_total: counter(
    "Traces that gave way to others: whole ones whose spans were dropped, and quiet ones that became episodes early.",
    { ...instance, how: ["dropped", "early"] },
  ),
  memory_trace_left_out_total: counter(
    "What of a trace stands in no episode, each time it is taken in: spans that are of no tool, steps beyond the most, texts that were cut, and what else.",
    { ...instance, what: ["spans", "steps", "texts", "other"] },
  ),
  memory_task_failures_total: counter("Failures of pending tasks, each try by itself.", {
    ...instance,
    kind: TASKS,
  }),
  memory_episodes_forgotten_again_total: counter(
    "Deleted episodes that were forgotten a second time, in case that what had been sent before arrived after the first.",
    instance,
  ),
  memory_tasks_pending: gauge("Tasks that wait to be done, given up ones not counted.", instance),
  memory_tasks_dead: gauge(
    "Tasks that were given up; POST /admin/outbox/dead/retry tries them again.",
    instance,
  ),
  memory_alarm_failures_total: counter("Failures of what an instance does in its alarm, by part.", {
    ...instance,
    part: ALARM_PARTS,
  }),
  memory_namespaces_loading: gauge(
    "Namespaces that the instance is loading from the database.",
    instance,
  ),
  memory_namespaces_former: gauge(
    "Namespaces of which episodes are still remembered in the form of an earlier release; they are made anew in the background, at most 200 are counted.",
    instance,
  ),
  memory_recall_total: counter("Recalls answered, advice included.", instance, {
    sampled: { sum: "recalls" },
  }),
  memory_recall_duration_seconds: histogram(
    "Recalls as the Worker sees them, the way to the instance and back included.",
    instance,
    SECONDS,
    { sampled: { buckets: "recall" } },
  ),
  memory_storage_operation_duration_seconds: histogram(
    "Requests to a backend, each attempt by itself, failed ones included.",
    { ...instance, operation: OPERATIONS, backend: BACKENDS },
    SECONDS,
    {
      born: { operation: ["read", "write"], backend: ["turso"] },
      sampled: { buckets: "storage" },
    },
  ),
  memory_storage_errors_total: counter(
    "Requests to a backend that failed, each attempt by itself.",
    { ...instance, operation: OPERATIONS, backend: BACKENDS, kind: ERROR_KINDS },
    {
      born: { operation: ["read", "write"], backend: ["turso"], kind: ERROR_KINDS },
      sampled: { sum: "storage_errors" },
    },
  ),
  memory_storage_not_asked_total: counter(
    "Requests that were not sent to the database: circuit breaker open, degraded mode, queue full.",
    { ...instance, reason: ["breaker", "degraded", "queue"] },
  ),
  memory_connections_in_use: gauge("Requests to the database in flight.", instance),
  memory_connections_waiting: gauge(
    "Requests that wait for a connection to the database.",
    instance,
  ),
  memory_connections_limit: gauge(
    "Requests to the database that may be in flight (max_connections).",
    instance,
  ),
  memory_cache_hit_total: counter(
    "Episodes that the instance had when they were asked for.",
    instance,
    { sampled: { sum: "cache_hits" } },
  ),
  memory_cache_miss_total: counter(
    "Episodes that had to be read from the database when they were asked for.",
    instance,
    { sampled: { sum: "cache_misses" } },
  ),
  memory_cache_size: gauge("Episodes in the instance's cache.", instance),
  memory_cache_max_size: gauge(
    "Ended episodes that the cache may keep (cache_max_size).",
    instance,
  ),
  memory_cache_bytes: gauge("Bytes of the episodes in the instance's cache.", instance),
  memory_cache_max_bytes: gauge("Bytes that the cache may keep (cache_max_bytes).", instance),
  memory_cache_evictions_total: counter("Episodes that left the cache, by reason.", {
    ...instance,
    reason: ["ttl", "size", "bytes", "restore"],
  }),
  memory_circuit_breaker_state: gauge(
    "0 closed or disabled, 1 open (forced or not), 2 half-open.",
    { ...instance, backend: BACKENDS },
  ),
  memory_circuit_breaker_transitions_total: counter(
    "Changes of a circuit breaker's state, by the state entered.",
    { ...instance, backend: BACKENDS, to: BREAKER_STATES },
  ),
  memory_outbox_depth: gauge("Rows that wait for the database.", instance, {
    sampled: { sum: "outbox_rows" },
  }),
  memory_outbox_max_rows: gauge(
    "Waiting rows beyond which no episode is started (outbox_max_rows).",
    instance,
  ),
  memory_outbox_bytes: gauge("Bytes that wait for the database.", instance),
  memory_outbox_max_bytes: gauge(
    "Waiting bytes beyond which no episode is started (outbox_max_bytes).",
    instance,
  ),
  memory_outbox_oldest_seconds: gauge(
    "Age of the longest waiting row; 0 when none waits.",
    instance,
    { sampled: { max: "outbox_oldest_seconds" } },
  ),
  memory_outbox_dead: gauge("Rows that the database never takes, set aside.", instance, {
    sampled: { sum: "outbox_dead" },
  }),
  memory_flush_batch_size: histogram("Rows in a batch that the database took.", instance, ROWS),
  memory_last_flush_timestamp_seconds: gauge(
    "When the database last took a batch of this instance, Unix time.",
    instance,
  ),
  memory_instance_up: gauge(
    "1: the instance answered this scrape. 0: it did not, and its other series are missing.",
    instance,
  ),
  memory_instance_in_flight: gauge("Requests that the instance works on.", instance),
  memory_instance_storage_bytes: gauge("Bytes of the instance's own storage.", instance, {
    sampled: { sum: "instance_bytes", max: "instance_bytes_max" },
  }),
  memory_local_damage_total: counter(
    "Statements that met a damaged page of the instance's own storage.",
    instance,
  ),
  memory_instance_storage_max_bytes: gauge("Bytes that the platform gives an instance.", instance),
  memory_refused_total: counter("Calls that an instance refused, by the code of the answer.", {
    ...instance,
    code: "error code",
  }),
  memory_rate_limited_total: counter("Calls refused for their key's rate limit.", instance),
  memory_redacted_total: counter("Secrets found in what clients sent, by kind.", {
    ...instance,
    kind: REDACTION_KINDS,
  }),
  memory_usage_points_lost_total: counter(
    "Points of usage that the Analytics Engine dataset did not take; what `memory-cli usage` shows has them.",
    instance,
  ),
  memory_redaction_unanswered_total: counter(
    "Times that the home of a namespace did not say what it asks of secrets; what was heard last was in force, or the deployment's setting.",
    instance,
  ),
  memory_quota_refused_total: counter(
    "Episodes, traces and lessons that were not taken because their namespace is at its quota.",
    { ...instance, quota: QUOTAS },
  ),
  memory_quota_uncounted_total: counter(
    "Times that episodes were taken without being counted against a quota: the home of their namespace, or the database, could not be asked.",
    instance,
  ),
  memory_webhook_dropped_total: counter(
    "Events that a webhook is not sent because too many wait for their receivers.",
    instance,
  ),
  memory_webhook_dead_total: counter(
    "Events that were set aside: their receiver did not take them, however often they were sent, or wants no more.",
    instance,
  ),
  memory_idempotency_dropped_total: counter(
    "Answers not kept for a repetition of their request: the bound of their API key, of the instance, or of one answer.",
    { ...instance, reason: ["key", "instance", "too_large"] },
  ),
  memory_http_requests_total: counter(
    "Requests answered, by route pattern; counted at an instance that the Worker tells.",
    { ...instance, method: METHODS, route: "route", status: "status" },
    { sampled: { sum: "requests" } },
  ),
  memory_oauth_total: counter(
    "What became of what OAuth clients asked; counted at an instance that the Worker tells.",
    { ...instance, event: OAUTH_EVENTS },
  ),
  memory_http_request_duration_seconds: histogram(
    "Requests from arrival to answer, by route pattern.",
    { ...instance, route: "route" },
    SECONDS,
    { sampled: { buckets: "http" } },
  ),
  memory_maintenance_mode: gauge("1: maintenance is on, no episode is started.", {}),
  memory_degraded_mode: gauge(
    "1: degraded mode was switched on by hand, the database is not asked.",
    {},
  ),
  memory_instances: gauge("Instances that there should be.", {}),
  memory_database_bytes: gauge("Size of the database, measured with the last health check.", {}),
  memory_database_max_bytes: gauge(
    "Bytes that the database's plan allows (database_max_bytes).",
    {},
  ),
  memory_r2_bytes: gauge("Bytes in the bucket, measured once an hour.", {}),
  memory_backup_last_success_timestamp_seconds: gauge(
    "When a backup of this kind last succeeded, Unix time.",
    {
      kind: "job",
    },
  ),
  memory_backup_last_verified_timestamp_seconds: gauge(
    "When a backup was last verified, Unix time.",
    {},
  ),
  memory_job_runs_total: counter(
    "Runs of a job, by result.",
    { job: "job", result: ["success", "failure", "skipped"] },
    { born: { job: RUN_NAMES, result: ["success", "failure"] } },
  ),
  memory_job_requests_total: counter("Requests for a long job, by what became of them.", {
    kind: JOB_KINDS,
    result: ["queued", "coalesced", "known", "refused"],
  }),
  memory_job_last_run_timestamp_seconds: gauge("When the job last ended, Unix time.", {
    job: "job",
  }),
  memory_job_last_success_timestamp_seconds: gauge("When the job last succeeded, Unix time.", {
    job: "job",
  }),
  memory_job_failing: gauge("1: the last run of the job that ended failed.", { job: "job" }),
  memory_job_due_timestamp_seconds: gauge(
    "By when the job must have succeeded again, Unix time; of a job that never ran too.",
    { job: "job" },
  ),
  memory_incidents_total: counter("Entries of the incident timeline, by kind.", {
    kind: INCIDENT_KINDS,
  }),
  memory_build_info: gauge("1, with the version that answers.", { version: "version" }),
} as const satisfies Record<string, MetricRule>;

export type MetricName = keyof typeof METRICS;
type NamesOf<T extends MetricRule["type"]> = {
  [N in MetricName]: (typeof METRICS)[N]["type"] extends T ? N : never;
}[MetricName];
export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;

/**
 * The labels that are given where a metric is counted: all but `instance`, which is added when the
 * metrics are read.
 */
export type LabelsOf<N extends MetricName> = {
  readonly [L in Exclude<keyof (typeof METRICS)[N]["labels"], "instance">]: LabelValue<
    (typeof METRICS)[N]["labels"][L]
  >;
};
type LabelValue<Rule> = Rule extends readonly (infer Value)[] ? Value : string;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function ruleOf(name: MetricName): MetricRule {
  return METRICS[name];
}

export function bucketsOf(name: HistogramName): readonly number[] {
  return METRICS[name].buckets;
}
