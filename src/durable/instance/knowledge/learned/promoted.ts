/**
 * Which patterns of a namespace were heuristics where it was learned before: the rows of
 * `learned_promoted`. All else that was learned follows from digests; this does not, because a
 * heuristic stays one for longer than it took to become one.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";

/** Remembered of a namespace; beyond that, promotion is decided anew. */
export const PROMOTED_MAX = 10_000;

export class FormerlyPromoted {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
  }

  /** In a transaction. */
  remember(namespace: string, patterns: readonly string[]): void {
    this.#sql.run(
      `INSERT OR IGNORE INTO learned_promoted (namespace, pattern)
        SELECT ?, value FROM json_each(?) LIMIT ?`,
      namespace,
      JSON.stringify(patterns),
      PROMOTED_MAX,
    );
  }

  /** Ids of so many of them. */
  first(namespace: string, limit: number): string[] {
    const rows = this.#sql.all<{ pattern: string }>(
      "SELECT pattern FROM learned_promoted WHERE namespace = ? LIMIT ?",
      namespace,
      limit,
    );
    return rows.map(({ pattern }) => pattern);
  }

  /** Which of these are remembered. */
  among(namespace: string, patterns: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ pattern: string }>(
      `SELECT pattern FROM learned_promoted
        WHERE namespace = ? AND pattern IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(patterns),
    );
    return new Set(rows.map(({ pattern }) => pattern));
  }

  /** In a transaction. */
  forget(namespace: string, patterns: readonly string[]): void {
    this.#sql.run(
      `DELETE FROM learned_promoted
        WHERE namespace = ? AND pattern IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(patterns),
    );
  }

  /** In a transaction. */
  erase(namespace: string): void {
    this.#sql.run("DELETE FROM learned_promoted WHERE namespace = ?", namespace);
  }
}
