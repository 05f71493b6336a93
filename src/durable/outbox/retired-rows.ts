/**
 * Takes leave of rows that an earlier release would have sent, of tables that the database is no
 * longer sent.
 *
 * @module
 */

import type { LocalSql, SqlValue } from "../../storage/index.ts";

/**
 * Strikes all rows of these tables off the lists of what is unsent; in a transaction. Returns the
 * keys of one table's rows that were to be sent.
 */
export function strikeOff(sql: LocalSql, tables: readonly string[], wanted: string): SqlValue[][] {
  const text = "SELECT key FROM outbox WHERE table_name = ?";
  const keys = sql
    .all<{ key: string }>(text, wanted)
    .map(({ key }) => JSON.parse(key) as SqlValue[]);
  for (const table of tables) {
    sql.run("DELETE FROM outbox WHERE table_name = ?", table);
    sql.run("DELETE FROM dead_letters WHERE table_name = ?", table);
  }
  return keys;
}
