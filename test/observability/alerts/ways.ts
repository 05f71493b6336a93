/**
 * A healthy service as Prometheus sees it, minute by minute, and the ways in which what is watched
 * can vanish or lie while something is wrong. Each is tried with promtool: something must fire.
 *
 * @module
 */

import { EXPECTED_RUNS } from "../../../src/observability/jobs.ts";

/** The value of a series in a minute; null: it is not there. */
export type Series = Readonly<Record<string, (minute: number) => number | null>>;

/** Minutes that are looked at, and when what is wrong begins. */
export const MINUTES = 240;
export const FAULT = 60;

export interface Way {
  /** What is wrong, and how it could go unseen. */
  way: string;
  /** The series that are other than the healthy ones, from the fault on; null: it is gone. */
  becomes: Readonly<Record<string, ((minute: number) => number | null) | null>>;
  /** Takes every series away whose name matches, but for those that `becomes` names. */
  without?: RegExp;
  alert: string;
  /** Labels that it must have. */
  labels?: string;
  /** By how many minutes after the fault it must fire. */
  within: number;
}

const INSTANCES = ["0", "1"];
const always = (value: number) => (): number => value;
/** A counter that grows by so much a minute. */
const grows =
  (by: number) =>
  (minute: number): number =>
    minute * by;
/** A time so many seconds before now, or behind it. */
const fromNow =
  (seconds: number) =>
  (minute: number): number =>
    minute * 60 + seconds;
/** A time that stands still at what it was at the fault. */
const stopped = (seconds: number) => (): number => FAULT * 60 + seconds;

const JOB_NAMES = Object.keys(EXPECTED_RUNS);
const ROUTE = 'route="/v1/recall"';

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

const due = (job: string): string => `memory_job_due_timestamp_seconds{job="${job}"}`;
const failing = (job: string): string => `memory_job_failing{job="${job}"}`;
const succeeded = (kind: string): string =>
  `memory_backup_last_success_timestamp_seconds{kind="${kind}"}`;
const requests = (status: number): string =>
  `memory_http_requests_total{instance="0",method="POST",${ROUTE},status="${status}"}`;
/** Grows from the fault on. */
const growsSince =
  (by: number) =>
  (minute: number): number =>
    Math.max(0, minute - FAULT) * by;

/** The service or a part of it is not seen. */
const UNSEEN: readonly Way[] = [
  {
    way: "the service does not answer its scrapes, and all its series end",
    becomes: { 'up{job="memory-service"}': always(0) },
    without: /^memory_/,
    alert: "MemoryServiceDown",
    within: 4,
  },
  {
    way: "the scrape job is gone from the configuration",
    becomes: { 'up{job="memory-service"}': null },
    without: /^memory_/,
    alert: "MemoryServiceDown",
    within: 9,
  },
  {
    way: "a scrape is answered with nothing",
    becomes: {},
    without: /^memory_/,
    alert: "SignalMissing",
    labels: 'signal="memory_build_info"',
    within: 12,
  },
  {
    way: "the Coordinator does not answer, and its series end: jobs, modes, backups, R2",
    becomes: { memory_build_info: always(1) },
    without: /^memory_(?!instance_)[a-z_]+(\{(instance="coordinator"|job|kind)|$)/,
    alert: "SignalMissing",
    labels: 'signal="memory_job_due_timestamp_seconds"',
    within: 12,
  },
  {
    way: "an instance does not answer",
    becomes: { 'memory_instance_up{instance="1"}': always(0) },
    without: /instance="1"/,
    alert: "MemoryInstanceDown",
    labels: 'instance="1"',
    within: 4,
  },
  {
    way: "an instance is not even asked: nothing says that it is there",
    becomes: {},
    without: /instance="1"/,
    alert: "SignalMissing",
    labels: 'signal="memory_instance_up"',
    within: 12,
  },
  {
    way: "one of two instances shows no outbox any more",
    becomes: {},
    without: /^memory_outbox.*instance="1"/,
    alert: "SignalMissing",
    labels: 'signal="memory_outbox_oldest_seconds",instance="1"',
    within: 12,
  },
  {
    way: "the bounds are gone, and every share of a bound with them",
    becomes: {},
    without: /_max_(bytes|rows)/,
    alert: "SignalMissing",
    labels: 'signal="memory_outbox_max_rows",instance="0"',
    within: 12,
  },
  {
    way: "the size of the database is not measured any more",
    becomes: { memory_database_bytes: null },
    alert: "DatabaseSizeUnknown",
    within: 40,
  },
];

/** Backups and jobs fail, or nobody begins them. */
const UNDONE: readonly Way[] = [
  {
    way: "no backup was ever made: there is no series of one, and the first was due",
    becomes: Object.fromEntries(
      ["snapshot", "incremental", "full"].flatMap((kind) => [
        [succeeded(kind), null],
        [due(`backup-${kind}`), stopped(0)],
      ]),
    ),
    alert: "BackupStale",
    labels: 'kind="incremental"',
    within: 10,
  },
  {
    way: "the database's backup fails night after night beside snapshots that succeed",
    becomes: { [succeeded("incremental")]: stopped(-93_600) },
    alert: "BackupStale",
    labels: 'kind="incremental"',
    within: 10,
  },
  {
    way: "the weekly full backup fails beside incremental ones that succeed",
    becomes: { [succeeded("full")]: stopped(-612_000) },
    alert: "BackupStale",
    labels: 'kind="full"',
    within: 10,
  },
  {
    way: "backups of one kind never succeeded, those of the others did",
    becomes: { [succeeded("full")]: null, [due("backup-full")]: stopped(0) },
    alert: "BackupStale",
    labels: 'kind="full"',
    within: 10,
  },
  {
    way: "a key is lost: a full backup is made, and what was before it cannot be read",
    becomes: { [failing("backup-verify")]: always(1) },
    alert: "RestoreUnproven",
    labels: 'job="backup-verify"',
    within: 10,
  },
  {
    way: "a backup is not read back any more, or never was",
    becomes: { [due("backup-verify")]: stopped(0) },
    alert: "RestoreUnproven",
    labels: 'job="backup-verify"',
    within: 10,
  },
  {
    way: "the restore drill never ran",
    becomes: { [due("restore-drill")]: stopped(0) },
    alert: "RestoreUnproven",
    labels: 'job="restore-drill"',
    within: 10,
  },
  {
    way: "the restore drill finds a difference, and succeeds at nothing since",
    becomes: { [failing("restore-drill")]: always(1) },
    alert: "RestoreUnproven",
    labels: 'job="restore-drill"',
    within: 10,
  },
  {
    way: "the schedule is not deployed: no job runs, and none fails",
    becomes: Object.fromEntries(JOB_NAMES.map((job) => [due(job), stopped(0)])),
    alert: "JobOverdue",
    labels: 'job="health-check"',
    within: 10,
  },
  {
    way: "one job is never begun, the others run",
    becomes: { [due("retention")]: stopped(0) },
    alert: "JobOverdue",
    labels: 'job="retention"',
    within: 10,
  },
  {
    way: "a job fails for the first time: a counter's first value is no rise",
    becomes: {
      'memory_job_runs_total{job="prune",result="failure"}': null,
      'memory_job_runs_total{job="prune",result="failure",by="first"}': always(1),
      [failing("prune")]: always(1),
    },
    alert: "JobFailed",
    labels: 'job="prune"',
    within: 5,
  },
  {
    way: "a job failed at night, and in the morning its hour in the counter is over",
    becomes: { [failing("backup-incremental")]: always(1) },
    alert: "JobFailed",
    labels: 'job="backup-incremental"',
    within: 170,
  },
];

/** Clocks lie. */
const CLOCKS: readonly Way[] = [
  {
    way: "the service's clock is ahead: what was made looks young for days",
    becomes: { [succeeded("incremental")]: fromNow(7_200) },
    alert: "ClockWrong",
    within: 10,
  },
  {
    way: "the service's clock is ahead, and its jobs are due in the far future",
    becomes: {
      'memory_job_last_run_timestamp_seconds{job="health-check"}': fromNow(90_000),
      [due("health-check")]: fromNow(95_000),
    },
    alert: "ClockWrong",
    within: 10,
  },
  {
    way: "the service's clock is behind",
    becomes: { [due("health-check")]: fromNow(-600) },
    alert: "JobOverdue",
    labels: 'job="health-check"',
    within: 10,
  },
];

/** Somebody, or something, switched it. */
const SWITCHED: readonly Way[] = [
  {
    way: "maintenance is left on",
    becomes: { memory_maintenance_mode: always(1) },
    alert: "ModeLeftOn",
    labels: 'mode="maintenance"',
    within: 70,
  },
  {
    way: "degraded mode is left on, and the Coordinator misses a scrape in ten",
    becomes: { memory_degraded_mode: (minute) => (minute % 10 === 0 ? null : 1) },
    alert: "ModeLeftOn",
    labels: 'mode="degraded"',
    within: 70,
  },
  {
    way: "a breaker opens and closes so fast that it is never open for a minute",
    becomes: {
      'memory_circuit_breaker_transitions_total{instance="1",backend="turso",to="closed"}':
        growsSince(1),
    },
    alert: "CircuitBreakerFlapping",
    labels: 'instance="1"',
    within: 15,
  },
  {
    way: "R2's breaker is forced open, and no request of an agent notices",
    becomes: { 'memory_circuit_breaker_state{instance="coordinator",backend="r2"}': always(1) },
    alert: "BucketBreakerOpen",
    within: 20,
  },
];

/** It goes wrong for its users while each part looks well. */
const UNFELT: readonly Way[] = [
  {
    way: "half of the recalls are answered 500, and no request to the database fails",
    becomes: { [requests(200)]: growsSince(50), [requests(500)]: growsSince(50) },
    alert: "AvailabilityBurnsFast",
    within: 10,
  },
  {
    way: "the same while maintenance and degraded mode are on",
    becomes: {
      [requests(500)]: growsSince(50),
      memory_maintenance_mode: always(1),
      memory_degraded_mode: always(1),
    },
    alert: "AvailabilityBurnsFast",
    within: 10,
  },
  {
    way: "one request in forty fails, and each part is called well",
    becomes: { [requests(500)]: growsSince(5) },
    alert: "AvailabilityBurnsFast",
    within: 60,
  },
  {
    way: "every answer is right, and takes seconds",
    becomes: {
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1.0"}`]: () =>
        FAULT * 100,
    },
    alert: "LatencyBurnsFast",
    within: 15,
  },
  {
    way: "the same, seen by a Prometheus that writes the bound as it was exposed",
    becomes: {
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1.0"}`]: null,
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1"}`]: () => 0,
    },
    alert: "LatencyBurnsFast",
    within: 20,
  },
  {
    way: "the database fails at night, when few requests make few errors",
    becomes: {
      'memory_outbox_oldest_seconds{instance="0"}': (minute) => (minute - FAULT) * 60,
      'memory_storage_errors_total{instance="0",backend="turso",operation="write",kind="timeout"}':
        growsSince(0.2),
    },
    alert: "OutboxStalled",
    within: 25,
  },
  {
    way: "an instance is evicted every few minutes, and its counters of errors begin anew",
    becomes: {
      'memory_storage_errors_total{instance="0",backend="turso",operation="write",kind="timeout"}':
        (minute) => (minute % 3) * 60,
    },
    alert: "HighStorageErrorRate",
    within: 15,
  },
  {
    way: "episodes leak, and the idle timeout closes them as fast as they are left",
    becomes: {
      'memory_active_episodes{instance="0"}': always(1_500),
      'memory_episode_completed_total{instance="0",outcome="success"}': always(FAULT * 20),
      'memory_episode_completed_total{instance="1",outcome="success"}': always(FAULT * 20),
      'memory_episode_completed_total{instance="0",outcome="abandoned"}': growsSince(40),
    },
    alert: "MemoryLeak",
    within: 45,
  },
  {
    way: "requests queue before the database, and none fails",
    becomes: { 'memory_connections_waiting{instance="0"}': always(12) },
    alert: "ConnectionQueue",
    labels: 'instance="0"',
    within: 15,
  },
  {
    way: "a row that the database never takes was there when the series began",
    becomes: { 'memory_outbox_dead{instance="0"}': always(1) },
    alert: "DeadLetters",
    labels: 'instance="0"',
    within: 8,
  },
];

/** Who watches does not. */
const WATCHED: readonly Way[] = [
  {
    way: "Alertmanager is down",
    becomes: { 'up{job="alertmanager"}': always(0) },
    alert: "AlertsNotDelivered",
    within: 5,
  },
  {
    way: "Prometheus knows no Alertmanager",
    becomes: { prometheus_notifications_alertmanagers_discovered: always(0) },
    alert: "AlertsNotDelivered",
    within: 5,
  },
  {
    way: "alerts are dropped on their way",
    becomes: { prometheus_notifications_dropped_total: growsSince(1) },
    alert: "AlertsNotDelivered",
    within: 8,
  },
  {
    way: "a receiver is down",
    becomes: {
      'alertmanager_notifications_failed_total{integration="webhook"}': growsSince(1),
    },
    alert: "AlertsNotDelivered",
    within: 8,
  },
  {
    way: "a rule cannot be evaluated",
    becomes: {
      'prometheus_rule_evaluation_failures_total{rule_group="memory-service"}': growsSince(4),
    },
    alert: "RulesFailing",
    within: 8,
  },
  {
    way: "Prometheus does not watch itself",
    becomes: { prometheus_rule_evaluations_total: null },
    alert: "RulesFailing",
    within: 10,
  },
];

export const WAYS: readonly Way[] = [
  ...UNSEEN,
  ...UNDONE,
  ...CLOCKS,
  ...SWITCHED,
  ...UNFELT,
  ...WATCHED,
];
