/**
 * Who changed what, when, from what to what. Keeps the newest entries. The only place that reads or
 * writes the table `audit`.
 *
 * @module
 */

import type { AuditEntry } from "../../../contract/cluster/answers.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { isoTime } from "../../../util/time.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL) STRICT`;

const ENTRIES_KEPT = 10_000;

/** What changed, from what, to what. */
export type Change = readonly [what: string, from: unknown, to: unknown];

export class AuditLog {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    sql.run(SCHEMA);
  }

  /** Call it within a transaction. */
  write(by: string, changes: readonly Change[]): void {
    for (const [what, from, to] of changes) {
      this.#sql.run(
        "INSERT INTO audit (at, by, what, before, after) VALUES (?, ?, ?, ?, ?)",
        this.#now(),
        by,
        what,
        JSON.stringify(from ?? null),
        JSON.stringify(to ?? null),
      );
    }
    this.#sql.run("DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - ?", ENTRIES_KEPT);
  }

  /** The newest `limit` entries, newest first. */
  newest(limit: number): AuditEntry[] {
    return this.#sql
      .all<{ at: number; by: string; what: string; before: string; after: string }>(
        "SELECT at, by, what, before, after FROM audit ORDER BY seq DESC LIMIT ?",
        limit,
      )
      .map(({ at, by, what, before, after }) => ({
        at: isoTime(at),
        by,
        what,
        from: JSON.parse(before) as unknown,
        to: JSON.parse(after) as unknown,
      }));
  }
}
