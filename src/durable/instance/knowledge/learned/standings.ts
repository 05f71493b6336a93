/**
 * Remembers whether patterns of a namespace were heuristics where it was learned before: the rows
 * of `learned_standings`, while it is loading. All else that was learned follows from digests; this
 * does not, because it depends on when the evidence came: a heuristic stays one for longer than it
 * took to become one, and is looked at only when it is seen again.
 *
 * Of a pattern there may be several, of as many episodes each, from its former home and from the
 * database.
 *
 * @module
 */

import { HEURISTIC_EPISODES_MIN, HEURISTIC_KINDS } from "../../../../memory/learning/index.ts";
import type { Standing } from "../../../../memory/learning/types.ts";
import type { LocalSql } from "../../../../storage/index.ts";

/** What a pattern was. @see codeOf */
export interface FormerStanding extends Standing {
  code: number;
}

type StandingRow = { code: number; episodes: number; promoted: number };

export class FormerStandings {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
  }

  /** Those that are known already stay as they are. In a transaction. */
  remember(namespace: string, standings: readonly FormerStanding[]): void {
    const rows = standings.map(({ code, episodes, promoted }) => [
      code,
      episodes,
      Number(promoted),
    ]);
    this.#sql.run(
      `INSERT OR IGNORE INTO learned_standings (namespace, code, episodes, promoted)
        SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`,
      namespace,
      JSON.stringify(rows),
    );
  }

  /** Remembers what the stored patterns are. In a transaction. @param number of the namespace */
  take(namespace: string, number: number): void {
    this.#sql.run(
      `INSERT OR IGNORE INTO learned_standings (namespace, code, episodes, promoted)
        SELECT ?, code, episodes, promoted FROM learned_patterns
          WHERE namespace = ? AND (promoted = 1
            OR (episodes >= ? AND kind IN (SELECT value FROM json_each(?))))`,
      namespace,
      number,
      HEURISTIC_EPISODES_MIN,
      JSON.stringify(HEURISTIC_KINDS),
    );
  }

  /** The codes of so many patterns, in their order. @param after a code; −1: from the first */
  codes(namespace: string, after: number, limit: number): number[] {
    const rows = this.#sql.all<{ code: number }>(
      `SELECT DISTINCT code FROM learned_standings WHERE namespace = ? AND code > ?
        ORDER BY code LIMIT ?`,
      namespace,
      after,
      limit,
    );
    return rows.map(({ code }) => code);
  }

  /** What is remembered of these patterns. */
  of(namespace: string, codes: readonly number[]): FormerStanding[] {
    const rows = this.#sql.all<StandingRow>(
      `SELECT code, episodes, promoted FROM learned_standings
        WHERE namespace = ? AND code IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(codes),
    );
    return rows.map(standingOf);
  }

  /** In a transaction. */
  erase(namespace: string): void {
    this.#sql.run("DELETE FROM learned_standings WHERE namespace = ?", namespace);
  }
}

/** Of a row of a table of patterns. */
export function standingOf({ code, episodes, promoted }: StandingRow): FormerStanding {
  return { code, episodes, promoted: promoted === 1 };
}
