/**
 * Which namespaces this instance knows in full, how far the others are loaded, and how many digests
 * each has: the table `knowledge_namespaces`. Only this instance has it.
 *
 * @module
 */

import type { LocalSql, SqlValue } from "../../../../storage/index.ts";

export const NAMESPACES_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS knowledge_namespaces (
    namespace TEXT PRIMARY KEY, state TEXT NOT NULL, cursor TEXT NOT NULL,
    digests INTEGER NOT NULL DEFAULT 0) STRICT`,
];

/** ready: all of it is here. loading: slices are on their way. */
export type StoredState = "ready" | "loading";

/** How far a namespace is loaded. */
export interface LoadCursor {
  /** The table that is being read, by its place in the order of loading. */
  table: number;
  /** The last key that was read or dropped, without the namespace; null: the table's beginning. */
  after: SqlValue[] | null;
  /** When loading began, ms since the epoch; absent in cursors of earlier releases. */
  since?: number;
  /** The table whose copies are being dropped, before anything is read anew; absent: none is. */
  drop?: number;
}

/** null: nothing is known of the namespace. */
export function stateOf(sql: LocalSql, namespace: string): StoredState | null {
  const [row] = sql.all<{ state: StoredState }>(
    "SELECT state FROM knowledge_namespaces WHERE namespace = ?",
    namespace,
  );
  return row?.state ?? null;
}

export function cursorOf(sql: LocalSql, namespace: string): LoadCursor {
  const [row] = sql.all<{ cursor: string }>(
    "SELECT cursor FROM knowledge_namespaces WHERE namespace = ?",
    namespace,
  );
  return row ? (JSON.parse(row.cursor) as LoadCursor) : { table: 0, after: null };
}

export function setState(
  sql: LocalSql,
  namespace: string,
  state: StoredState,
  cursor: LoadCursor,
): void {
  sql.run(
    `INSERT INTO knowledge_namespaces (namespace, state, cursor) VALUES (?, ?, ?)
        ON CONFLICT (namespace) DO UPDATE SET state = excluded.state, cursor = excluded.cursor`,
    namespace,
    state,
    JSON.stringify(cursor),
  );
}

export function namesOf(sql: LocalSql): { namespace: string; state: StoredState }[] {
  return sql.all("SELECT namespace, state FROM knowledge_namespaces");
}

/** The first names behind this one, in their order. */
export function namesAfter(
  sql: LocalSql,
  after: string,
  limit: number,
): { namespace: string; state: StoredState }[] {
  return sql.all(
    "SELECT namespace, state FROM knowledge_namespaces WHERE namespace > ? ORDER BY namespace LIMIT ?",
    after,
    limit,
  );
}

/** How many namespaces are being loaded, and since when the one that takes longest is. */
export function loadingNow(sql: LocalSql): { namespaces: number; since: number | null } {
  const [row] = sql.all<{ n: number; since: number | null }>(
    `SELECT count(*) AS n, min(json_extract(cursor, '$.since')) AS since FROM knowledge_namespaces
        WHERE state = 'loading'`,
  );
  return { namespaces: row?.n ?? 0, since: row?.since ?? null };
}

/** Digests that the namespace has here. */
export function digestCount(sql: LocalSql, namespace: string): number {
  const [row] = sql.all<{ digests: number }>(
    "SELECT digests FROM knowledge_namespaces WHERE namespace = ?",
    namespace,
  );
  return row?.digests ?? 0;
}

export function changeDigestCount(sql: LocalSql, namespace: string, change: 1 | -1): void {
  sql.run(
    "UPDATE knowledge_namespaces SET digests = digests + ? WHERE namespace = ?",
    change,
    namespace,
  );
}

/** Counts the digests that are here, one by one. */
export function recountDigests(sql: LocalSql, namespace: string): void {
  sql.run(
    `UPDATE knowledge_namespaces SET digests = (SELECT count(*) FROM digests WHERE namespace = ?)
        WHERE namespace = ?`,
    namespace,
    namespace,
  );
}
