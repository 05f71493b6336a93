/**
 * Watches the service for the Coordinator: turns what others report into incidents, counts, and
 * samples over time, and answers what is asked about them. It decides nothing and changes nothing
 * but its own records.
 *
 * @module
 */

import type { NewEvent } from "../../webhooks/webhooks.ts";
import type { PartContext } from "../../shared/context.ts";
import type { ControlStore } from "../control-store.ts";
import type { R2Breaker } from "../r2-breaker.ts";
import { MS } from "../../../contract/limits.ts";
import {
  BACKUP_JOBS,
  VERIFY_JOB,
  type Incident,
  type LabelsOf,
  type MetricSample,
  type ReadinessView,
  type Sample,
  type Severity,
} from "../../../observability/index.ts";
import type { Transition } from "../../../resilience/index.ts";
import type { Database } from "../../../storage/index.ts";
import type { CommandInput, CoordinatorFacts, InstanceReport } from "../../shared/coordinator.ts";
import type { MetricsStore } from "../../shared/metrics-store.ts";
import type { JobRun, LastRuns } from "../jobs/last-runs.ts";
import {
  type IncidentCopier,
  type IncidentLog,
  incidentOfChange,
  type NewIncident,
} from "./incidents.ts";
import { isoTime } from "../../../util/time.ts";
import { coordinatorSamples } from "./coordinator-metrics.ts";
import { bucketBytes, databaseSizes } from "./measures.ts";
import { Outages, type BreakerMove } from "./outages.ts";
import type { SampleStore } from "./samples.ts";

/** An instance that sheds load makes an incident no more often than this, ms. */
const OVERLOAD_EVERY_MS = 5 * MS.minute;
const INCIDENTS_KEPT_MS = 90 * MS.day;

/** A job that was asked for, with its parameters as JSON. */
interface AskedJob {
  id: string;
  kind: string;
  by: string;
  params: string;
  error: string | null;
}

export interface MonitorPorts extends Pick<PartContext, "now" | "log"> {
  incidents: IncidentLog;
  copier: Pick<IncidentCopier, "recorded">;
  samples: SampleStore;
  metrics: MetricsStore;
  bucket: Pick<R2Bucket, "list">;
  database: Pick<Database, "all">;
  controlStore: ControlStore;
  lastRuns: LastRuns;
  r2: R2Breaker;
  /** Tells webhooks what happened. */
  emit: (event: NewEvent) => void;
}

export class Monitor {
  readonly #ports: MonitorPorts;
  /** When each instance's last incident of overload was made. */
  readonly #overloaded = new Map<number, number>();

  readonly #outages: Outages;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    this.#outages = new Outages(ports.incidents, ports.now);
  }

  /** Puts an incident into the timeline, counts it and logs it. */
  record({ kind, severity, title, detail }: NewIncident): void {
    const { incidents, metrics, copier, log } = this.#ports;
    incidents.record(kind, severity, title, detail);
    // Nothing waits in between: the object stores both or neither.
    const type = kind === "backup" ? "backup" : "incident";
    this.#ports.emit({ type, namespace: null, data: { kind, severity, title } });
    metrics.meter.count("memory_incidents_total", { kind });
    const level = severity === "info" ? "info" : "warn";
    log({ event: "incident", level, kind, severity, title });
    copier.recorded();
  }

  /** A version answers: an incident when it is another than before. */
  releaseAnswers(version: string, id: string | null): void {
    const before = this.#ports.incidents.changed("release", `${version} ${id ?? ""}`.trim());
    if (before === undefined) return;
    const title = `version ${version} answers`;
    this.record({ kind: "deploy", severity: "info", title, detail: { version, id, before } });
  }

  /** An operator's or the service's change of what is in force. */
  changed(by: string, what: string, from: unknown, to: unknown): void {
    this.record(incidentOfChange(by, what, from, to));
  }

  /** Compares what an instance found with what it found before. */
  instanceReported({ instance, breakers, dead, overloaded }: InstanceReport): void {
    const { incidents } = this.#ports;
    const state = breakers.turso;
    const before = incidents.changed(`breaker:turso:${instance}`, state);
    const isFirstAndWell = before === null && state === "closed";
    if (before !== undefined && !isFirstAndWell) {
      const move = { words: `instance ${instance}`, instance, from: before ?? "closed", to: state };
      this.#breakerMoved({ backend: "turso", ...move });
    }
    if (dead !== undefined) this.#parked(instance, dead);
    if (overloaded !== undefined) this.#overload(instance, overloaded);
  }

  r2Moved({ from, to }: Transition): void {
    this.#breakerMoved({ backend: "r2", words: "the Coordinator", from, to });
  }

  #breakerMoved(move: BreakerMove): void {
    for (const incident of this.#outages.moved(move)) this.record(incident);
  }

  /** Counts a request for a long job, by what became of it. */
  jobRequested(
    kind: LabelsOf<"memory_job_requests_total">["kind"],
    result: LabelsOf<"memory_job_requests_total">["result"],
  ): void {
    this.#ports.metrics.meter.count("memory_job_requests_total", { kind, result });
  }

  /** Counts a run that was not begun: another is at work, or it was done already. */
  jobSkipped(job: string): void {
    this.#ports.metrics.meter.count("memory_job_runs_total", { job, result: "skipped" });
  }

  jobEnded({ job, result, detail }: JobRun): void {
    this.#ports.metrics.meter.count("memory_job_runs_total", { job, result });
    const isBackup = job in BACKUP_JOBS || job === VERIFY_JOB;
    const failed = result === "failure";
    if (isBackup) {
      const severity = failed ? "critical" : "info";
      const title = `${job}: ${result}`;
      this.record({ kind: "backup", severity, title, detail: { job, detail } });
    } else if (failed) {
      const title = `job ${job} failed`;
      this.record({ kind: "job", severity: "warning", title, detail: { job, detail } });
    }
  }

  /** A restore, and a backup that somebody had deleted, are in the timeline as what they are. */
  askedJobEnded({ kind, by, params, id, error }: AskedJob, status: string): void {
    const { backup } = JSON.parse(params) as { backup?: unknown };
    const isDeletion = kind === "retention" && typeof backup === "string";
    if (kind !== "restore" && !isDeletion) return;
    const what = isDeletion
      ? `deletion of backup ${backup}`
      : `restore of backup ${String(backup)}`;
    this.record({
      kind: isDeletion ? "backup" : "restore",
      severity: status === "succeeded" && !isDeletion ? "info" : "warning",
      title: `${what}: ${status} (${id}, ${by})`,
      detail: { by, job: id, backup, error },
    });
  }

  /** Compares a health check with the last one. Answers with the incidents that this made. */
  health(readiness: ReadinessView, r2Failed: string | null): Incident[] {
    const { incidents, now } = this.#ports;
    const begun = now();
    const last = incidents.since(0).at(-1)?.seq ?? 0;
    const r2 = {
      name: "r2",
      status: r2Failed === null ? ("healthy" as const) : ("degraded" as const),
      message: r2Failed ?? "answers",
    };
    for (const { name, status, message } of [...readiness.checks, r2]) {
      const before = incidents.changed(`health:${name}`, status);
      if (before === undefined || (before === null && status === "healthy")) continue;
      const severity: Severity =
        status === "healthy" ? "info" : status === "degraded" ? "warning" : "critical";
      const title = `${name}: ${before ?? "healthy"} → ${status}`;
      this.record({ kind: "health", severity, title, detail: { check: name, message } });
    }
    return incidents.since(begun).filter(({ seq }) => seq > last);
  }

  /** Adds to a sample what only this object can measure, and keeps it. */
  async addSample(sample: MetricSample): Promise<MetricSample> {
    const { database, samples } = this.#ports;
    const totals = { ...sample.totals };
    await this.#measure("database_bytes", async () =>
      Object.assign(totals, await databaseSizes(database)),
    );
    await this.#measure("r2_bytes", async () => {
      totals.r2_bytes = await this.#bucketBytes(sample.at);
    });
    const whole = { ...sample, totals };
    samples.add(whole);
    return whole;
  }

  /** @param since ms since the epoch */
  timeline(since: number): { incidents: Incident[]; samples: MetricSample[] } {
    const { incidents, samples } = this.#ports;
    return { incidents: incidents.since(since), samples: samples.since(since) };
  }

  /** @param since ms since the epoch */
  hourly(since: number): MetricSample[] {
    return this.#ports.samples.since(since, true);
  }

  /** Drops what is older than it is kept for; answers with how much that was. */
  prune(): { incidents: number; samples: number } {
    const { incidents, samples, now } = this.#ports;
    return {
      incidents: incidents.prune(now() - INCIDENTS_KEPT_MS),
      samples: samples.prune(now()),
    };
  }

  facts(): CoordinatorFacts {
    const { controlStore, lastRuns, r2 } = this.#ports;
    const { maintenance, degraded, restore, version, topology } = controlStore.control;
    return {
      maintenance,
      degraded,
      restore,
      jobs: lastRuns.last(),
      jobs_since: isoTime(lastRuns.since),
      settings: controlStore.settings,
      control_version: version,
      instances: topology.count,
      r2: r2.view(),
    };
  }

  /** Backups are in the bucket of which there is no record here. */
  backupsFound(found: CommandInput<"backups.found">): void {
    for (const { kind, id, at } of found) {
      const [job] = Object.entries(BACKUP_JOBS).find(([, own]) => own === kind) ?? [];
      const detail = `${id} is in the bucket; the record of it was lost`;
      if (job === undefined) continue;
      for (const run of [job, VERIFY_JOB]) this.#ports.lastRuns.found({ job: run, detail }, at);
    }
    const title = `${found.length} backups are in the bucket that there was no record of`;
    this.record({ kind: "backup", severity: "warning", title, detail: { found } });
  }

  /** The Coordinator's own series, and how many instances have some. */
  series(): { samples: Sample[]; instance_count: number } {
    const { metrics, controlStore, samples, lastRuns, r2 } = this.#ports;
    const { control, settings } = controlStore;
    const { topology } = control;
    return {
      samples: coordinatorSamples({
        counted: metrics.shown(),
        control,
        databaseMaxBytes: settings.database_max_bytes,
        totals: samples.latest()?.totals,
        runs: lastRuns.last(),
        jobsSince: lastRuns.since,
        r2: r2.view().state,
      }),
      instance_count: Math.max(topology.count, topology.previous ?? 0),
    };
  }

  #parked(instance: number, dead: number): void {
    const before = this.#ports.incidents.changed(`dead:${instance}`, String(dead));
    if (before === undefined || dead <= Number(before ?? 0)) return;
    const title = `${dead} rows are parked at instance ${instance}`;
    const detail = { instance, dead };
    this.record({ kind: "dead_letters", severity: "warning", title, detail });
  }

  #overload(instance: number, refused: number): void {
    const before = this.#ports.incidents.changed(`overloaded:${instance}`, String(refused));
    const count = refused - Number(before ?? 0);
    if (before === undefined || count <= 0) return;
    const now = this.#ports.now();
    const last = this.#overloaded.get(instance) ?? Number.NEGATIVE_INFINITY;
    if (now - last < OVERLOAD_EVERY_MS) return;
    this.#overloaded.set(instance, now);
    const title = `instance ${instance} refused ${count} calls for being too busy`;
    this.record({ kind: "overload", severity: "warning", title, detail: { instance, count } });
  }

  /** The bucket is measured once an hour. @param at of the sample, RFC 3339 */
  async #bucketBytes(at: string): Promise<number> {
    const { samples, bucket } = this.#ports;
    const last = samples.latest();
    const isSameHour = last?.at.slice(0, 13) === at.slice(0, 13);
    const measured = last?.totals.r2_bytes;
    return isSameHour && measured !== undefined ? measured : bucketBytes(bucket);
  }

  async #measure(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = String(error);
      this.#ports.log({ event: "measure_failed", what, reason });
    }
  }
}
