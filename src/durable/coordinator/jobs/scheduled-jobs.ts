/**
 * Which jobs ran when and how they ended. A schedule starts a job at least once, and starts may
 * overlap: a run is known by the time it was scheduled for, and holds a lease while it works.
 *
 * @module
 */

import type { JobRunView } from "../../../observability/index.ts";
import type { LocalSql } from "../../../storage/index.ts";
import type { JobResult } from "../../shared/protocol.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS job_runs (
    job TEXT NOT NULL, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL, lease_until INTEGER NOT NULL,
    ended_at INTEGER, result TEXT, detail TEXT NOT NULL, PRIMARY KEY (job, scheduled_at)) STRICT`,
  `CREATE TABLE IF NOT EXISTS job_successes (job TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
];

/** Runs of each job that are kept. */
const RUNS_KEPT = 100;

interface Row extends Record<string, string | number | null> {
  job: string;
  scheduled_at: number;
  started_at: number;
  ended_at: number | null;
  result: string | null;
  detail: string;
  success_at: number | null;
}

export class JobLedger {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /**
   * Whether the run may begin: no, when this very run has succeeded or is under way, or another run
   * of the job is. A run that failed, or whose lease has passed, may be repeated.
   */
  begin(job: string, scheduledAt: number, leaseMs: number, now: number): boolean {
    const [running] = this.#sql.all(
      "SELECT 1 AS n FROM job_runs WHERE job = ? AND ended_at IS NULL AND lease_until > ?",
      job,
      now,
    );
    const [done] = this.#sql.all(
      "SELECT 1 AS n FROM job_runs WHERE job = ? AND scheduled_at = ? AND result = 'success'",
      job,
      scheduledAt,
    );
    if (running || done) return false;
    this.#sql.run(
      `INSERT OR REPLACE INTO job_runs (job, scheduled_at, started_at, lease_until, ended_at, result, detail)
        VALUES (?, ?, ?, ?, NULL, NULL, '')`,
      job,
      scheduledAt,
      now,
      now + leaseMs,
    );
    return true;
  }

  /** Notes a run that began without asking whether it may: it has its own lease. */
  record(job: string, scheduledAt: number, startedAt: number): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO job_runs (job, scheduled_at, started_at, lease_until, ended_at, result, detail)
        VALUES (?, ?, ?, ?, NULL, NULL, '')`,
      job,
      scheduledAt,
      startedAt,
      startedAt,
    );
  }

  end(job: string, scheduledAt: number, result: JobResult, detail: string, now: number): void {
    this.#sql.run(
      "UPDATE job_runs SET ended_at = ?, result = ?, detail = ? WHERE job = ? AND scheduled_at = ?",
      now,
      result,
      detail.slice(0, 1_000),
      job,
      scheduledAt,
    );
    if (result === "success")
      this.#sql.run("INSERT OR REPLACE INTO job_successes (job, at) VALUES (?, ?)", job, now);
    this.#sql.run(
      `DELETE FROM job_runs WHERE job = ? AND scheduled_at NOT IN
        (SELECT scheduled_at FROM job_runs WHERE job = ? ORDER BY scheduled_at DESC LIMIT ?)`,
      job,
      job,
      RUNS_KEPT,
    );
  }

  /** The last run of each job, by name. */
  last(): JobRunView[] {
    return this.#sql
      .all<Row>(
        `SELECT r.*, s.at AS success_at FROM job_runs r LEFT JOIN job_successes s ON s.job = r.job
          WHERE r.scheduled_at = (SELECT max(scheduled_at) FROM job_runs WHERE job = r.job) ORDER BY r.job`,
      )
      .map((row) => ({
        job: row.job,
        scheduled_at: isoTime(row.scheduled_at),
        started_at: isoTime(row.started_at),
        ended_at: isoTimeOrNull(row.ended_at),
        result: row.result === null ? null : (row.result as JobResult),
        detail: row.detail,
        last_success_at: isoTimeOrNull(row.success_at),
      }));
  }
}
