/**
 * The rows of `cached`: which episodes are in this instance's own storage, how large they are and
 * when they were used. An episode has one as soon as all of it is here; one that is still being
 * handed over has none.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";
import { rebuildWithoutRowid } from "../../../shared/tables/without-rowid.ts";
import { episodeIsSent } from "../../../outbox/unsent.ts";
import type { PartContext, Part } from "../../../shared/context.ts";
import { hasNoPendingTask } from "../tasks/conditions.ts";

const CACHED_TABLE = `CREATE TABLE IF NOT EXISTS cached (
  namespace TEXT NOT NULL, id TEXT NOT NULL, used_at INTEGER NOT NULL, loaded_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL, PRIMARY KEY (namespace, id)) STRICT, WITHOUT ROWID`;

const CACHED_SCHEMA: readonly string[] = [
  CACHED_TABLE,
  // Of earlier releases: it changed with every episode. The bounds are looked after by going
  // through all rows as it is.
  `DROP INDEX IF EXISTS cached_used`,
];

/** An ended episode of which nothing is unsent or to be learned: the database has all of it. */
export interface EvictableEpisode {
  namespace: string;
  id: string;
  bytes: number;
  loaded_at: number;
}

export class CachedRows implements Part {
  readonly schema = CACHED_SCHEMA;
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor({ sql, now }: Pick<PartContext, "sql" | "now">) {
    this.#sql = sql;
    this.#now = now;
  }

  /** The episode is here, as the database has it or newer. @param bytes that it holds */
  hold(namespace: string, id: string, bytes: number): void {
    const at = this.#now();
    const text = `INSERT INTO cached (namespace, id, used_at, loaded_at, bytes)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (namespace, id) DO UPDATE SET used_at = excluded.used_at,
          loaded_at = excluded.loaded_at, bytes = excluded.bytes`;
    this.#sql.run(text, namespace, id, at, at, bytes);
  }

  /** The episode was used. */
  touch(namespace: string, id: string): void {
    const text = "UPDATE cached SET used_at = ? WHERE namespace = ? AND id = ?";
    this.#sql.run(text, this.#now(), namespace, id);
  }

  /** When it came and was used, ms since the epoch; null: it is not held. */
  usage(namespace: string, id: string): { loaded_at: number; used_at: number } | null {
    const text = "SELECT loaded_at, used_at FROM cached WHERE namespace = ? AND id = ?";
    return this.#sql.all<{ loaded_at: number; used_at: number }>(text, namespace, id)[0] ?? null;
  }

  delete(namespace: string, id: string): void {
    this.#sql.run("DELETE FROM cached WHERE namespace = ? AND id = ?", namespace, id);
  }

  totals(): { episodes: number; bytes: number } {
    const text = "SELECT count(*) AS episodes, coalesce(sum(bytes), 0) AS bytes FROM cached";
    return this.#sql.all<{ episodes: number; bytes: number }>(text)[0] ?? { episodes: 0, bytes: 0 };
  }

  /** When the one that is here for longest came, ms since the epoch; null: none is here. */
  oldestLoadedAt(): number | null {
    const text = "SELECT min(loaded_at) AS at FROM cached";
    return this.#sql.all<{ at: number | null }>(text)[0]?.at ?? null;
  }

  /** What may be dropped, the longest unused first. */
  evictable(limit: number): EvictableEpisode[] {
    return this.#sql.all<EvictableEpisode & Record<string, string | number>>(
      `SELECT c.namespace, c.id, c.bytes, c.loaded_at FROM cached c
          CROSS JOIN episodes e ON e.namespace = c.namespace AND e.id = c.id
        WHERE e.status <> 'in_progress' AND ${hasNoPendingTask("c")} AND ${episodeIsSent("c")}
        ORDER BY c.used_at LIMIT ?`,
      limit,
    );
  }

  isAnyRunning(): boolean {
    const text = "SELECT 1 AS n FROM episodes WHERE status = 'in_progress' LIMIT 1";
    return this.#sql.all(text).length > 0;
  }

  /** Episodes that run and were not written to since, longest first; all of each is here. */
  idleSince(before: number, limit: number): { namespace: string; id: string }[] {
    return this.#sql.all<{ namespace: string; id: string }>(
      `SELECT namespace, id FROM episodes e WHERE status = 'in_progress' AND updated_at <= ?
        AND EXISTS (SELECT 1 FROM cached c WHERE c.namespace = e.namespace AND c.id = e.id)
        ORDER BY updated_at LIMIT ?`,
      before,
      limit,
    );
  }
}

/** Gives the table of an earlier release its present layout; in a transaction, after the tables are made. */
export function migrateCached(sql: LocalSql): void {
  const columns = ["namespace", "id", "used_at", "loaded_at", "bytes"];
  rebuildWithoutRowid(sql, { name: "cached", create: CACHED_TABLE, columns });
}
