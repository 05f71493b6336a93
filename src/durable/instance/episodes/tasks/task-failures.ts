/**
 * The owner of the table `task_failures`: which pending tasks failed, when each is due again, and
 * which were given up. A task is named by its kind, namespace and episode; whoever keeps it asks
 * here whether it is due. A task that cannot succeed holds nothing else back: it waits longer after
 * each failure, and after some it is a dead letter, which readiness names and an operator retries.
 *
 * @module
 */

import type { DeadLetterView } from "../../../../contract/storage/answers.ts";
import type { Counting } from "../../../../observability/index.ts";
import { DATABASE_ERRORS, DatabaseError, type LocalSql } from "../../../../storage/index.ts";
import type { PartContext, Part } from "../../../shared/context.ts";
import { Moved, Refused } from "../../../shared/refusals.ts";
import { backoffMs, isWaitOver } from "../../../../util/backoff.ts";
import { isoTime } from "../../../../util/time.ts";
import { TASK_WAIT_MAX_MS } from "./conditions.ts";

export const TASK_FAILURES_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS task_failures (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    error TEXT NOT NULL, dead_at INTEGER, lasting INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, namespace, id)) STRICT`,
];

export interface Task {
  /**
   * `learn`: a namespace's home learns an ended episode. `forget`: it takes the evidence of a
   * deleted one back. `forget_again`: it does so once more, later.
   */
  kind: "learn" | "forget" | "forget_again";
  namespace: string;
  /** Of the episode. */
  id: string;
}

/** The wait after the first failure, doubled with each, ms. */
const FIRST_WAIT_MS = 1_000;
/**
 * Failures that no waiting mends after which a task is given up: two minutes with the waits between
 * them.
 */
const TRIES_MAX = 8;
/** Characters of an error that are kept. */
const ERROR_CHARS = 500;

type TaskFailuresContext = Pick<PartContext, "sql" | "now" | "log"> & { meter: Counting };

const IS_TASK = "kind = ? AND namespace = ? AND id = ?";

export class TaskFailures implements Part {
  readonly schema = TASK_FAILURES_SCHEMA;
  readonly #context: TaskFailuresContext;

  constructor(context: TaskFailuresContext) {
    this.#context = context;
  }

  /**
   * Notes a failure. A passing one is tried for ever, however often it comes, and tells nothing
   * against the task; of any other it is given up after TRIES_MAX.
   */
  failed({ kind, namespace, id }: Task, error: unknown): void {
    const { sql, now, meter, log } = this.#context;
    const text = `SELECT tries, lasting FROM task_failures WHERE ${IS_TASK}`;
    const [before] = sql.all<{ tries: number; lasting: number }>(text, kind, namespace, id);
    const tries = (before?.tries ?? 0) + 1;
    const lasting = (before?.lasting ?? 0) + (isPassing(error) ? 0 : 1);
    const isDead = lasting >= TRIES_MAX && !isPassing(error);
    const wait = backoffMs(tries, FIRST_WAIT_MS, TASK_WAIT_MAX_MS);
    const reason = String(error);
    sql.run(
      `INSERT OR REPLACE INTO task_failures
        (kind, namespace, id, tries, next_at, error, dead_at, lasting)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      kind,
      namespace,
      id,
      tries,
      now() + wait,
      reason.slice(0, ERROR_CHARS),
      isDead ? now() : null,
      lasting,
    );
    meter.count("memory_task_failures_total", { kind });
    const task = { task: kind, namespace, episode_id: id, tries, reason };
    if (isDead) log({ event: "task_dead", level: "error", ...task });
    else log({ event: "task_failed", level: "warn", ...task });
  }

  /** The task did not fail, but is not to be tried before this, ms since the epoch. */
  wait({ kind, namespace, id }: Task, until: number): void {
    this.#context.sql.run(
      `INSERT OR REPLACE INTO task_failures (kind, namespace, id, tries, next_at, error, dead_at)
        VALUES (?, ?, ?, 0, ?, '', NULL)`,
      kind,
      namespace,
      id,
      until,
    );
  }

  /** Whether the task failed here, or waits. */
  has({ kind, namespace, id }: Task): boolean {
    const text = `SELECT 1 AS n FROM task_failures WHERE ${IS_TASK}`;
    return this.#context.sql.all(text, kind, namespace, id).length > 0;
  }

  /** Whether the task may be tried now. */
  isDue({ kind, namespace, id }: Task): boolean {
    const [row] = this.#context.sql.all<{ next_at: number; dead_at: number | null }>(
      `SELECT next_at, dead_at FROM task_failures WHERE ${IS_TASK}`,
      kind,
      namespace,
      id,
    );
    if (!row) return true;
    return row.dead_at === null && isWaitOver(row.next_at, this.#context.now(), TASK_WAIT_MAX_MS);
  }

  /** The task is done, or there is none any more. */
  done({ kind, namespace, id }: Task): void {
    this.#context.sql.run(`DELETE FROM task_failures WHERE ${IS_TASK}`, kind, namespace, id);
  }

  /** Nothing is to be done about an episode any more. */
  forget(namespace: string, id: string): void {
    this.#context.sql.run(
      "DELETE FROM task_failures WHERE namespace = ? AND id = ?",
      namespace,
      id,
    );
  }

  /** The tasks of an episode (`learn`, `forget`) are somebody else's, or there are none. */
  forgetEpisode(namespace: string, id: string): void {
    const text = "DELETE FROM task_failures WHERE namespace = ? AND id = ?";
    this.#context.sql.run(text, namespace, id);
  }

  /** The namespace is erased. */
  forgetNamespace(namespace: string): void {
    this.#context.sql.run("DELETE FROM task_failures WHERE namespace = ?", namespace);
  }

  /** How many were given up, and why the last one was. */
  dead(): { count: number; last_error: string | null } {
    const [row] = this.#context.sql.all<{ count: number; last_error: string | null }>(
      `SELECT count(*) AS count, (SELECT error FROM task_failures WHERE dead_at IS NOT NULL
          ORDER BY dead_at DESC LIMIT 1) AS last_error
        FROM task_failures WHERE dead_at IS NOT NULL`,
    );
    return row ?? { count: 0, last_error: null };
  }

  /** Oldest first. */
  list(instance: number, limit: number): DeadLetterView[] {
    const rows = this.#context.sql.all(
      `SELECT kind, namespace, id, tries, error, dead_at FROM task_failures
        WHERE dead_at IS NOT NULL ORDER BY dead_at, kind, namespace, id LIMIT ?`,
      limit,
    );
    return rows.map((row) => ({
      instance,
      table: `task:${String(row["kind"])}`,
      key: [String(row["namespace"]), String(row["id"])],
      reason: "failed",
      detail: String(row["error"]),
      parked_at: isoTime(Number(row["dead_at"])),
      tries: Number(row["tries"]),
    }));
  }

  /** Those that were given up are due at once. Returns how many. */
  retryDead(): number {
    const { sql, now } = this.#context;
    const again = sql.all(
      `UPDATE task_failures SET dead_at = NULL, tries = 0, lasting = 0, next_at = ? WHERE dead_at IS NOT NULL
        RETURNING kind`,
      now(),
    );
    return again.length;
  }
}

/** Adds the column that an earlier release did not have; after the tables are made. */
export function migrateTaskFailures(sql: LocalSql): void {
  const text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'task_failures'";
  const [made] = sql.all<{ sql: string }>(text);
  if (!made || /\blasting\b/.test(made.sql)) return;
  sql.run("ALTER TABLE task_failures ADD COLUMN lasting INTEGER NOT NULL DEFAULT 0");
}

const PASSING: ReadonlySet<string> = new Set([
  "database_unavailable",
  "not_ready",
  "maintenance",
  "outbox_full",
  "overloaded",
  "rate_limited",
  "idempotency_in_flight",
]);

/** Whether the same task may succeed later although nobody changes anything. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Moved) return true;
  if (error instanceof Refused) return PASSING.has(error.failure.code);
  if (error instanceof DatabaseError) return DATABASE_ERRORS[error.kind].at_fault === "database";
  // What the platform throws when a call did not reach its object, or the object is busy.
  const { retryable, overloaded } = (error ?? {}) as { retryable?: boolean; overloaded?: boolean };
  return retryable === true || overloaded === true;
}
