/**
 * Reads episodes from the database: whole, however large, in slices of their steps; and their
 * sizes. Throws `DatabaseError`.
 *
 * @module
 */

import { readOrdered, TABLES, type Row, type SqlReader } from "../../../../storage/index.ts";

/** More steps than an episode has. */
const ALL_STEPS = { rows: 10_000 };

export interface StoredEpisode {
  /** The columns of `episodes`. */
  episode: Row;
  /** `number` and `body` of each, in their order. */
  steps: Row[];
}

/** null: the database has no such episode. Throws `DatabaseError`. */
export async function readStored(
  database: SqlReader,
  namespace: string,
  id: string,
): Promise<StoredEpisode | null> {
  const [episode] = await database.all(
    `SELECT ${TABLES.episodes.columns.join(", ")} FROM episodes WHERE namespace = ? AND id = ?`,
    namespace,
    id,
  );
  if (!episode) return null;

  const steps: Row[] = [];
  // Nearly every episode is one slice.
  for (;;) {
    const { rows, more } = await readOrdered<{ number: number }>(database, {
      from: "steps WHERE namespace = ? AND episode_id = ? AND number > ?",
      order: "number",
      args: [namespace, id, Number(steps.at(-1)?.["number"] ?? 0)],
      bounds: ALL_STEPS,
      also: "number",
    });
    steps.push(...rows);
    if (!more) return { episode, steps };
  }
}

/**
 * UTF-8 bytes of each with its steps; those that do not exist are left out. Throws `DatabaseError`.
 */
export function storedSizes(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<{ id: string; bytes: number }[]> {
  return database.all<{ id: string; bytes: number }>(
    `SELECT id, octet_length(body) + coalesce((SELECT sum(octet_length(body)) FROM steps
        WHERE namespace = e.namespace AND episode_id = e.id), 0) AS bytes
      FROM episodes e WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))`,
    namespace,
    JSON.stringify(ids),
  );
}
