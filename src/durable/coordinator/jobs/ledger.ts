/**
 * The ledger of jobs, of every kind, and their leases. The Coordinator owns it; who does the work
 * is nobody's concern here. A long job is queued, acquires its lease when nobody else has it, and
 * ends; a short one is begun at once, or not at all. The only place that reads or writes the tables
 * `jobs` and `job_keys`.
 *
 * @module
 */

import type {
  JobKind,
  JobProgress,
  JobStatus,
  JobView,
  ShortJobKind,
} from "../../../contract/backups/answers.ts";
import { MS } from "../../../contract/limits.ts";
import { canonicalJson } from "../../../memory/canonical.ts";
import type { LocalSql } from "../../../storage/index.ts";
import type { NewJob } from "../../shared/coordinator.ts";
import { Refused } from "../../shared/refusals.ts";
import { type AnyJobKind, isLong, JOB_KINDS, type JobRow, jobViewOf, LONG_KINDS } from "./job.ts";

export const LEDGER_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL,
    params TEXT NOT NULL, by TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER,
    finished_at INTEGER, progress TEXT, result TEXT, error TEXT,
    cancel INTEGER NOT NULL DEFAULT 0, launched INTEGER NOT NULL DEFAULT 0,
    scheduled_at INTEGER, lease_until INTEGER NOT NULL DEFAULT 0, waits_for TEXT) STRICT`,
  `CREATE INDEX IF NOT EXISTS jobs_newest ON jobs (created_at DESC)`,
  // Keys of requests that joined a job which waited already.
  `CREATE TABLE IF NOT EXISTS job_keys (key TEXT PRIMARY KEY, job TEXT NOT NULL) STRICT`,
];

/** Jobs that ended and are kept: of the long kinds together, and of each short kind. */
const LONG_KEPT = 1_000;
const SHORT_KEPT = 100;
/**
 * Jobs of one kind, and of all, that may wait; what nobody asked for by hand is not counted against
 * it.
 */
export const QUEUED_OF_KIND_MAX = 10;
export const QUEUED_MAX = 30;
/** Keys of joined requests that are kept. */
const KEYS_KEPT = 1_000;
/**
 * How the keys of jobs begin that the service starts itself: each is a few jobs at most, and must
 * not be refused.
 */
const OWN_KEYS = /^(cron|migrations|again) /;
/** When it may be worth asking again, s: a job takes minutes. */
const RETRY_AFTER_S = 60;
/** A queued job whose Workflow did not report is launched again after this, ms. */
export const LAUNCH_AGAIN_MS = MS.minute;

export interface Started {
  job: JobView;
  /**
   * queued: it is new. coalesced: one that waits does the same. known: it was asked for with this
   * key before.
   */
  result: "queued" | "coalesced" | "known";
}

/** A job that failed because of a backend, to be started again when that is back. */
export interface Waiting {
  id: string;
  kind: JobKind;
  params: Record<string, unknown>;
  by: string;
}

export class JobLedger {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  /** @param sql where `LEDGER_SCHEMA` and what release 0.1 left were brought up to date */
  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  /**
   * Queues a long job. The job of this key is the same job (`known`), and so is one of the same
   * kind and parameters that has not begun (`coalesced`). Throws `Refused` when too many wait.
   */
  start(job: NewJob, uuid: string): Started {
    const asked = this.#ofKey(job.key);
    if (asked) return { job: this.#view(asked), result: "known" };

    const waiting = this.#sql.all<JobRow>(
      "SELECT * FROM jobs WHERE status = 'queued' AND cancel = 0",
    );
    const params = canonicalJson(job.params);
    const same = waiting.find(
      (row) => row.kind === job.kind && canonicalJson(JSON.parse(row.params)) === params,
    );
    if (same) {
      this.#sql.run("INSERT INTO job_keys (key, job) VALUES (?, ?)", job.key, same.id);
      this.#dropKeys();
      return { job: this.#view(same), result: "coalesced" };
    }
    if (!OWN_KEYS.test(job.key)) refuseTooMany(job.kind, waiting);

    const id = `${job.kind}-${uuid}`;
    this.#sql.run(
      `INSERT INTO jobs (id, key, kind, status, params, by, created_at)
        VALUES (?, ?, ?, 'queued', ?, ?, ?)`,
      id,
      job.key,
      job.kind,
      JSON.stringify(job.params),
      job.by,
      this.#now(),
    );
    this.#dropOld(LONG_KINDS, LONG_KEPT);
    return { job: this.get(id), result: "queued" };
  }

  /**
   * Begins a short job for a scheduled time, and takes its lease. null: this very run has succeeded
   * or is at work, or another of its kind is. One that failed, or whose lease has passed, is begun
   * again.
   */
  begin(kind: ShortJobKind, scheduledAt: number): { id: string } | null {
    const now = this.#now();
    const id = `${kind}-${scheduledAt}`;
    if (this.#leaseHolder(kind, now) !== null) return null;
    const [before] = this.#sql.all<{ status: string }>("SELECT status FROM jobs WHERE id = ?", id);
    if (before?.status === "succeeded") return null;

    const key = `cron ${kind} ${scheduledAt}`;
    this.#sql.run(
      `INSERT OR REPLACE INTO jobs
        (id, key, kind, status, params, by, created_at, started_at, scheduled_at, lease_until)
        VALUES (?, ?, ?, 'running', '{}', 'cron', ?, ?, ?, ?)`,
      id,
      key,
      kind,
      now,
      now,
      scheduledAt,
      now + JOB_KINDS[kind].lease_ms,
    );
    this.#dropOld([kind], SHORT_KEPT);
    return { id };
  }

  /** How many long jobs wait. */
  queued(): number {
    const [row] = this.#sql.all<{ n: number }>(
      "SELECT count(*) AS n FROM jobs WHERE status = 'queued'",
    );
    return row?.n ?? 0;
  }

  /** A long job, as an operator sees it. Throws `Refused` when there is none of this id. */
  get(id: string): JobView {
    const row = this.row(id);
    if (!isLong(row.kind)) throw new Refused("not_found", `There is no job ${id}.`);
    return this.#view(row);
  }

  /** A job of any kind. Throws `Refused` when there is none of this id. */
  row(id: string): JobRow {
    const [row] = this.#sql.all<JobRow>("SELECT * FROM jobs WHERE id = ?", id);
    if (!row) throw new Refused("not_found", `There is no job ${id}.`);
    return row;
  }

  /** The long jobs, newest first. */
  list(limit: number): JobView[] {
    return this.#sql
      .all<JobRow>(
        `SELECT * FROM jobs WHERE kind IN (SELECT value FROM json_each(?))
          ORDER BY created_at DESC, id DESC LIMIT ?`,
        JSON.stringify(LONG_KINDS),
        limit,
      )
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

  /** Takes the lease of a queued job's kind, or keeps it. */
  acquire(id: string): "go" | "wait" | "cancelled" {
    const now = this.#now();
    const { status, cancel, kind } = this.row(id);
    if (status === "cancelled" || cancel === 1) {
      this.finish(id, "cancelled", null, null);
      return "cancelled";
    }
    this.#sql.run("UPDATE jobs SET launched = ? WHERE id = ?", now, id);
    const holder = this.#leaseHolder(kind as AnyJobKind, now);
    if (holder !== null && holder !== id) return "wait";
    this.#sql.run(
      `UPDATE jobs SET status = 'running', started_at = coalesce(started_at, ?), lease_until = ?
        WHERE id = ? AND finished_at IS NULL`,
      now,
      now + JOB_KINDS[kind as AnyJobKind].lease_ms,
      id,
    );
    return "go";
  }

  /**
   * Keeps the lease; says whether the job is to stop, because it was cancelled or another has the
   * lease.
   */
  report(id: string, progress: JobProgress): { cancel: boolean } {
    const now = this.#now();
    const { kind, cancel } = this.row(id);
    const holder = this.#leaseHolder(kind as AnyJobKind, now);
    if (holder !== null && holder !== id) return { cancel: true };
    this.#sql.run(
      "UPDATE jobs SET progress = ?, lease_until = ? WHERE id = ? AND finished_at IS NULL",
      JSON.stringify(progress),
      now + JOB_KINDS[kind as AnyJobKind].lease_ms,
      id,
    );
    return { cancel: cancel === 1 };
  }

  /** Ends a job and its lease. False: it had ended before, and stays as it was. */
  finish(
    id: string,
    status: Exclude<JobStatus, "queued" | "running">,
    result: unknown,
    error: string | null,
  ): boolean {
    const ended = this.#sql.all(
      `UPDATE jobs SET status = ?, result = ?, error = ?, finished_at = ?
        WHERE id = ? AND finished_at IS NULL RETURNING id`,
      status,
      result === null ? null : JSON.stringify(result),
      error,
      this.#now(),
      id,
    );
    return ended.length > 0;
  }

  /** A running long job stops at its next step. Throws `Refused` when it has ended. */
  cancel(id: string): JobView {
    const { finished_at, status } = this.get(id);
    if (finished_at !== null) throw new Refused("conflict", `The job ${id} has ended: ${status}.`);
    this.#sql.run("UPDATE jobs SET cancel = 1 WHERE id = ?", id);
    if (status === "queued") this.finish(id, "cancelled", null, null);
    return this.get(id);
  }

  /** A job that ended is to be started again when this backend is back. */
  awaitBackend(id: string, backend: string): void {
    this.#sql.run("UPDATE jobs SET waits_for = ? WHERE id = ?", backend, id);
  }

  /** A job that waits for this backend, and does so no more: it is back. null: none does. */
  takeWaiting(backend: string): Waiting | null {
    const [row] = this.#sql.all<{ id: string; kind: string; params: string; by: string }>(
      `UPDATE jobs SET waits_for = NULL
        WHERE id = (SELECT id FROM jobs WHERE waits_for = ? ORDER BY created_at LIMIT 1)
        RETURNING id, kind, params, by`,
      backend,
    );
    if (!row) return null;
    const params = JSON.parse(row.params) as Record<string, unknown>;
    return { ...row, kind: row.kind as JobKind, params };
  }

  /** The job that has the lease of this kind; null: nobody has. */
  #leaseHolder(kind: AnyJobKind, now: number): string | null {
    const { lease } = JOB_KINDS[kind];
    const kinds = Object.entries(JOB_KINDS).filter(([, rule]) => rule.lease === lease);
    const [row] = this.#sql.all<{ id: string }>(
      `SELECT id FROM jobs WHERE status = 'running' AND finished_at IS NULL AND lease_until > ?
        AND kind IN (SELECT value FROM json_each(?)) LIMIT 1`,
      now,
      JSON.stringify(kinds.map(([name]) => name)),
    );
    return row?.id ?? null;
  }

  #ofKey(key: string): JobRow | undefined {
    return this.#sql.all<JobRow>(
      "SELECT * FROM jobs WHERE key = ? OR id = (SELECT job FROM job_keys WHERE key = ?)",
      key,
      key,
    )[0];
  }

  /** Of these kinds together the newest stay, and the last success of each. */
  #dropOld(kinds: readonly AnyJobKind[], kept: number): void {
    const names = JSON.stringify(kinds);
    this.#sql.run(
      `DELETE FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled')
        AND kind IN (SELECT value FROM json_each(?))
        AND id NOT IN (SELECT id FROM jobs WHERE kind IN (SELECT value FROM json_each(?))
          ORDER BY created_at DESC LIMIT ?)
        AND id NOT IN (SELECT id FROM (
          SELECT id, max(finished_at) FROM jobs WHERE status = 'succeeded' GROUP BY kind))`,
      names,
      names,
      kept,
    );
  }

  #dropKeys(): void {
    this.#sql.run(
      `DELETE FROM job_keys WHERE job NOT IN (SELECT id FROM jobs)
        OR rowid NOT IN (SELECT rowid FROM job_keys ORDER BY rowid DESC LIMIT ?)`,
      KEYS_KEPT,
    );
  }

  #view(row: JobRow): JobView {
    return jobViewOf(row, this.#now());
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
