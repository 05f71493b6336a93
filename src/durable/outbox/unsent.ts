/**
 * Queries over the outbox and the dead letters together: what the database does not have as it is;
 * and conditions on that for the SQL of others. An episode's row of the outbox stands for its new
 * steps as well. Reads only. Keys are JSON arrays, so those that
 * begin alike are a range: behind what they begin with comes a comma and then a digit or a quote,
 * all of which are below the hyphen.
 *
 * @module
 */

import { keyColumns, type LocalSql, type SqlValue, type TableName } from "../../storage/index.ts";
import { tablesOfShards, type RowShard } from "../shared/instance/placement.ts";

/** The tables that name unsent rows. */
const LISTS = ["outbox", "dead_letters"] as const;

const STEPS: TableName = "steps";

/** Makes a rowid negative, and exact in JavaScript. */
const ABOVE_ROWIDS = 2 ** 52;
/** The number of an unsent row; what was set aside comes first, with negative ones. */
const NUMBER = { outbox: "seq", dead_letters: `(rowid - ${ABOVE_ROWIDS})` } as const;

/** An unsent row of a shard; an episode's stands for its new steps as well. */
export interface UnsentRow {
  table: TableName;
  key: SqlValue[];
  /** The key as JSON. */
  text: string;
  /** Its place in the order in which rows go. */
  seq: number;
}

/** Whether something of an episode is unsent, its steps included. */
export function isEpisodeUnsent(sql: LocalSql, namespace: string, id: string): boolean {
  const key = JSON.stringify([namespace, id]);
  const prefix = key.slice(0, -1);
  return LISTS.some((list) => {
    const found = sql.all(
      `SELECT 1 AS n FROM ${list} WHERE (table_name = 'episodes' AND key = ?)
        OR (table_name = 'steps' AND key >= ? || ',' AND key < ? || '-') LIMIT 1`,
      key,
      prefix,
      prefix,
    );
    return found.length > 0;
  });
}

/** A condition: nothing of the row `alias` of `episodes` is unsent, its steps included. */
export function episodeIsSent(alias: string): string {
  const key = `json_array(${alias}.namespace, ${alias}.id)`;
  const prefix = `rtrim(${key}, ']')`;
  const none = (list: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = 'episodes' AND o.key = ${key})
    AND NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = 'steps'
      AND o.key >= ${prefix} || ',' AND o.key < ${prefix} || '-')`;
  return LISTS.map(none).join(" AND ");
}

/** A condition: the row of this table is not unsent. */
export function rowIsSent(table: TableName): string {
  const key = `json_array(${keyColumns(table)
    .map((column) => `${table}.${column}`)
    .join(", ")})`;
  const none = (list: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = '${table}' AND o.key = ${key})`;
  return LISTS.map(none).join(" AND ");
}

/** A query for the ids of a namespace's unsent episodes; the namespace is its argument, twice. */
export const UNSENT_EPISODE_IDS = `SELECT json_extract(key, '$[1]') AS id FROM outbox
    WHERE table_name = 'episodes' AND json_extract(key, '$[0]') = ?
  UNION SELECT json_extract(key, '$[1]') FROM dead_letters
    WHERE table_name = 'episodes' AND json_extract(key, '$[0]') = ?`;

/** The first ids of a namespace's unsent episodes, at most this many. */
export function unsentEpisodeIds(sql: LocalSql, namespace: string, limit: number): string[] {
  const text = `${UNSENT_EPISODE_IDS} LIMIT ?`;
  return sql.all<{ id: string }>(text, namespace, namespace, limit).map((row) => row.id);
}

/**
 * What is unsent of a shard, in the order in which it goes.
 *
 * @param after only what has a number above this @param limit rows, the first ones
 */
export function unsentRows(
  sql: LocalSql,
  shard: RowShard,
  after = Number.MIN_SAFE_INTEGER,
  limit = Number.MAX_SAFE_INTEGER,
): UnsentRow[] {
  const whole = shard.kind === "episode" ? [shard.namespace, shard.id] : [shard.namespace];
  const begin = JSON.stringify(whole).slice(0, -1);
  const found = tablesOfShards(shard.kind).flatMap((table) =>
    LISTS.flatMap((list) =>
      sql.all<{ seq: number; table_name: TableName; key: string }>(
        `SELECT ${NUMBER[list]} AS seq, table_name, key FROM ${list}
          WHERE table_name = ? AND (key = ? OR (key >= ? AND key < ?)) AND ${NUMBER[list]} > ?
          ORDER BY ${NUMBER[list]} LIMIT ?`,
        table,
        `${begin}]`,
        `${begin},`,
        `${begin}-`,
        after,
        limit,
      ),
    ),
  );
  return found
    .sort((a, b) => a.seq - b.seq)
    .slice(0, limit)
    .map(({ seq, table_name, key }) => ({
      table: table_name,
      key: JSON.parse(key) as SqlValue[],
      text: key,
      seq,
    }));
}

/** Every shard of which something is unsent, each at least once. */
export function unsentShards(sql: LocalSql): RowShard[] {
  const tables = (kind: RowShard["kind"]): string =>
    tablesOfShards(kind)
      .map((table) => `'${table}'`)
      .join(", ");
  const episodes = LISTS.flatMap((list) =>
    sql.all<{ namespace: string; id: string }>(
      `SELECT DISTINCT json_extract(key, '$[0]') AS namespace, json_extract(key, '$[1]') AS id
        FROM ${list} WHERE table_name IN (${tables("episode")})`,
    ),
  );
  const namespaces = LISTS.flatMap((list) =>
    sql.all<{ namespace: string }>(
      `SELECT DISTINCT json_extract(key, '$[0]') AS namespace
        FROM ${list} WHERE table_name IN (${tables("namespace")})`,
    ),
  );
  return [
    ...episodes.map(({ namespace, id }): RowShard => ({ kind: "episode", namespace, id })),
    ...namespaces.map(({ namespace }): RowShard => ({ kind: "namespace", namespace })),
  ];
}

/** Every row that waits to be sent, new steps too; those that were set aside do not. */
export function waitingRows(sql: LocalSql): Omit<UnsentRow, "seq">[] {
  return sql
    .all<{ table_name: TableName; key: string }>(
      `SELECT table_name, key FROM outbox
        UNION ALL SELECT '${STEPS}', json_array(s.namespace, s.episode_id, s.number)
          FROM outbox o CROSS JOIN ${STEPS} s ON s.namespace = json_extract(o.key, '$[0]')
            AND s.episode_id = json_extract(o.key, '$[1]') AND s.number > o.steps_after
          WHERE o.steps_after IS NOT NULL`,
    )
    .map(({ table_name, key }) => ({
      table: table_name,
      text: key,
      key: JSON.parse(key) as SqlValue[],
    }));
}
