/**
 * Brings what the database knows of a namespace to this instance, in slices bounded in rows and
 * bytes. Before it is read again, the copies that are here are dropped likewise. What is unsent is
 * never touched: it is newer than the database's.
 *
 * @module
 */

import {
  readNamespaceSlice,
  remove,
  TABLES,
  takeSlice,
  upsertRow,
  type LocalSql,
  type SqlValue,
} from "../../../../storage/index.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { FeedbackRecord } from "../records.ts";
import { cursorOf, setState, stateOf, type LoadCursor } from "../rows/namespaces.ts";
import { addUsage, forgetUsage } from "../rows/usage.ts";

/** The tables of a namespace, in the order in which they are loaded. */
const LOADED = [
  "digests",
  "patterns",
  "domains",
  "search_docs",
  "recalls",
  "feedback",
  "vectors",
] as const;
type LoadedTable = (typeof LOADED)[number];

/** Rows of one slice; most are small. */
const SLICE_ROWS = 1_000;

/** Where loading begins, and where it ends. */
export const FIRST_CURSOR: LoadCursor = { table: 0, after: null };
export const LAST_CURSOR: LoadCursor = { table: LOADED.length, after: null };

/**
 * Copies the next slice of a namespace that is loading, or drops one.
 *
 * Throws `DatabaseError`, and `Moved` when the namespace lives elsewhere by now.
 *
 * @returns isDone: it was the last one; isRead: the database answered
 */
export async function copySlice(
  deps: KnowledgeDeps,
  namespace: string,
): Promise<{ isDone: boolean; isRead: boolean }> {
  const { sql, database, transaction } = deps;
  const cursor = cursorOf(sql, namespace);
  const { drop } = cursor;
  if (drop !== undefined) {
    transaction(() => dropSlice(deps, namespace, { ...cursor, drop }));
    return { isDone: false, isRead: false };
  }
  const name = LOADED[cursor.table];
  if (!name) return { isDone: true, isRead: false };

  const { rows, more } = await readNamespaceSlice(database, name, namespace, cursor.after, {
    rows: SLICE_ROWS,
  });
  transaction(() => {
    // Erased, or moved to another instance, while the database answered.
    if (stateOf(sql, namespace) !== "loading") return;
    putRows(deps, namespace, name, rows);
    const last = rows.at(-1);
    const next: LoadCursor =
      more && last
        ? { ...cursor, after: last.slice(1, TABLES[name].key) }
        : { ...cursor, table: cursor.table + 1, after: null };
    proceed(deps, namespace, next);
  });
  return { isDone: !more && cursor.table + 1 >= LOADED.length, isRead: true };
}

function putRows(
  { sql, isDirty }: KnowledgeDeps,
  namespace: string,
  name: LoadedTable,
  rows: readonly SqlValue[][],
): void {
  const { key } = TABLES[name];
  const statement = upsertRow(name);
  for (const values of rows) {
    // A row that changed or went here while the database answered is newer than its.
    if (isDirty(name, values.slice(0, key))) continue;
    // One that was unsent when the others were dropped is here, and counted.
    if (name === "feedback" && !hasFeedback(sql, values))
      countFeedback(sql, namespace, String(values.at(-1)));
    sql.run(statement, ...values);
  }
}

/** Drops some copies of a table; in a transaction. */
function dropSlice(
  deps: KnowledgeDeps,
  namespace: string,
  cursor: LoadCursor & { drop: number },
): void {
  const { sql, isDirty } = deps;
  const { drop, after } = cursor;
  const name = LOADED[drop];
  if (!name) {
    forgetUsage(sql, namespace);
    recountUsage(sql, namespace);
    const { drop: _done, ...rest } = cursor;
    proceed(deps, namespace, { ...rest, ...FIRST_CURSOR });
    return;
  }

  const keys = TABLES[name].columns.slice(0, TABLES[name].key);
  const own = keys.slice(1).join(", ");
  const behind = after ? `AND (${own}) > (${after.map(() => "?").join(", ")})` : "";
  const rows = sql
    .all(
      `SELECT ${keys.join(", ")} FROM ${name} WHERE namespace = ? ${behind}
        ORDER BY ${own} LIMIT ?`,
      namespace,
      ...(after ?? []),
      SLICE_ROWS,
    )
    .map((row) => keys.map((column) => row[column] ?? null));
  const copies = rows.filter((values) => !isDirty(name, values));
  if (copies.length > 0) {
    const { sql: text, args } = remove(name, copies);
    sql.run(text, ...args);
  }

  const last = rows.at(-1);
  const isDone = rows.length < SLICE_ROWS || !last;
  proceed(deps, namespace, {
    ...cursor,
    drop: isDone ? drop + 1 : drop,
    after: isDone ? null : last.slice(1),
  });
}

/** Throws `Moved` when the namespace lives elsewhere by now: nothing of it may be left here. */
function proceed({ sql, isHome }: KnowledgeDeps, namespace: string, cursor: LoadCursor): void {
  if (!isHome(namespace)) throw new Moved(namespace);
  setState(sql, namespace, "loading", cursor);
}

function hasFeedback(sql: LocalSql, [namespace, recallId]: readonly SqlValue[]): boolean {
  const text = "SELECT 1 AS n FROM feedback WHERE namespace = ? AND recall_id = ?";
  return sql.all(text, namespace ?? null, recallId ?? null).length > 0;
}

/** What is known of episodes' use, from the judged recalls that are left here. */
function recountUsage(sql: LocalSql, namespace: string): void {
  for (let after = "", hasMore = true; hasMore;) {
    const behind = sql.each<{ recall_id: string; body: string }>(
      `SELECT recall_id, body FROM feedback WHERE namespace = ? AND recall_id > ?
        ORDER BY recall_id`,
      namespace,
      after,
    );
    const { rows, more } = takeSlice(behind, { rows: SLICE_ROWS });
    for (const { body } of rows) countFeedback(sql, namespace, body);
    after = rows.at(-1)?.recall_id ?? after;
    hasMore = more;
  }
}

function countFeedback(sql: LocalSql, namespace: string, body: string): void {
  addUsage(sql, namespace, JSON.parse(body) as FeedbackRecord);
}
