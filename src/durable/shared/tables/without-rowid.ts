/**
 * Gives tables that an earlier release made with a rowid their present layout without one: each row
 * that is written is one row then, and not one more for the index of its key. A table that is large
 * stays as it is, because an object that starts must not be kept waiting; either layout is read and
 * written by the same SQL, as long as that does not name the rowid.
 *
 * @module
 */

import type { LocalSql } from "../../../storage/index.ts";

/** Rows that are copied while an object starts, some tens of milliseconds. */
const REBUILT_ROWS_MAX = 10_000;

/** A table without a rowid: its name, the statement that makes it, and all of its columns. */
export interface TableWithoutRowid {
  name: string;
  create: string;
  columns: readonly string[];
}

/** Makes the table anew if it has a rowid and is small; in a transaction. */
export function rebuildWithoutRowid(
  sql: LocalSql,
  { name: table, create, columns }: TableWithoutRowid,
): void {
  const text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?";
  const [made] = sql.all<{ sql: string }>(text, table);
  if (!made || /\bWITHOUT ROWID\b/.test(made.sql)) return;

  const counted = `SELECT count(*) AS n FROM (SELECT 1 FROM ${table} LIMIT ?)`;
  const [rows] = sql.all<{ n: number }>(counted, REBUILT_ROWS_MAX + 1);
  if ((rows?.n ?? 0) > REBUILT_ROWS_MAX) return;

  sql.run(`ALTER TABLE ${table} RENAME TO ${table}_with_rowid`);
  sql.run(create);
  const listed = columns.join(", ");
  sql.run(`INSERT INTO ${table} (${listed}) SELECT ${listed} FROM ${table}_with_rowid`);
  sql.run(`DROP TABLE ${table}_with_rowid`);
}
