/**
 * Brings what release 0.1 stored of jobs to the tables of this one. It had two systems: long jobs
 * in `jobs` with one lease in `job_lease`, and runs of scheduled jobs with a lease each in
 * `job_runs`, whose last successes were in `job_successes`. Long jobs that ended were runs there
 * too.
 *
 * @module
 */

import type { LocalSql } from "../../../storage/index.ts";
import { JOB_KINDS } from "./job.ts";
import { LEDGER_SCHEMA } from "./ledger.ts";
import { JOBS_SINCE_SCHEMA, LAST_RUNS_SCHEMA } from "./last-runs.ts";

/** Columns of `jobs` that release 0.1 did not have. */
const ADDED_COLUMNS: Readonly<Record<string, string>> = {
  scheduled_at: "INTEGER",
  lease_until: "INTEGER NOT NULL DEFAULT 0",
  waits_for: "TEXT",
};

/** Makes the tables of jobs what this release reads, whatever was there. */
export function openJobTables(sql: LocalSql, transaction: (work: () => void) => void): void {
  transaction(() => {
    for (const statement of [...LEDGER_SCHEMA, LAST_RUNS_SCHEMA, JOBS_SINCE_SCHEMA])
      sql.run(statement);
    const columns = new Set(
      sql
        .all<{ name: string }>("SELECT name FROM pragma_table_info('jobs')")
        .map(({ name }) => name),
    );
    for (const [name, type] of Object.entries(ADDED_COLUMNS))
      if (!columns.has(name)) sql.run(`ALTER TABLE jobs ADD COLUMN ${name} ${type}`);
    if (hasTable(sql, "job_lease")) carryLease(sql);
    if (hasTable(sql, "job_runs")) carryRuns(sql);
    if (hasTable(sql, "job_successes")) carrySuccesses(sql);
  });
}

function hasTable(sql: LocalSql, name: string): boolean {
  return (
    sql.all("SELECT 1 AS n FROM sqlite_master WHERE type = 'table' AND name = ?", name).length > 0
  );
}

function carryLease(sql: LocalSql): void {
  sql.run(`UPDATE jobs SET lease_until = job_lease.until FROM job_lease
    WHERE jobs.id = job_lease.job AND jobs.finished_at IS NULL`);
  sql.run("DROP TABLE job_lease");
}

/** The last run of each name stays; runs of short jobs are jobs, so that none runs again. */
function carryRuns(sql: LocalSql): void {
  sql.run(`INSERT INTO job_last_runs (job, scheduled_at, started_at, ended_at, result, detail)
    SELECT job, scheduled_at, started_at, ended_at, result, detail FROM job_runs r
      WHERE scheduled_at = (SELECT max(scheduled_at) FROM job_runs WHERE job = r.job)
    ON CONFLICT (job) DO UPDATE SET scheduled_at = excluded.scheduled_at,
      started_at = excluded.started_at, ended_at = excluded.ended_at, result = excluded.result,
      detail = excluded.detail
    WHERE excluded.scheduled_at > job_last_runs.scheduled_at`);
  const short = Object.entries(JOB_KINDS).filter(([kind, { lease }]) => kind === lease);
  sql.run(
    `INSERT OR IGNORE INTO jobs
      (id, key, kind, status, params, by, created_at, started_at, finished_at, result, error,
        scheduled_at, lease_until)
      SELECT job || '-' || scheduled_at, 'cron ' || job || ' ' || scheduled_at, job,
        CASE result WHEN 'success' THEN 'succeeded' WHEN 'failure' THEN 'failed' ELSE 'running' END,
        '{}', 'cron', started_at, started_at, ended_at,
        CASE result WHEN 'success' THEN json_quote(detail) END,
        CASE result WHEN 'failure' THEN detail END, scheduled_at, lease_until
      FROM job_runs WHERE job IN (SELECT value FROM json_each(?))`,
    JSON.stringify(short.map(([kind]) => kind)),
  );
  sql.run("DROP TABLE job_runs");
}

/** Every name that ever succeeded has runs: the newest hundred were kept. */
function carrySuccesses(sql: LocalSql): void {
  sql.run(`UPDATE job_last_runs SET last_success_at = max(coalesce(last_success_at, 0), s.at)
    FROM job_successes s WHERE s.job = job_last_runs.job`);
  sql.run("DROP TABLE job_successes");
}
