/**
 * Rows that the database can never take as they are: set aside with the reason, so that they block
 * nothing, and sent again when an operator asks.
 *
 * @module
 */

import type { LocalSql, TableName } from "../../storage/index.ts";
import { isoTime } from "../../util/time.ts";

export const DEAD_LETTERS_SCHEMA = `CREATE TABLE IF NOT EXISTS dead_letters (
  table_name TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, parked_at INTEGER NOT NULL,
  tries INTEGER NOT NULL, PRIMARY KEY (table_name, key)) STRICT`;

export interface DeadLetter {
  table: TableName;
  /** The row's key; it begins with the namespace. */
  key: (string | number)[];
  /** The kind of failure. */
  reason: string;
  detail: string;
  parked_at: string;
  /** How often it was sent in vain. */
  tries: number;
}

/** In a transaction. */
export function park(
  sql: LocalSql,
  letter: { table_name: string; key: string; reason: string; detail: string },
  now: number,
): void {
  sql.run(
    `INSERT INTO dead_letters (table_name, key, reason, detail, parked_at, tries) VALUES (?, ?, ?, ?, ?, 1)
      ON CONFLICT (table_name, key) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
        parked_at = excluded.parked_at, tries = tries + 1`,
    letter.table_name,
    letter.key,
    letter.reason,
    letter.detail.slice(0, 500),
    now,
  );
}

/** A row that was taken after all is dead no more. In a transaction. */
export function revive(sql: LocalSql, table: string, key: string): void {
  sql.run("DELETE FROM dead_letters WHERE table_name = ? AND key = ?", table, key);
}

export function countDead(sql: LocalSql): number {
  return sql.all<{ n: number }>("SELECT count(*) AS n FROM dead_letters")[0]?.n ?? 0;
}

/** Oldest first. */
export function listDead(sql: LocalSql, limit: number): DeadLetter[] {
  return sql
    .all<{
      table_name: string;
      key: string;
      reason: string;
      detail: string;
      parked_at: number;
      tries: number;
    }>(
      "SELECT table_name, key, reason, detail, parked_at, tries FROM dead_letters ORDER BY parked_at, table_name, key LIMIT ?",
      limit,
    )
    .map(({ table_name, key, reason, detail, parked_at, tries }) => ({
      table: table_name as TableName,
      key: JSON.parse(key) as (string | number)[],
      reason,
      detail,
      parked_at: isoTime(parked_at),
      tries,
    }));
}
