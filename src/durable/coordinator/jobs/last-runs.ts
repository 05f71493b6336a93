/**
 * What jobs came to, by the names under which readiness, metrics, incidents and alerts speak of
 * them. A job may be several runs: a backup is read back after it is written, so it is a run of
 * `backup-full` and of `backup-verify`. Kept is the last run of each name, and when one last
 * succeeded. The only place that reads or writes the table `job_last_runs`.
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

  /** @param sql where `LAST_RUNS_SCHEMA` and what release 0.1 left were brought up to date */
  constructor(sql: LocalSql) {
    this.#sql = sql;
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
  database?: { kind?: string } | null;
  note?: string;
}

/**
 * The runs that a job which ended was. None for a job that was cancelled, and for a restore:
 * readiness says what a restore holds.
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
      return [];
  }
}

function backupRuns(row: JobRow, result: JobRun["result"], detail: string): JobRun[] {
  const asked = String((JSON.parse(row.params) as { kind?: unknown }).kind);
  if (result === "failure") return [{ job: `backup-${asked}`, result, detail }];
  const made = resultOf(row).kind ?? asked;
  const kinds = [...new Set([asked, made])];
  return [
    ...kinds.map((kind) => ({ job: `backup-${kind}`, result, detail })),
    { job: VERIFY_JOB, result, detail },
  ];
}

function snapshotRuns(row: JobRow, result: JobRun["result"], detail: string): JobRun[] {
  if (result === "failure") return [{ job: "backup-snapshot", result, detail }];
  const own = [
    { job: "backup-snapshot", result, detail },
    { job: VERIFY_JOB, result, detail },
  ];
  const { database, note } = resultOf(row);
  if (database === undefined) return own;
  const kinds = [...new Set(["incremental", database?.kind ?? "incremental"])];
  return [
    ...own,
    ...kinds.map((kind): JobRun => ({
      job: `backup-${kind}`,
      result: database === null ? "failure" : "success",
      detail: note ?? row.id,
    })),
  ];
}

const resultOf = (row: JobRow): BackupResult =>
  (row.result === null ? {} : (JSON.parse(row.result) ?? {})) as BackupResult;
