/**
 * Patterns that the database shows as they were: the rows of `learned_unpublished`, one for each
 * checkpoint. Those of a namespace that is loading wait until it is ready: whether its patterns are
 * heuristics is decided last, and meanwhile the database may be all that knows it.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";
import type { ChangedPatterns } from "./patterns.ts";

/** What a checkpoint changed. */
export interface UnpublishedChange {
  /** Its place among all; those that come are higher. */
  seq: number;
  namespace: string;
  changed: ChangedPatterns;
}

export class Unpublished {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  /** @param now ms since the epoch */
  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Since when the oldest change could be shown, ms since the epoch; null: none can. */
  oldestAt(): number | null {
    const text = `SELECT at FROM learned_unpublished u
        JOIN learned_namespaces n ON n.number = u.namespace AND n.state = 'ready'
      ORDER BY u.seq LIMIT 1`;
    return this.#sql.all<{ at: number }>(text)[0]?.at ?? null;
  }

  /** How many changes there are, those included that must wait. */
  count(): number {
    const text = "SELECT count(*) AS n FROM learned_unpublished";
    return this.#sql.all<{ n: number }>(text)[0]?.n ?? 0;
  }

  /** The oldest changes that can be shown, in their order. */
  first(limit: number): UnpublishedChange[] {
    const rows = this.#sql.all<{ seq: number; namespace: string; changed: string }>(
      `SELECT u.seq, u.changed, n.namespace FROM learned_unpublished u
          JOIN learned_namespaces n ON n.number = u.namespace AND n.state = 'ready'
        ORDER BY u.seq LIMIT ?`,
      limit,
    );
    return rows.map(({ changed, ...row }) => ({
      ...row,
      changed: JSON.parse(changed) as ChangedPatterns,
    }));
  }

  /** In the transaction of the change. @param number of the namespace */
  add(number: number, changed: ChangedPatterns): void {
    this.#sql.run(
      "INSERT INTO learned_unpublished (namespace, at, changed) VALUES (?, ?, ?)",
      number,
      this.#now(),
      JSON.stringify(changed),
    );
  }

  /** The database has these. */
  published(seqs: readonly number[]): void {
    const text = "DELETE FROM learned_unpublished WHERE seq IN (SELECT value FROM json_each(?))";
    this.#sql.run(text, JSON.stringify(seqs));
  }
}
