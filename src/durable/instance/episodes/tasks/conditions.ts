/**
 * Conditions on `pending_tasks` and `task_failures` for the SQL of others.
 *
 * @module
 */

/** Nothing is to be done about the episode of `alias`, by its `namespace` and `id`. */
export function hasNoPendingTask(alias: string): string {
  return `NOT EXISTS (SELECT 1 FROM pending_tasks r
    WHERE r.namespace = ${alias}.namespace AND r.id = ${alias}.id)`;
}

/** The failures of tasks as `f`, joined to a statement. @param of expressions of SQL */
export function joinFailures(of: Record<"kind" | "namespace" | "id", string>): string {
  return `LEFT JOIN task_failures f
    ON f.kind = ${of.kind} AND f.namespace = ${of.namespace} AND f.id = ${of.id}`;
}

/** The longest that a task waits, ms. */
export const TASK_WAIT_MAX_MS = 60_000;
/**
 * After `joinFailures`: the task may be tried, as `isWaitOver` says; its argument is the time now.
 */
export const TASK_IS_DUE = `(f.kind IS NULL OR
  (f.dead_at IS NULL AND f.next_at - ? NOT BETWEEN 1 AND ${TASK_WAIT_MAX_MS}))`;
/** After `joinFailures`: the task was not given up. */
export const TASK_IS_ALIVE = "f.dead_at IS NULL";
/** After `joinFailures`: when the task may be tried, ms since the epoch. */
export const TASK_NEXT_AT = "coalesce(f.next_at, 0)";
