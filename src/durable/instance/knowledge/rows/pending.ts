/**
 * What came while a namespace was not loaded, to be learned or forgotten afterwards, in the order
 * in which it came: the table `knowledge_pending`. Only this instance has it.
 *
 * @module
 */

import type { Digest } from "../../../../memory/learning/types.ts";
import { SLICE_BYTES, takeSlice, type LocalSql } from "../../../../storage/index.ts";
import { joinFailures, TASK_HAS_NOT_FAILED, TASK_IS_DUE } from "../../episodes/tasks/conditions.ts";

export const PENDING_SCHEMA: readonly string[] = [
  // body: the digest; null: the episode is to be forgotten.
  `CREATE TABLE IF NOT EXISTS knowledge_pending (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, episode_id TEXT NOT NULL,
    body TEXT, UNIQUE (namespace, episode_id)) STRICT`,
];

/** An episode to be learned; without a digest, to be forgotten. */
export interface PendingEpisode {
  episode_id: string;
  digest: Digest | null;
}

/** Episodes that are taken in one slice of loading. */
const EPISODES_AT_ONCE = 50;

/** What waits of a namespace and is due: it did not fail, or its wait is over. */
const WITH_FAILURES = joinFailures({
  kind: "'absorb'",
  namespace: "p.namespace",
  id: "p.episode_id",
});
const DUE = `FROM knowledge_pending p ${WITH_FAILURES} WHERE p.namespace = ? AND ${TASK_IS_DUE}`;

/** In place of what waited of the same episode before. */
export function addPending(
  sql: LocalSql,
  namespace: string,
  { episode_id, digest }: PendingEpisode,
): void {
  sql.run(
    "INSERT OR REPLACE INTO knowledge_pending (namespace, episode_id, body) VALUES (?, ?, ?)",
    namespace,
    episode_id,
    digest === null ? null : JSON.stringify(digest),
  );
}

export function removePending(sql: LocalSql, namespace: string, id: string): void {
  sql.run("DELETE FROM knowledge_pending WHERE namespace = ? AND episode_id = ?", namespace, id);
}

/** What is due, oldest first, a slice of it. */
export function duePending(sql: LocalSql, namespace: string, now: number): PendingEpisode[] {
  const due = sql.each<{ episode_id: string; body: string | null }>(
    `SELECT p.episode_id, p.body ${DUE} ORDER BY p.seq`,
    namespace,
    now,
  );
  return takeSlice(due, { rows: EPISODES_AT_ONCE, bytes: SLICE_BYTES }).rows.map(
    ({ episode_id, body }) => ({
      episode_id,
      digest: body === null ? null : (JSON.parse(body) as Digest),
    }),
  );
}

export function isAnyDue(sql: LocalSql, namespace: string, now: number): boolean {
  return sql.all(`SELECT 1 AS n ${DUE} LIMIT 1`, namespace, now).length > 0;
}

/** Whether anything waits, due or not. */
export function isAnyPending(sql: LocalSql, namespace: string): boolean {
  const text = "SELECT 1 AS n FROM knowledge_pending WHERE namespace = ? LIMIT 1";
  return sql.all(text, namespace).length > 0;
}

/**
 * Whether anything waits that has not failed: what failed does not keep a namespace from serving.
 */
export function isAnyUntried(sql: LocalSql, namespace: string): boolean {
  const text = `SELECT 1 AS n FROM knowledge_pending p ${WITH_FAILURES}
      WHERE p.namespace = ? AND ${TASK_HAS_NOT_FAILED} LIMIT 1`;
  return sql.all(text, namespace).length > 0;
}

/** The digests of these episodes that wait. */
export function pendingDigests(sql: LocalSql, namespace: string, ids: readonly string[]): Digest[] {
  return sql
    .all<{ body: string }>(
      `SELECT body FROM knowledge_pending WHERE namespace = ? AND body IS NOT NULL
        AND episode_id IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(ids),
    )
    .map((row) => JSON.parse(row.body) as Digest);
}
