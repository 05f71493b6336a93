/**
 * Counts what a namespace holds: its episodes, and their bytes with all steps as they are stored.
 * The database's share and an instance's own, which together are the whole. Reads only.
 *
 * @module
 */

import type { LocalSql, SqlReader } from "../../../../../storage/index.ts";
import { UNSENT_EPISODE_IDS } from "../../../../outbox/unsent.ts";
import type { HeldUsage } from "../../../../shared/instance/quotas.ts";
import { idLists } from "./list-query.ts";

/** Episodes whose steps are summed with one question: a question stays far below its deadline. */
const EPISODES_AT_ONCE = 1_000;
/** Behind every id, as text is ordered. */
const BEHIND_IDS = "~";

/**
 * What the database has of a namespace but these episodes. In several questions: what is sent or
 * deleted between them may be counted or not. Throws `DatabaseError`.
 *
 * @param without ids @param isSized false: bytes are not summed, and 0
 */
export async function storedUsage(
  database: SqlReader,
  namespace: string,
  without: readonly string[],
  isSized: boolean,
): Promise<HeldUsage> {
  const sum = { episodes: 0, bytes: 0 };
  for (let after = "", end = ""; end !== BEHIND_IDS; after = end) {
    const [last] = isSized
      ? await database.all<{ id: string }>(
          "SELECT id FROM episodes WHERE namespace = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?",
          namespace,
          after,
          EPISODES_AT_ONCE - 1,
        )
      : [];
    end = last?.id ?? BEHIND_IDS;
    const inRange = without.filter((id) => id > after && id <= end);
    const { episodes, bytes } = await rangeUsage(
      database,
      { namespace, after, end },
      inRange,
      isSized,
    );
    sum.episodes += episodes;
    sum.bytes += bytes;
  }
  return sum;
}

/** What of a namespace's episodes is unsent in an instance's own storage. */
export function unsentUsage(sql: LocalSql, namespace: string): HeldUsage {
  const [found] = sql.all<{ episodes: number; bytes: number }>(
    `SELECT count(*) AS episodes, coalesce(sum(octet_length(body)), 0) + (
        SELECT coalesce(sum(octet_length(s.body)), 0) FROM steps s
          WHERE s.namespace = ? AND s.episode_id IN (${UNSENT_EPISODE_IDS})) AS bytes
      FROM episodes WHERE namespace = ? AND id IN (${UNSENT_EPISODE_IDS})`,
    ...Array<string>(6).fill(namespace),
  );
  return { episodes: found?.episodes ?? 0, bytes: found?.bytes ?? 0 };
}

interface IdRange {
  namespace: string;
  /** Exclusive. */
  after: string;
  /** Inclusive. */
  end: string;
}

async function rangeUsage(
  database: SqlReader,
  { namespace, after, end }: IdRange,
  without: readonly string[],
  isSized: boolean,
): Promise<HeldUsage> {
  const lists = idLists(without);
  const others = (id: string): string =>
    lists.map(() => `AND ${id} NOT IN (SELECT value FROM json_each(?))`).join(" ");
  const ids = [namespace, after, end, ...lists];
  if (!isSized) {
    const [row] = await database.all<{ episodes: number }>(
      `SELECT count(*) AS episodes FROM episodes
        WHERE namespace = ? AND id > ? AND id <= ? ${others("id")}`,
      ...ids,
    );
    return { episodes: row?.episodes ?? 0, bytes: 0 };
  }
  const [row] = await database.all<{ episodes: number; bytes: number }>(
    `SELECT count(*) AS episodes, coalesce(sum(octet_length(body)), 0) + (
        SELECT coalesce(sum(octet_length(body)), 0) FROM steps
          WHERE namespace = ? AND episode_id > ? AND episode_id <= ? ${others("episode_id")}) AS bytes
      FROM episodes WHERE namespace = ? AND id > ? AND id <= ? ${others("id")}`,
    ...ids,
    ...ids,
  );
  return { episodes: row?.episodes ?? 0, bytes: row?.bytes ?? 0 };
}
