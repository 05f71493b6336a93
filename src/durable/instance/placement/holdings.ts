/**
 * What an instance holds, page by page, for a restore: whatever was acknowledged and a restored
 * database lacks must come into it before the copies here are dropped. Reads only. A page is
 * bounded in rows and in bytes, so that it stays far below what an RPC may carry and what one turn
 * may take, however much is here.
 *
 * @module
 */

import {
  bytesOfValues,
  TABLES,
  takeSlice,
  type LocalSql,
  type SqlValue,
  type TableName,
} from "../../../storage/index.ts";
import {
  type EpisodesCursor,
  BEFORE_EPISODE,
  type HeldCopy,
  type Holdings,
  type HoldingsName,
} from "../../shared/holdings.ts";
import { unmarked } from "../episodes/eviction.ts";

const PAGE_ROWS = 500;

export interface HoldingsPorts {
  sql: LocalSql;
  /** Whether what has this text as its home lives here now. */
  isHome: (home: string) => boolean;
}

export function holdings<N extends HoldingsName>(
  ports: HoldingsPorts,
  name: N,
  input: Holdings[N]["input"],
): Holdings[N]["output"] {
  return (
    PAGES[name] as (ports: HoldingsPorts, input: Holdings[N]["input"]) => Holdings[N]["output"]
  )(ports, input);
}

const PAGES: {
  readonly [N in HoldingsName]: (
    ports: HoldingsPorts,
    input: Holdings[N]["input"],
  ) => Holdings[N]["output"];
} = { namespaces, copies, episodes, rows };

function namespaces({ sql, isHome }: HoldingsPorts, { after }: Holdings["namespaces"]["input"]) {
  const found = sql.all<{ namespace: string; knows: number; relates: number }>(
    `SELECT namespace, max(knows) AS knows, max(relates) AS relates FROM (
        SELECT namespace, state = 'ready' AS knows, 0 AS relates FROM knowledge_namespaces
        UNION ALL SELECT namespace, 0, 1 FROM relationships_loaded)
      WHERE namespace > ? GROUP BY namespace ORDER BY namespace LIMIT ?`,
    after,
    PAGE_ROWS,
  );
  const mine = found.filter(({ namespace }) => isHome(`ns:${namespace}`));
  return {
    namespaces: mine.map(({ namespace, knows, relates }) => ({
      namespace,
      knows: knows === 1,
      relates: relates === 1,
    })),
    next: found.length === PAGE_ROWS ? (found.at(-1)?.namespace ?? null) : null,
  };
}

function copies(
  { sql, isHome }: HoldingsPorts,
  { namespace, episode, after }: Holdings["copies"]["input"],
) {
  const where = [namespace === null ? "1" : "c.namespace = ?", episode === null ? "1" : "c.id = ?"];
  const found = sql.all<{ namespace: string; id: string }>(
    `SELECT c.namespace, c.id FROM episodes c
      WHERE (c.namespace, c.id) > (?, ?) AND ${where.join(" AND ")} ORDER BY c.namespace, c.id LIMIT ?`,
    ...after,
    ...(namespace === null ? [] : [namespace]),
    ...(episode === null ? [] : [episode]),
    PAGE_ROWS,
  );
  const held = sql.all(
    `SELECT c.namespace, c.id, c.version, c.updated_at, c.status, (SELECT count(*) FROM steps s
        WHERE s.namespace = c.namespace AND s.episode_id = c.id) AS steps
      FROM json_each(?) k CROSS JOIN episodes c
        ON c.namespace = json_extract(k.value, '$[0]') AND c.id = json_extract(k.value, '$[1]')
      WHERE ${["outbox", "dead_letters"].map(unmarked).join(" AND ")} ORDER BY k.key`,
    JSON.stringify(found.map(({ namespace: name, id }) => [name, id])),
  ) as unknown as HeldCopy[];
  const last = found.length === PAGE_ROWS ? found.at(-1) : undefined;
  return {
    copies: held.filter(({ id }) => isHome(id)),
    next: last ? ([last.namespace, last.id] as [string, string]) : null,
  };
}

function episodes({ sql }: HoldingsPorts, { keys, from }: Holdings["episodes"]["input"]) {
  const { rows: found, more } = takeSlice(
    rowsOfEpisodes(sql, keys, from),
    { rows: PAGE_ROWS },
    ({ row }) => bytesOfValues(row),
  );
  return {
    rows: found.map(({ table, row }) => ({ table, row })),
    next: more ? (found.at(-1)?.at ?? null) : null,
  };
}

function* rowsOfEpisodes(
  sql: LocalSql,
  keys: readonly (readonly [string, string])[],
  from: EpisodesCursor,
): Generator<{ table: "episodes" | "steps"; row: SqlValue[]; at: EpisodesCursor }> {
  for (let index = from.index; index < keys.length; index++) {
    const key = keys[index];
    if (!key) continue;
    const behind = index === from.index ? from.number : BEFORE_EPISODE;
    if (behind === BEFORE_EPISODE) {
      const [row] = values(sql, "episodes", "namespace = ? AND id = ?", ...key);
      if (!row) continue;
      yield { table: "episodes", row, at: { index, number: 0 } };
    }
    const { columns } = TABLES.steps;
    const steps = sql.each(
      `SELECT ${columns.join(", ")} FROM steps WHERE namespace = ? AND episode_id = ? AND number > ? ORDER BY number`,
      ...key,
      Math.max(0, behind),
    );
    for (const step of steps) {
      const row = columns.map((column) => step[column] ?? null);
      yield { table: "steps", row, at: { index, number: Number(step["number"]) } };
    }
  }
}

function rows(
  { sql }: HoldingsPorts,
  { table, namespace, after, sent }: Holdings["rows"]["input"],
) {
  const { columns, key } = TABLES[table];
  const keys = columns.slice(0, key);
  const behind =
    after === null ? "1" : `(${keys.join(", ")}) > (${keys.map(() => "?").join(", ")})`;
  const found = sql.each(
    `SELECT ${columns.join(", ")} FROM ${table}
      WHERE ${behind} AND ${namespace === null ? "1" : "namespace = ?"} AND ${sent ? sentOnly(table) : "1"}
      ORDER BY ${keys.join(", ")}`,
    ...(after ?? []),
    ...(namespace === null ? [] : [namespace]),
  );
  const slice = takeSlice(found, { rows: PAGE_ROWS });
  const page = slice.rows.map((row) => columns.map((column) => row[column] ?? null));
  return { rows: page, next: slice.more ? (page.at(-1)?.slice(0, key) ?? null) : null };
}

/** A condition: neither waits the row to be sent, nor was it set aside. Keys are JSON arrays. */
function sentOnly(table: TableName): string {
  const { columns, key } = TABLES[table];
  const own = `json_array(${columns
    .slice(0, key)
    .map((column) => `${table}.${column}`)
    .join(", ")})`;
  return ["outbox", "dead_letters"]
    .map(
      (list) =>
        `NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = '${table}' AND o.key = ${own})`,
    )
    .join(" AND ");
}

function values(sql: LocalSql, table: TableName, where: string, ...args: SqlValue[]): SqlValue[][] {
  const { columns } = TABLES[table];
  const found = sql.all(`SELECT ${columns.join(", ")} FROM ${table} WHERE ${where}`, ...args);
  return found.map((row) => columns.map((column) => row[column] ?? null));
}
