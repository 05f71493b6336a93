/**
 * A healthy service as Prometheus sees it, minute by minute.
 *
 * @module
 */

import { EXPECTED_RUNS } from "../../../src/observability/jobs.ts";

/** The value of a series in a minute; null: it is not there. */
export type Series = Readonly<Record<string, (minute: number) => number | null>>;

/** Minutes that are tried, and the one in which the fault begins. */
export const MINUTES = 240;
export const FAULT = 60;

const INSTANCES = ["0", "1"];
export const always = (value: number) => (): number => value;
/** A counter that grows by this much a minute. */
const grows =
  (by: number) =>
  (minute: number): number =>
    minute * by;
/** A time so many seconds before now, or behind it. */
export const fromNow =
  (seconds: number) =>
  (minute: number): number =>
    minute * 60 + seconds;
/** A time that stands still at what it was at the fault. */
export const stopped = (seconds: number) => (): number => FAULT * 60 + seconds;

export const JOB_NAMES = Object.keys(EXPECTED_RUNS);
export const ROUTE = 'route="/v1/recall"';

const COORDINATOR: Series = {
  memory_build_info: always(1),
  memory_instances: always(INSTANCES.length),
  memory_maintenance_mode: always(0),
  memory_degraded_mode: always(0),
  memory_database_bytes: always(1_000),
  memory_database_max_bytes: always(1_000_000),
  'memory_circuit_breaker_state{instance="coordinator",backend="r2"}': always(0),
  ...Object.fromEntries(
    JOB_NAMES.flatMap((job) => [
      [`memory_job_due_timestamp_seconds{job="${job}"}`, fromNow(3_600)],
      [`memory_job_failing{job="${job}"}`, always(0)],
      [`memory_job_runs_total{job="${job}",result="failure"}`, always(0)],
      [`memory_job_last_run_timestamp_seconds{job="${job}"}`, fromNow(-200)],
    ]),
  ),
  'memory_backup_last_success_timestamp_seconds{kind="snapshot"}': fromNow(-3_600),
  'memory_backup_last_success_timestamp_seconds{kind="incremental"}': fromNow(-3_600),
  'memory_backup_last_success_timestamp_seconds{kind="full"}': fromNow(-90_000),
};

const ofInstance = (instance: string): Series => {
  const own = (name: string, more = ""): string => `${name}{instance="${instance}"${more}}`;
  const turso = ',backend="turso",operation="write"';
  return {
    [own("memory_instance_up")]: always(1),
    [own("memory_storage_errors_total", `${turso},kind="timeout"`)]: always(0),
    [own("memory_storage_operation_duration_seconds_count", turso)]: grows(60),
    [own("memory_storage_operation_duration_seconds_bucket", `${turso},le="0.5"`)]: grows(60),
    [own("memory_storage_operation_duration_seconds_bucket", `${turso},le="+Inf"`)]: grows(60),
    [own("memory_circuit_breaker_state", ',backend="turso"')]: always(0),
    [own("memory_circuit_breaker_transitions_total", ',backend="turso",to="closed"')]: always(0),
    [own("memory_cache_hit_total")]: grows(90),
    [own("memory_cache_miss_total")]: grows(10),
    [own("memory_instance_storage_bytes")]: always(1_000),
    [own("memory_instance_storage_max_bytes")]: always(10_000),
    [own("memory_outbox_depth")]: always(1),
    [own("memory_outbox_max_rows")]: always(1_000),
    [own("memory_outbox_bytes")]: always(100),
    [own("memory_outbox_max_bytes")]: always(10_000),
    [own("memory_outbox_oldest_seconds")]: always(1),
    [own("memory_outbox_dead")]: always(0),
    [own("memory_tasks_dead")]: always(0),
    [own("memory_webhook_dead_total")]: always(0),
    [own("memory_webhook_dropped_total")]: always(0),
    [own("memory_active_episodes")]: always(5),
    [own("memory_episode_created_total")]: grows(20),
    [own("memory_episode_completed_total", ',outcome="success"')]: grows(20),
    [own("memory_connections_waiting")]: always(0),
    [own("memory_connections_limit")]: always(6),
    [own("memory_http_requests_total", `,method="POST",${ROUTE},status="200"`)]: grows(100),
    [own("memory_http_request_duration_seconds_count", `,${ROUTE}`)]: grows(100),
    [own("memory_http_request_duration_seconds_bucket", `,${ROUTE},le="1.0"`)]: grows(100),
  };
};

/** What watches. */
const WATCHERS: Series = {
  'up{job="memory-service"}': always(1),
  'up{job="alertmanager"}': always(1),
  prometheus_notifications_alertmanagers_discovered: always(1),
  prometheus_notifications_dropped_total: always(0),
  prometheus_rule_evaluations_total: grows(100),
  'prometheus_rule_evaluation_failures_total{rule_group="memory-service"}': always(0),
  'prometheus_rule_group_iterations_missed_total{rule_group="memory-service"}': always(0),
  'alertmanager_notifications_failed_total{integration="webhook"}': always(0),
};

export const WELL: Series = {
  ...WATCHERS,
  ...COORDINATOR,
  ...Object.assign({}, ...INSTANCES.map(ofInstance)),
};
