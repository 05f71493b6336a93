/**
 * The Coordinator's eye on the service: job runs, incident timeline, samples over time, and metrics
 * of its own.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { KeyView } from "../../../contract/operations.ts";
import { settingsOf, type SettingOverrides } from "../../../contract/settings.ts";
import {
  BACKUP_JOBS,
  bornZero,
  VERIFY_JOB,
  type Incident,
  type IncidentKind,
  type MetricSample,
  type Sample,
  type Severity,
} from "../../../observability/index.ts";
import type { Database, LocalSql } from "../../../storage/index.ts";
import { BACKENDS, type Control } from "../../shared/control.ts";
import { IncidentLog } from "./incidents.ts";
import type { JobRun } from "../jobs/job-runs.ts";
import { JobLedger } from "../jobs/scheduled-jobs.ts";
import { MetricsStore } from "../../shared/metrics-store.ts";
import type { InstanceReport, MonitorCalls, MonitorName } from "../../shared/protocol.ts";
import { bucketBytes, measured } from "./bucket.ts";
import { SampleStore } from "./samples.ts";

/** An instance that sheds load is told of no more often than this, ms. */
const OVERLOAD_EVERY_MS = 5 * MS.minute;
/** Rows that a mean size is taken of. */
const ROWS_SAMPLED = 200;
const INCIDENTS_KEPT_MS = 90 * MS.day;

export interface MonitorPorts {
  sql: LocalSql;
  transaction: <T>(work: () => T) => T;
  bucket: R2Bucket;
  database: Pick<Database, "all">;
  defaults: SettingOverrides;
  control: () => Control;
  now: () => number;
  /** Told when something should be copied to R2. */
  wake: (at: number) => void;
  log: (event: Record<string, unknown>) => void;
}

type Handlers = {
  [N in MonitorName]: (
    input: MonitorCalls[N]["input"],
  ) => Promise<MonitorCalls[N]["output"]> | MonitorCalls[N]["output"];
};

export class Monitor {
  readonly #ports: MonitorPorts;
  readonly #metrics: MetricsStore;
  readonly #jobs: JobLedger;
  readonly #incidents: IncidentLog;
  readonly #samples: SampleStore;
  readonly #overloaded = new Map<number, number>();
  readonly handlers: Handlers;

  constructor(ports: MonitorPorts) {
    const { sql, now } = ports;
    this.#ports = ports;
    this.#metrics = new MetricsStore(sql, ports.transaction);
    this.#jobs = new JobLedger(sql);
    this.#incidents = new IncidentLog(sql, now);
    this.#samples = new SampleStore(sql);
    this.handlers = {
      metrics: () => ({ samples: this.#own(), reach: instanceCountOf(ports.control()) }),
      facts: () => this.#facts(),
      deployed: ({ version, id }) => {
        const before = this.#incidents.changed("release", `${version} ${id ?? ""}`.trim());
        if (before !== undefined)
          this.record("deploy", "info", `version ${version} answers`, { version, id, before });
        return null;
      },
      job_begin: ({ job, scheduled_at, lease_ms }) => {
        const begun = this.#jobs.begin(job, scheduled_at, lease_ms, now());
        if (!begun) this.#metrics.meter.count("memory_job_runs_total", { job, result: "skipped" });
        return begun;
      },
      job_end: (input) => this.#ended(input),
      health: (input) => this.#health(input),
      sample: (sample) => this.#sampled(sample),
      timeline: ({ since }) => ({
        incidents: this.#incidents.since(since),
        samples: this.#samples.since(since),
      }),
      hourly: ({ since }) => this.#samples.since(since, true),
      prune: () => ({
        incidents: this.#incidents.prune(now() - INCIDENTS_KEPT_MS),
        samples: this.#samples.prune(now()),
      }),
    };
  }

  record(
    kind: IncidentKind,
    severity: Severity,
    title: string,
    detail: Record<string, unknown> = {},
  ): void {
    this.#incidents.record(kind, severity, title, detail);
    this.#metrics.meter.count("memory_incidents_total", { kind });
    this.#ports.log({
      event: "incident",
      level: severity === "info" ? "info" : "warn",
      kind,
      severity,
      title,
    });
    this.#ports.wake(this.#ports.now() + MS.second);
  }

  /** Counts a request for a long job. */
  requested(kind: string, result: string): void {
    this.#metrics.meter.count("memory_job_requests_total", { kind, result });
  }

  /** What an instance found, compared with what it found before. */
  seen({ instance, breakers, dead, overloaded }: InstanceReport): void {
    for (const backend of BACKENDS) {
      const state = breakers[backend];
      const before = this.#incidents.changed(`breaker:${backend}:${instance}`, state);
      if (before === undefined || (before === null && state === "closed")) continue;
      const severity =
        state === "open" || state === "forced_open"
          ? "critical"
          : state === "closed"
            ? "info"
            : "warning";
      const title = `circuit breaker of ${backend} at instance ${instance}: ${before ?? "closed"} → ${state}`;
      this.record("breaker", severity, title, {
        backend,
        instance,
        from: before ?? "closed",
        to: state,
      });
    }
    if (dead !== undefined) {
      const before = this.#incidents.changed(`dead:${instance}`, String(dead));
      if (before !== undefined && dead > Number(before ?? 0)) {
        this.record("dead_letters", "warning", `${dead} rows are parked at instance ${instance}`, {
          instance,
          dead,
        });
      }
    }
    if (overloaded !== undefined) this.#shed(instance, overloaded);
  }

  /** An operator's or the service's change of what is in force. */
  governed(by: string, what: string, from: unknown, to: unknown): void {
    const detail = { by, from, to };
    if (what === "maintenance" || what === "degraded") {
      const message = to === null ? "" : `: ${(to as { message: string }).message}`;
      this.record(
        what,
        to === null ? "info" : "warning",
        `${what} mode ${to === null ? "off" : `on${message}`} (${by})`,
        detail,
      );
    } else if (what === "circuit_breaker") {
      const { action, backend } = to as { action: string; backend: string };
      this.record(
        "breaker",
        "warning",
        `order to the circuit breakers of ${backend}: ${action} (${by})`,
        detail,
      );
    } else if (what === "instance_count") {
      this.record(
        "topology",
        "info",
        `number of instances: ${String(from)} → ${String(to)} (${by})`,
        detail,
      );
    } else if (what === "api_key") {
      const { id, name, scopes, namespaces } = to as KeyView;
      const done = from === null ? "made" : "revoked";
      const title = `key ${id} (${name}) ${done}: ${scopes.join(", ")} in ${namespaces.join(", ")} (${by})`;
      this.record("keys", from === null ? "info" : "warning", title, detail);
    } else {
      this.record(
        "settings",
        "info",
        `${what}: ${JSON.stringify(from)} → ${JSON.stringify(to)} (${by})`,
        detail,
      );
    }
  }

  /** Copies to R2 what it does not have. Throws what R2 throws; nothing is lost by that. */
  async keep(): Promise<void> {
    for (;;) {
      const batch = this.#incidents.unstored();
      const [first, last] = [batch.at(0), batch.at(-1)];
      if (!first || !last) return;
      const day = first.at.slice(0, 10);
      const key = `incidents/${day}/${String(first.seq).padStart(10, "0")}-${last.seq}.ndjson`;
      const body = batch.map((incident) => `${JSON.stringify(incident)}\n`).join("");
      await measured(this.#metrics.meter, "write", () => this.#ports.bucket.put(key, body));
      this.#incidents.markStored(batch);
    }
  }

  #shed(instance: number, overloaded: number): void {
    const before = this.#incidents.changed(`overloaded:${instance}`, String(overloaded));
    const now = this.#ports.now();
    if (before === undefined || overloaded <= Number(before ?? 0)) return;
    if (now - (this.#overloaded.get(instance) ?? Number.NEGATIVE_INFINITY) < OVERLOAD_EVERY_MS)
      return;
    this.#overloaded.set(instance, now);
    const count = overloaded - Number(before ?? 0);
    this.record(
      "overload",
      "warning",
      `instance ${instance} refused ${count} calls for being too busy`,
      {
        instance,
        count,
      },
    );
  }

  #facts(): MonitorCalls["facts"]["output"] {
    const { maintenance, degraded, restore, settings, version, topology } = this.#ports.control();
    return {
      maintenance,
      degraded,
      restore: restore ?? null,
      jobs: this.#jobs.last(),
      settings: settingsOf(this.#ports.defaults, settings),
      control_version: version,
      instances: topology.count,
    };
  }

  /** A long job ended: its runs are those of the ledger too. */
  ran({ started_at, ...run }: JobRun): void {
    this.#jobs.record(run.job, run.scheduled_at, started_at);
    this.#ended(run);
  }

  #ended({ job, scheduled_at, result, detail }: MonitorCalls["job_end"]["input"]): null {
    this.#jobs.end(job, scheduled_at, result, detail, this.#ports.now());
    this.#metrics.meter.count("memory_job_runs_total", { job, result });
    const backup = job in BACKUP_JOBS || job === VERIFY_JOB;
    if (backup)
      this.record("backup", result === "success" ? "info" : "critical", `${job}: ${result}`, {
        job,
        detail,
      });
    else if (result === "failure")
      this.record("job", "warning", `job ${job} failed`, { job, detail });
    return null;
  }

  /** Compares with the last check. Returns what is new. */
  #health({ readiness, r2 }: MonitorCalls["health"]["input"]): Incident[] {
    const since = this.#ports.now();
    const states = [
      ...readiness.checks.map(({ name, status, message }) => ({ name, status, message })),
      {
        name: "r2",
        status: r2.failed === null ? ("healthy" as const) : ("degraded" as const),
        message: r2.failed ?? "answers",
      },
    ];
    const [before] = this.#incidents.since(0).slice(-1);
    for (const { name, status, message } of states) {
      const was = this.#incidents.changed(`health:${name}`, status);
      if (was === undefined || (was === null && status === "healthy")) continue;
      const severity =
        status === "healthy" ? "info" : status === "degraded" ? "warning" : "critical";
      this.record("health", severity, `${name}: ${was ?? "healthy"} → ${status}`, {
        check: name,
        message,
      });
    }
    return this.#incidents.since(since).filter(({ seq }) => seq > (before?.seq ?? 0));
  }

  /** Adds what only this object can measure, and keeps the sample. */
  async #sampled(sample: MetricSample): Promise<MetricSample> {
    const { database, bucket, log } = this.#ports;
    const last = this.#samples.latest();
    const totals = { ...sample.totals };
    try {
      const [size] = await database.all<{ bytes: number; pattern: number | null }>(
        `SELECT page_count * page_size AS bytes,
            (SELECT avg(octet_length(body)) FROM (SELECT body FROM patterns LIMIT ${ROWS_SAMPLED})) AS pattern
          FROM pragma_page_count(), pragma_page_size()`,
      );
      if (size) totals.database_bytes = size.bytes;
      if (size?.pattern) totals.pattern_row_bytes = size.pattern;
    } catch (error) {
      log({
        event: "measure_failed",
        level: "warn",
        what: "database_bytes",
        reason: String(error),
      });
    }
    const sameHour = last?.at.slice(0, 13) === sample.at.slice(0, 13);
    try {
      const known = last?.totals.r2_bytes;
      totals.r2_bytes =
        sameHour && known !== undefined
          ? known
          : await measured(this.#metrics.meter, "list", () => bucketBytes(bucket));
    } catch (error) {
      log({ event: "measure_failed", level: "warn", what: "r2_bytes", reason: String(error) });
    }
    const whole = { ...sample, totals };
    this.#samples.add(whole);
    return whole;
  }

  #own(): Sample[] {
    const kept = this.#metrics.meter.samples().map((sample) =>
      // Requests to a backend are counted by instances as well; this object is none of them.
      sample.name.startsWith("memory_storage_")
        ? { ...sample, labels: { ...sample.labels, instance: "coordinator" } }
        : sample,
    );
    const { maintenance, degraded, topology, settings } = this.#ports.control();
    const latest = this.#samples.latest()?.totals;
    const gauge = (
      name: Sample["name"],
      value: number | undefined,
      labels: Record<string, string> = {},
    ): Sample[] => (value === undefined ? [] : [{ name, labels, value }]);
    const seconds = (time: string | null): number | undefined =>
      time === null ? undefined : Date.parse(time) / 1_000;
    const jobs = this.#jobs.last();
    return [
      ...kept,
      ...bornZero(kept, "coordinator"),
      ...gauge("memory_maintenance_mode", maintenance ? 1 : 0),
      ...gauge("memory_degraded_mode", degraded ? 1 : 0),
      ...gauge("memory_instances", topology.count),
      ...gauge("memory_database_bytes", latest?.database_bytes),
      ...gauge(
        "memory_database_max_bytes",
        settingsOf(this.#ports.defaults, settings).database_max_bytes,
      ),
      ...gauge("memory_r2_bytes", latest?.r2_bytes),
      ...jobs.flatMap(({ job, ended_at, last_success_at }) => [
        ...gauge("memory_job_last_run_timestamp_seconds", seconds(ended_at), { job }),
        ...gauge("memory_job_last_success_timestamp_seconds", seconds(last_success_at), { job }),
        ...(job in BACKUP_JOBS
          ? gauge("memory_backup_last_success_timestamp_seconds", seconds(last_success_at), {
              kind: BACKUP_JOBS[job] ?? job,
            })
          : []),
        ...(job === VERIFY_JOB
          ? gauge("memory_backup_last_verified_timestamp_seconds", seconds(last_success_at))
          : []),
      ]),
    ];
  }
}

function instanceCountOf({ topology }: Control): number {
  return Math.max(topology.count, topology.previous ?? 0);
}
