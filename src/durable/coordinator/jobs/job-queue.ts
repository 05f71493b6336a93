/**
 * Records of long jobs, and the lease that lets one run at a time. The Coordinator owns them;
 * Workflows do the work.
 *
 * @module
 */

import type { JobKind, JobProgress, JobStatus, JobView } from "../../../contract/jobs.ts";
import { canonicalJson } from "../../../memory/canonical.ts";
import { MS } from "../../../contract/limits.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { Refused } from "../../shared/refusals.ts";
import type { NewJob } from "../../shared/protocol.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";

const JOBS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL, params TEXT NOT NULL,
    by TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, progress TEXT, result TEXT,
    error TEXT, cancel INTEGER NOT NULL DEFAULT 0, launched INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE INDEX IF NOT EXISTS jobs_newest ON jobs (created_at DESC)`,
  // Keys of requests that joined a job which waited already.
  `CREATE TABLE IF NOT EXISTS job_keys (key TEXT PRIMARY KEY, job TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS job_lease (one INTEGER PRIMARY KEY CHECK (one = 1), job TEXT NOT NULL,
    until INTEGER NOT NULL) STRICT`,
];

/** A job that says nothing for this long has lost its lease; each step may take as long as that. */
const LEASE_MS = 20 * MS.minute;
/** Finished jobs that are kept. */
const HISTORY_MAX = 1_000;
/**
 * Jobs of one kind, and of all, that may wait; what nobody asked for by hand is not counted against
 * it.
 */
export const QUEUED_OF_KIND_MAX = 10;
export const QUEUED_MAX = 30;
/** Keys of joined requests that are kept. */
const KEYS_MAX = 1_000;
/**
 * How the keys of jobs begin that the service starts itself: each is a few jobs at most, and must
 * not be refused.
 */
const OWN_KEYS = /^(cron|migrations) /;
/** When it may be worth asking again, s: a job takes minutes. */
const RETRY_AFTER_S = 60;
/** A queued job whose Workflow did not report is launched again after this. */
export const LAUNCH_AGAIN_MS = MS.minute;

interface JobRow extends Record<string, string | number | null> {
  id: string;
  kind: string;
  status: string;
  params: string;
  by: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  progress: string | null;
  result: string | null;
  error: string | null;
  cancel: number;
}

export interface Started {
  job: JobView;
  /**
   * queued: it is new. coalesced: one that waits does the same. known: it was asked for with this
   * key before.
   */
  result: "queued" | "coalesced" | "known";
}

export class JobQueue {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    for (const statement of JOBS_SCHEMA) sql.run(statement);
  }

  /**
   * Makes a record. The job of this key is the same job (`known`), and so is one of the same kind
   * and parameters that has not begun (`coalesced`). Throws `Refused` when too many wait.
   */
  start(job: NewJob, uuid: string): Started {
    const known = this.#ofKey(job.key);
    if (known) return { job: this.#view(known), result: "known" };
    const waiting = this.#sql.all<JobRow>(
      "SELECT * FROM jobs WHERE status = 'queued' AND cancel = 0",
    );
    const params = canonicalJson(job.params);
    const same = waiting.find(
      (row) => row.kind === job.kind && canonicalJson(JSON.parse(row.params)) === params,
    );
    if (same) {
      this.#sql.run("INSERT INTO job_keys (key, job) VALUES (?, ?)", job.key, same.id);
      this.#forgetKeys();
      return { job: this.#view(same), result: "coalesced" };
    }
    if (!OWN_KEYS.test(job.key)) refuseTooMany(job.kind, waiting);

    const id = `${job.kind}-${uuid}`;
    this.#sql.run(
      "INSERT INTO jobs (id, key, kind, status, params, by, created_at) VALUES (?, ?, ?, 'queued', ?, ?, ?)",
      id,
      job.key,
      job.kind,
      JSON.stringify(job.params),
      job.by,
      this.#now(),
    );
    this.#sql.run(
      `DELETE FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled') AND id NOT IN (
        SELECT id FROM jobs ORDER BY created_at DESC LIMIT ?) AND id NOT IN (
        SELECT id FROM (SELECT id, max(finished_at) FROM jobs WHERE status = 'succeeded' GROUP BY kind))`,
      HISTORY_MAX,
    );
    return { job: this.get(id), result: "queued" };
  }

  /** How many wait. */
  queued(): number {
    return (
      this.#sql.all<{ n: number }>("SELECT count(*) AS n FROM jobs WHERE status = 'queued'")[0]
        ?.n ?? 0
    );
  }

  #ofKey(key: string): JobRow | undefined {
    return this.#sql.all<JobRow>(
      "SELECT * FROM jobs WHERE key = ? OR id = (SELECT job FROM job_keys WHERE key = ?)",
      key,
      key,
    )[0];
  }

  #forgetKeys(): void {
    this.#sql.run(
      `DELETE FROM job_keys WHERE job NOT IN (SELECT id FROM jobs)
        OR rowid NOT IN (SELECT rowid FROM job_keys ORDER BY rowid DESC LIMIT ?)`,
      KEYS_MAX,
    );
  }

  get(id: string): JobView {
    const [row] = this.#sql.all<JobRow>("SELECT * FROM jobs WHERE id = ?", id);
    if (!row) throw new Refused("not_found", `There is no job ${id}.`);
    return this.#view(row);
  }

  /** Newest first. */
  list(limit: number): JobView[] {
    return this.#sql
      .all<JobRow>("SELECT * FROM jobs ORDER BY created_at DESC, id DESC LIMIT ?", limit)
      .map((row) => this.#view(row));
  }

  /** Queued jobs that nobody took up; each is named again only after a while. */
  unlaunched(): string[] {
    const now = this.#now();
    const rows = this.#sql.all<{ id: string }>(
      "SELECT id FROM jobs WHERE status = 'queued' AND launched <= ?",
      now - LAUNCH_AGAIN_MS,
    );
    for (const { id } of rows) this.#sql.run("UPDATE jobs SET launched = ? WHERE id = ?", now, id);
    return rows.map(({ id }) => id);
  }

  /** Takes the lease for a job, or keeps it. */
  acquire(id: string): "go" | "wait" | "cancelled" {
    const now = this.#now();
    const job = this.get(id);
    const [row] = this.#sql.all<{ cancel: number }>("SELECT cancel FROM jobs WHERE id = ?", id);
    if (job.status === "cancelled" || row?.cancel === 1) {
      this.finish(id, "cancelled", null, null);
      return "cancelled";
    }
    this.#sql.run("UPDATE jobs SET launched = ? WHERE id = ?", now, id);
    const [lease] = this.#sql.all<{ job: string }>(
      "SELECT job FROM job_lease WHERE until > ? AND job <> ?",
      now,
      id,
    );
    if (lease) return "wait";
    this.#lease(id);
    this.#sql.run(
      "UPDATE jobs SET status = 'running', started_at = coalesce(started_at, ?) WHERE id = ? AND finished_at IS NULL",
      now,
      id,
    );
    return "go";
  }

  /**
   * Keeps the lease; says whether the job is to stop, because it was cancelled or another has the
   * lease.
   */
  report(id: string, progress: JobProgress): { cancel: boolean } {
    const [lease] = this.#sql.all<{ job: string }>(
      "SELECT job FROM job_lease WHERE until > ?",
      this.#now(),
    );
    if (lease && lease.job !== id) return { cancel: true };
    this.#lease(id);
    this.#sql.run("UPDATE jobs SET progress = ? WHERE id = ?", JSON.stringify(progress), id);
    return {
      cancel:
        (this.#sql.all<{ cancel: number }>("SELECT cancel FROM jobs WHERE id = ?", id)[0]?.cancel ??
          0) === 1,
    };
  }

  finish(id: string, status: JobStatus, result: unknown, error: string | null): JobView {
    this.#sql.run(
      `UPDATE jobs SET status = ?, result = ?, error = ?, finished_at = ? WHERE id = ? AND finished_at IS NULL`,
      status,
      result === null ? null : JSON.stringify(result),
      error,
      this.#now(),
      id,
    );
    this.#sql.run("DELETE FROM job_lease WHERE job = ?", id);
    return this.get(id);
  }

  /** A running job stops at its next step. */
  cancel(id: string): JobView {
    const job = this.get(id);
    if (job.finished_at !== null)
      throw new Refused("conflict", `The job ${id} has ended: ${job.status}.`);
    this.#sql.run("UPDATE jobs SET cancel = 1 WHERE id = ?", id);
    return job.status === "queued" ? this.finish(id, "cancelled", null, null) : this.get(id);
  }

  #lease(id: string): void {
    const until = this.#now() + LEASE_MS;
    this.#sql.run("INSERT OR REPLACE INTO job_lease (one, job, until) VALUES (1, ?, ?)", id, until);
  }

  #view(row: JobRow): JobView {
    const progress = row.progress === null ? null : (JSON.parse(row.progress) as JobProgress);
    const seconds = Math.max(
      0.001,
      ((row.finished_at ?? this.#now()) - (row.started_at ?? row.created_at)) / 1_000,
    );
    const share =
      progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
    return {
      id: row.id,
      kind: row.kind as JobKind,
      status: row.status as JobStatus,
      params: JSON.parse(row.params) as Record<string, unknown>,
      by: row.by,
      created_at: isoTime(row.created_at),
      started_at: isoTimeOrNull(row.started_at),
      finished_at: isoTimeOrNull(row.finished_at),
      progress: progress && {
        ...progress,
        percent: share === null ? null : Math.round(share * 1_000) / 10,
        rows_per_second: Math.round(progress.rows / seconds),
        seconds_left:
          share === null || share === 0 || row.finished_at !== null
            ? null
            : Math.round((seconds / share) * (1 - share)),
      },
      result: row.result === null ? null : (JSON.parse(row.result) as unknown),
      error: row.error,
    };
  }
}

function refuseTooMany(kind: JobKind, waiting: readonly JobRow[]): void {
  const ofKind = waiting.filter((row) => row.kind === kind).length;
  const tooMany =
    ofKind >= QUEUED_OF_KIND_MAX
      ? `${ofKind} jobs of the kind ${kind} wait already, and no more may`
      : waiting.length >= QUEUED_MAX
        ? `${waiting.length} jobs wait already, and no more may`
        : null;
  if (tooMany === null) return;
  const advice =
    "One runs at a time. See GET /admin/jobs; cancel what is not needed, or try again later.";
  throw new Refused("rate_limited", `${tooMany}. ${advice}`, { retry_after_s: RETRY_AFTER_S });
}
