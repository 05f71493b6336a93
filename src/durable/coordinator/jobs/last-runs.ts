/**
 * Keeps what jobs came to, by the names under which readiness, metrics, incidents and alerts speak
 * of them. A job may be several runs: a backup is read back after it is written, so it is a run of
 * `backup-full` and of `backup-verify`. Kept is the last run of each name, and when one last
 * succeeded. The only place that reads or writes the tables `job_last_runs` and `jobs_since`.
 *
 * @module
 */

import { VERIFY_JOB, type JobRunView } from "../../../observability/index.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { isLong, type JobRow } from "./job.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";

export const LAST_RUNS_SCHEMA = `CREATE TABLE IF NOT EXISTS job_last_runs (
  job TEXT PRIMARY KEY, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL,
  ended_at INTEGER, result TEXT, detail TEXT NOT NULL, last_success_at INTEGER) STRICT`;

/** One row: since when jobs are waited for. */
export const JOBS_SINCE_SCHEMA =
  "CREATE TABLE IF NOT EXISTS jobs_since (at INTEGER NOT NULL) STRICT";

/** Characters of a detail that are kept. */
const DETAIL_CHARS = 1_000;

export interface JobRun {
  /** The name of the run, such as "backup-full". */
  job: string;
  result: "success" | "failure";
  /** What it found, or why it failed. */
  detail: string;
}

/** When a run was for and when it began, ms since the epoch. */
interface RunTimes {
  scheduled_at: number;
  started_at: number;
}

export class LastRuns {
  readonly #sql: LocalSql;

  /** Since when jobs are waited for: this Coordinator's first start, ms since the epoch. */
  readonly since: number;

  /**
   * @param sql where the schemas and what release 0.1 left were brought up to date
   * @param now ms since the epoch
   */
  constructor(sql: LocalSql, now: number) {
    this.#sql = sql;
    const [row] = sql.all<{ at: number }>("SELECT at FROM jobs_since");
    this.since = row?.at ?? now;
    if (!row) sql.run("INSERT INTO jobs_since (at) VALUES (?)", now);
  }

  /** A run began; it is the last one of its name unless one for a later time was seen. */
  begun(job: string, { scheduled_at, started_at }: RunTimes): void {
    this.#sql.run(
      `INSERT INTO job_last_runs (job, scheduled_at, started_at, detail) VALUES (?, ?, ?, '')
        ON CONFLICT (job) DO UPDATE SET scheduled_at = excluded.scheduled_at,
          started_at = excluded.started_at, ended_at = NULL, result = NULL, detail = ''
        WHERE excluded.scheduled_at >= job_last_runs.scheduled_at`,
      job,
      scheduled_at,
      started_at,
    );
  }

  /** A run ended. @param now ms since the epoch */
  ended({ job, result, detail }: JobRun, times: RunTimes, now: number): void {
    this.begun(job, times);
    this.#sql.run(
      `UPDATE job_last_runs SET ended_at = ?, result = ?, detail = ?
        WHERE job = ? AND scheduled_at = ?`,
      now,
      result,
      detail.slice(0, DETAIL_CHARS),
      job,
      times.scheduled_at,
    );
    if (result === "success")
      this.#sql.run("UPDATE job_last_runs SET last_success_at = ? WHERE job = ?", now, job);
  }

  /**
   * A run succeeded that there is no record of: what it made is there. A success on record stays.
   *
   * @param at ms since the epoch
   */
  found({ job, detail }: Pick<JobRun, "job" | "detail">, at: number): void {
    this.#sql.run(
      `INSERT INTO job_last_runs
        (job, scheduled_at, started_at, ended_at, result, detail, last_success_at)
        VALUES (?, ?, ?, ?, 'success', ?, ?)
        ON CONFLICT (job) DO UPDATE SET
          last_success_at = coalesce(job_last_runs.last_success_at, excluded.last_success_at)`,
      job,
      at,
      at,
      at,
      detail.slice(0, DETAIL_CHARS),
      at,
    );
  }

  /** The last run of each name, by name. */
  last(): JobRunView[] {
    return this.#sql
      .all<{
        job: string;
        scheduled_at: number;
        started_at: number;
        ended_at: number | null;
        result: string | null;
        detail: string;
        last_success_at: number | null;
      }>("SELECT * FROM job_last_runs ORDER BY job")
      .map((row) => ({
        job: row.job,
        scheduled_at: isoTime(row.scheduled_at),
        started_at: isoTime(row.started_at),
        ended_at: isoTimeOrNull(row.ended_at),
        result: row.result as JobRun["result"] | null,
        detail: row.detail,
        last_success_at: isoTimeOrNull(row.last_success_at),
      }));
  }
}

/** What is looked at of the results of backups and snapshots. */
interface BackupResult {
  /** Of the backup that was made: it may be another than was asked for. */
  kind?: string;
  /** Of a snapshot: the backup of the database that was taken with it; null: it failed. */
  database?: { kind?: string; broken?: string | null } | null;
  note?: string | null;
  /** Why what was there before can no longer be restored; null: it can. */
  broken?: string | null;
}

/**
 * The runs that a job which ended was. None for a job that was cancelled, for a restore,
 * of which readiness says what it holds, and for keys that are wrapped anew.
 */
export function runsOf(row: JobRow): JobRun[] {
  if (row.status !== "succeeded" && row.status !== "failed") return [];
  const result = row.status === "succeeded" ? "success" : "failure";
  if (!isLong(row.kind)) {
    const findings = row.result === null ? "" : String(JSON.parse(row.result));
    return [{ job: row.kind, result, detail: row.error ?? findings }];
  }
  const detail = row.error ?? row.id;
  switch (row.kind) {
    case "backup":
      return backupRuns(row, result, detail);
    case "snapshot":
      return snapshotRuns(row, result, detail);
    case "verify":
      return [{ job: VERIFY_JOB, result, detail }];
    case "drill":
      return [{ job: "restore-drill", result, detail }];
    case "retention":
      return [{ job: "retention", result, detail }];
    case "restore":
    case "rewrap":
      return [];
  }
}

function backupRuns(row: JobRow, result: JobRun["result"], detail: string): JobRun[] {
  const asked = String((JSON.parse(row.params) as { kind?: unknown }).kind);
  if (result === "failure") return [{ job: `backup-${asked}`, result, detail }];
  const { kind: made = asked, broken } = resultOf(row);
  const kinds = [...new Set([asked, made])];
  return [
    ...kinds.map((kind) => ({ job: `backup-${kind}`, result, detail })),
    verifyRun(broken, detail),
  ];
}

/** One that failed may have made its half: a snapshot without the backup of the database. */
function snapshotRuns(row: JobRow, result: JobRun["result"], detail: string): JobRun[] {
  const { database, note, kind } = resultOf(row);
  if (kind !== "snapshot") return [{ job: "backup-snapshot", result, detail }];
  const own: JobRun[] = [
    { job: "backup-snapshot", result: "success", detail: row.id },
    verifyRun(database?.broken, row.id),
  ];
  if (database === undefined) return own;
  const kinds = [...new Set(["incremental", database?.kind ?? "incremental"])];
  return [
    ...own,
    ...kinds.map((made): JobRun => ({
      job: `backup-${made}`,
      result: database === null ? "failure" : "success",
      detail: note ?? row.id,
    })),
  ];
}

/** What was made was read back; what was there before it may have turned out to be lost. */
function verifyRun(broken: string | null | undefined, detail: string): JobRun {
  return typeof broken === "string"
    ? {
        job: VERIFY_JOB,
        result: "failure",
        detail: `${broken}. What was taken now does without it`,
      }
    : { job: VERIFY_JOB, result: "success", detail };
}

/** Why backups from before a job cannot be restored any more, as it found; null: it found none. */
export function brokenChainOf(result: unknown): string | null {
  const { broken, database } = (result ?? {}) as BackupResult;
  return broken ?? database?.broken ?? null;
}

const resultOf = (row: JobRow): BackupResult =>
  (row.result === null ? {} : (JSON.parse(row.result) ?? {})) as BackupResult;
