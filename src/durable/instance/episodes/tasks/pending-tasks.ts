/**
 * The owner of the table `pending_tasks`: what the home of a namespace must still learn, or forget,
 * of its episodes. A task is stored in the transaction of the change that it follows from, and
 * removed when it is done; so it is done at least once.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";
import type { Part } from "../../../shared/context.ts";
import type { InstanceContext } from "../../context.ts";
import {
  joinFailures,
  TASK_IS_ALIVE,
  TASK_IS_DUE,
  TASK_NEXT_AT,
  TASK_WAIT_MAX_MS,
} from "./conditions.ts";
import { isWaitOver } from "../../../../util/backoff.ts";
import type { Task, TaskFailures } from "./task-failures.ts";

export const PENDING_TASKS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS pending_tasks (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, recall_id TEXT,
    PRIMARY KEY (kind, namespace, id)) STRICT`,
];

/**
 * learn: the episode ended, or was changed afterwards. forget: it was deleted. forget_again: it was,
 * and what had been sent of it to be learned may have arrived since it was forgotten.
 */
export type PendingTask = Task;

/**
 * A task that was added is done by the call that added it; if that is cut short, after this, ms.
 */
export const TASK_WAIT_MS = 1_000;

const WITH_FAILURES = joinFailures({ kind: "e.kind", namespace: "e.namespace", id: "e.id" });

export class PendingTasks implements Part {
  readonly schema = PENDING_TASKS_SCHEMA;
  readonly #context: InstanceContext;
  readonly #sql: LocalSql;
  readonly #failures: TaskFailures;

  constructor(context: InstanceContext, failures: TaskFailures) {
    this.#context = context;
    this.#sql = context.sql;
    this.#failures = failures;
  }

  /** In the transaction of the change. @param recallId the recall that the episode had used */
  add({ kind, namespace, id }: PendingTask, recallId: string | null = null): void {
    const text =
      "INSERT OR REPLACE INTO pending_tasks (kind, namespace, id, recall_id) VALUES (?, ?, ?, ?)";
    this.#sql.run(text, kind, namespace, id, recallId);
    // The episode has changed: failures of an earlier task do not count.
    this.#failures.done({ kind, namespace, id });
    this.#context.wake(this.#context.now() + TASK_WAIT_MS);
  }

  /** The task is done, or there is nothing to do. In a transaction or not. */
  done({ kind, namespace, id }: PendingTask): void {
    const text = "DELETE FROM pending_tasks WHERE kind = ? AND namespace = ? AND id = ?";
    this.#sql.run(text, kind, namespace, id);
    this.#failures.done({ kind, namespace, id });
  }

  /** Nothing is to be done about an episode any more; in a transaction. */
  clearEpisode(namespace: string, id: string): void {
    this.#sql.run("DELETE FROM pending_tasks WHERE namespace = ? AND id = ?", namespace, id);
    this.#failures.forget(namespace, id);
  }

  /** Whether the episode is still to be learned, and the recall that it had used. */
  learnTask(namespace: string, id: string): { recall_id: string | null } | null {
    const text =
      "SELECT recall_id FROM pending_tasks WHERE kind = 'learn' AND namespace = ? AND id = ?";
    return this.#sql.all<{ recall_id: string | null }>(text, namespace, id)[0] ?? null;
  }

  /** Whether the episode was deleted, and is still to be forgotten. */
  isToForget(namespace: string, id: string): boolean {
    const text =
      "SELECT 1 AS n FROM pending_tasks WHERE kind = 'forget' AND namespace = ? AND id = ?";
    return this.#sql.all(text, namespace, id).length > 0;
  }

  /** Whether anything is to be done about an episode. */
  hasAny(namespace: string, id: string): boolean {
    const text = "SELECT 1 AS n FROM pending_tasks WHERE namespace = ? AND id = ?";
    return this.#sql.all(text, namespace, id).length > 0;
  }

  /** Tasks that may be tried now, oldest first. */
  due(limit: number): PendingTask[] {
    return this.#sql.all<PendingTask & Record<string, string>>(
      `SELECT e.kind, e.namespace, e.id FROM pending_tasks e ${WITH_FAILURES} WHERE ${TASK_IS_DUE}
        ORDER BY e.rowid LIMIT ?`,
      this.#context.now(),
      limit,
    );
  }

  /**
   * When the next task is due, ms since the epoch; null: none is left but those that were given up.
   */
  nextAt(): number | null {
    const [row] = this.#sql.all<{ at: number | null }>(
      `SELECT min(${TASK_NEXT_AT}) AS at FROM pending_tasks e ${WITH_FAILURES}
        WHERE ${TASK_IS_ALIVE}`,
    );
    const at = row?.at ?? null;
    const now = this.#context.now();
    return at !== null && isWaitOver(at, now, TASK_WAIT_MAX_MS) ? Math.min(at, now) : at;
  }

  /** How many there are, given up ones included. */
  count(): number {
    const text = "SELECT count(*) AS n FROM pending_tasks";
    return this.#sql.all<{ n: number }>(text)[0]?.n ?? 0;
  }
}

/**
 * Takes over what an earlier release kept in a table of another name; after the tables are made.
 */
export function migratePendingTasks(sql: LocalSql): void {
  const [former] = sql.all("SELECT 1 AS n FROM sqlite_master WHERE name = 'errands'");
  if (!former) return;
  sql.run(`INSERT OR IGNORE INTO pending_tasks (kind, namespace, id, recall_id)
    SELECT kind, namespace, id, recall_id FROM errands`);
  sql.run("DROP TABLE errands");
}
