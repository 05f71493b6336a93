/**
 * Rows that the database can never take as they are: set aside with the reason, so that they block
 * nothing, and sent again when an operator asks. The owner of the table `dead_letters`.
 *
 * @module
 */

import type { LocalSql, TableName } from "../../storage/index.ts";
import type { PartContext } from "../shared/context.ts";
import { isoTime } from "../../util/time.ts";

export const DEAD_LETTERS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS dead_letters (
    table_name TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    parked_at INTEGER NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (table_name, key)) STRICT`,
];

/** Characters of a detail that are kept. */
const DETAIL_CHARS = 500;

export interface DeadLetter {
  table: TableName;
  /** The row's key; it begins with the namespace. */
  key: (string | number)[];
  /** The kind of failure. */
  reason: string;
  detail: string;
  /** RFC 3339. */
  parked_at: string;
  /** How often it was sent in vain. */
  tries: number;
}

export class DeadLetters {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor({ sql, now }: Pick<PartContext, "sql" | "now">) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Sets a row aside; once more counts as another try. @param key as JSON */
  park(table: TableName, key: string, reason: string, detail: string): void {
    this.#sql.run(
      `INSERT INTO dead_letters (table_name, key, reason, detail, parked_at, tries)
        VALUES (?, ?, ?, ?, ?, 1)
        ON CONFLICT (table_name, key) DO UPDATE SET reason = excluded.reason,
          detail = excluded.detail, parked_at = excluded.parked_at, tries = tries + 1`,
      table,
      key,
      reason,
      detail.slice(0, DETAIL_CHARS),
      this.#now(),
    );
  }

  /** A row that was taken after all, or that is somebody else's, is dead no more. */
  revive(table: TableName, key: string): void {
    this.#sql.run("DELETE FROM dead_letters WHERE table_name = ? AND key = ?", table, key);
  }

  /** Forgets every row of a namespace. */
  clearNamespace(namespace: string): void {
    this.#sql.run(
      "DELETE FROM dead_letters WHERE table_name <> 'api_keys' AND json_extract(key, '$[0]') = ?",
      namespace,
    );
  }

  /** @param key as JSON */
  has(table: TableName, key: string): boolean {
    const text = "SELECT 1 AS n FROM dead_letters WHERE table_name = ? AND key = ?";
    return this.#sql.all(text, table, key).length > 0;
  }

  count(): number {
    const text = "SELECT count(*) AS n FROM dead_letters";
    return this.#sql.all<{ n: number }>(text)[0]?.n ?? 0;
  }

  /** The keys of all, as JSON. */
  keys(): { table: TableName; key: string }[] {
    return this.#sql
      .all<{ table_name: TableName; key: string }>("SELECT table_name, key FROM dead_letters")
      .map(({ table_name, key }) => ({ table: table_name, key }));
  }

  /** Oldest first. */
  list(limit: number): DeadLetter[] {
    type Found = Omit<DeadLetter, "table" | "key" | "parked_at">;
    return this.#sql
      .all<Found & { table_name: TableName; key: string; parked_at: number }>(
        `SELECT table_name, key, reason, detail, parked_at, tries FROM dead_letters
          ORDER BY parked_at, table_name, key LIMIT ?`,
        limit,
      )
      .map(({ table_name, key, reason, detail, parked_at, tries }) => ({
        table: table_name,
        key: JSON.parse(key) as DeadLetter["key"],
        reason,
        detail,
        parked_at: isoTime(parked_at),
        tries,
      }));
  }
}
