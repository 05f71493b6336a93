/**
 * Gives tables that an earlier release made with a rowid their present layout without one: each row
 * that is written is one row then, and not one more for the index of its key. A table that is large
 * stays as it is, because an object that starts must not be kept waiting; either layout is read and
 * written by the same SQL, as long as that does not name the rowid.
 *
 * @module
 */

import type { LocalSql } from "../../../storage/index.ts";

/** Rows, and bytes of them, that are copied while an object starts: some tens of milliseconds. */
const REBUILT_ROWS_MAX = 10_000;
const REBUILT_BYTES_MAX = 20_000_000;

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

  const size = columns.map((column) => `coalesce(octet_length(${column}), 0)`).join(" + ");
  const [counted] = sql.all<{ n: number; bytes: number }>(
    `SELECT count(*) AS n, total(bytes) AS bytes FROM
      (SELECT ${size} AS bytes FROM ${table} LIMIT ?)`,
    REBUILT_ROWS_MAX + 1,
  );
  if (!counted || counted.n > REBUILT_ROWS_MAX || counted.bytes > REBUILT_BYTES_MAX) return;

  sql.run(`ALTER TABLE ${table} RENAME TO ${table}_with_rowid`);
  sql.run(create);
  const listed = columns.join(", ");
  sql.run(`INSERT INTO ${table} (${listed}) SELECT ${listed} FROM ${table}_with_rowid`);
  sql.run(`DROP TABLE ${table}_with_rowid`);
}
