/**
 * The copies of episodes in this instance's own storage, for a restore of the database, in pages by
 * key: lists them, and drops those that the database has.
 *
 * @module
 */

import type { LocalSql } from "../../../../storage/index.ts";
import { episodeIsSent } from "../../../outbox/unsent.ts";
import type { HeldCopy } from "../../../shared/instance/holdings.ts";
import { hasNoPendingTask } from "../tasks/conditions.ts";

/** Of which episodes; null: of all. */
export interface CopyScope {
  namespace: string | null;
  episode: string | null;
}

type Key = readonly [string, string];

/** Where the next page begins; null: it was the last. */
type NextPage = [string, string] | null;

/** Joins the copies of episodes, `c`, to their keys, `k`. */
const ON_KEY = `ON c.namespace = json_extract(k.value, '$[0]') AND c.id = json_extract(k.value, '$[1]')`;

/** Copies of which nothing is unsent. @param after a namespace and an id */
export function heldCopies(
  sql: LocalSql,
  scope: CopyScope,
  after: Key,
  limit: number,
): { copies: HeldCopy[]; next: NextPage } {
  const { keys, next } = keysAfter(sql, scope, after, limit);
  const copies = sql.all(
    `SELECT c.namespace, c.id, c.version, c.updated_at, c.status, (SELECT count(*) FROM steps s
        WHERE s.namespace = c.namespace AND s.episode_id = c.id) AS steps
      FROM json_each(?) k CROSS JOIN episodes c ${ON_KEY} WHERE ${episodeIsSent("c")} ORDER BY k.key`,
    JSON.stringify(keys),
  ) as unknown as HeldCopy[];
  return { copies, next };
}

/**
 * Drops copies of which nothing is unsent or to be learned, with all their steps; in a transaction.
 */
export function dropCopies(
  sql: LocalSql,
  scope: CopyScope,
  after: Key,
  limit: number,
): { dropped: number; next: NextPage } {
  const { keys, next } = keysAfter(sql, scope, after, limit);
  const found = sql.all<{ namespace: string; id: string }>(
    `SELECT c.namespace, c.id FROM json_each(?) k CROSS JOIN episodes c ${ON_KEY} WHERE ${episodeIsSent("c")} AND ${hasNoPendingTask("c")}`,
    JSON.stringify(keys),
  );
  const dropped = JSON.stringify(found.map(({ namespace, id }) => [namespace, id]));
  const among =
    "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))";
  sql.run(`DELETE FROM episodes WHERE (namespace, id) IN ${among}`, dropped);
  sql.run(`DELETE FROM steps WHERE (namespace, episode_id) IN ${among}`, dropped);
  sql.run(`DELETE FROM cached WHERE (namespace, id) IN ${among}`, dropped);
  return { dropped: found.length, next };
}

function keysAfter(
  sql: LocalSql,
  { namespace, episode }: CopyScope,
  after: Key,
  limit: number,
): { keys: [string, string][]; next: NextPage } {
  const rows = sql.all<{ namespace: string; id: string }>(
    `SELECT namespace, id FROM episodes
      WHERE (namespace, id) > (?, ?) AND ${namespace === null ? "1" : "namespace = ?"}
        AND ${episode === null ? "1" : "id = ?"}
      ORDER BY namespace, id LIMIT ?`,
    ...after,
    ...[namespace, episode].filter((value) => value !== null),
    limit,
  );
  const keys = rows.map((row): [string, string] => [row.namespace, row.id]);
  return { keys, next: keys.length === limit ? (keys.at(-1) ?? null) : null };
}
