/**
 * The ways in which what is watched can vanish or lie while something is wrong. Each is tried with
 * promtool: something must fire.
 *
 * @module
 */

import { due, failing, growsSince, succeeded, type Way } from "./way.ts";
import { UNFELT } from "./ways-of-users.ts";
import { always, fromNow, JOB_NAMES, stopped } from "./well.ts";

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
