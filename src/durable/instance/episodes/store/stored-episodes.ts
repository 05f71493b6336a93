/**
 * Reads episodes from the database: one whole, however large, or many of a namespace, as many as one
 * answer holds. Nothing of an instance is known here.
 *
 * @module
 */

import type { Step } from "../../../../contract/episodes/record.ts";
import { readOrdered, TABLES, type Row, type SqlReader } from "../../../../storage/index.ts";
import type { EpisodeRecord } from "../../../shared/episode-record.ts";
import type { StoredEpisode } from "./episode-rows.ts";

/** More steps than an episode has. */
const ALL_STEPS = { rows: 10_000 };
/** UTF-8 bytes of records, or steps, that are read with one question, for many episodes. */
const ANSWER_BYTES = 4_000_000;

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
 * The steps of episodes, of as many of the first ones as one answer holds; of one at least. Throws
 * `DatabaseError`.
 *
 * @param records in any order
 */
export async function readSteps(
  database: SqlReader,
  namespace: string,
  records: readonly Pick<EpisodeRecord, "id" | "step_count">[],
): Promise<Step[][]> {
  if (records.length === 0) return [];
  const rows = await database.all<{ at: number; body: string }>(
    `SELECT k.at, t.body FROM (
        SELECT at, number, episode_id, sum(size) OVER (ORDER BY at, number) AS total FROM (
          SELECT j.key AS at, s.number, s.episode_id, octet_length(s.body) AS size
            FROM json_each(?) j CROSS JOIN steps s
              ON s.namespace = ? AND s.episode_id = j.value)) k
      CROSS JOIN steps t
        ON t.namespace = ? AND t.episode_id = k.episode_id AND t.number = k.number
      WHERE k.total <= ? ORDER BY k.at, k.number`,
    JSON.stringify(records.map(({ id }) => id)),
    namespace,
    namespace,
    ANSWER_BYTES,
  );
  const steps = records.map((): Step[] => []);
  for (const { at, body } of rows) steps[at]?.push(JSON.parse(body) as Step);
  const missing = records.findIndex(({ step_count }, i) => (steps[i]?.length ?? 0) < step_count);
  if (missing < 0) return steps;
  if (missing > 0) return steps.slice(0, missing);

  // One that is larger than that by itself.
  const stored = await readStored(database, namespace, records[0]?.id ?? "");
  return [stored?.steps.map(({ body }) => JSON.parse(String(body)) as Step) ?? []];
}

/**
 * A namespace's ended episodes, the newest first, as many as fit into a slice. Throws
 * `DatabaseError`.
 *
 * @param before started_at and id of the one that they are older than
 */
export async function readEnded(
  database: SqlReader,
  namespace: string,
  before: readonly [startedAt: number, id: string],
  limit: number,
): Promise<{ records: EpisodeRecord[]; more: boolean }> {
  const { rows, more } = await readOrdered<{ id: string }>(database, {
    from: `episodes WHERE namespace = ? AND (started_at, id) < (?, ?) AND status <> 'in_progress'`,
    order: "started_at DESC, id DESC",
    args: [namespace, ...before],
    bounds: { rows: limit },
    also: "id",
  });
  return { records: rows.map(({ body }) => JSON.parse(body) as EpisodeRecord), more };
}

/**
 * The ended ones of these episodes, in the order that is asked for, as many of the first ones as one
 * answer holds; of one at least. Those that are not there are left out. Throws `DatabaseError`.
 *
 * @returns `rest`: the first that is there and did not fit; null: none
 */
export async function readRecords(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<{ records: EpisodeRecord[]; rest: string | null }> {
  if (ids.length === 0) return { records: [], rest: null };
  const rows = await database.all<{ id: string; body: string | null }>(
    `SELECT k.id, CASE WHEN k.total <= ? OR k.nth = 1 THEN t.body END AS body FROM (
        SELECT at, id, sum(size) OVER before AS total, row_number() OVER before AS nth FROM (
          SELECT j.key AS at, e.id, octet_length(e.body) AS size
            FROM json_each(?) j CROSS JOIN episodes e ON e.namespace = ? AND e.id = j.value
           WHERE e.status <> 'in_progress') WINDOW before AS (ORDER BY at)) k
      CROSS JOIN episodes t ON t.namespace = ? AND t.id = k.id
      ORDER BY k.at`,
    ANSWER_BYTES,
    JSON.stringify(ids),
    namespace,
    namespace,
  );
  const records = rows.flatMap(({ body }) =>
    body === null ? [] : [JSON.parse(body) as EpisodeRecord],
  );
  return { records, rest: rows[records.length]?.id ?? null };
}

/** Which of these episodes the database has. Throws `DatabaseError`. */
export async function storedAmong(
  database: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await database.all<{ id: string }>(
    "SELECT id FROM episodes WHERE namespace = ? AND id IN (SELECT value FROM json_each(?))",
    namespace,
    JSON.stringify(ids),
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many ended episodes a namespace has. Throws `DatabaseError`. */
export async function countEnded(database: SqlReader, namespace: string): Promise<number> {
  const [row] = await database.all<{ n: number }>(
    "SELECT count(*) AS n FROM episodes WHERE namespace = ? AND status <> 'in_progress'",
    namespace,
  );
  return row?.n ?? 0;
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
