/**
 * What an instance holds, page by page, for a restore: whatever was acknowledged and a restored database lacks must come
 * into it before the copies here are dropped. Reads only. A page is bounded in rows and in characters, so that it stays
 * far below what an RPC may carry and what one turn may take, however much is here.
 *
 * @module
 */

import { TABLES, type LocalSql, type SqlValue, type TableName } from "../storage/index.ts";
import { unmarked } from "./eviction.ts";

/** Tables that are read a namespace at a time; `tombstones` also as a whole. */
export type HeldTable =
  | "tombstones"
  | "relationships"
  | "digests"
  | "patterns"
  | "domains"
  | "search_docs"
  | "vectors"
  | "recalls"
  | "feedback";

/** An episode that is here and of which nothing is unsent. */
export interface HeldCopy {
  namespace: string;
  id: string;
  version: number;
  /** ms since the epoch. */
  updated_at: number;
  status: string;
  steps: number;
}

/** Where the rows of some episodes go on: at which of them, behind which of its steps. */
export interface EpisodesCursor {
  index: number;
  number: number;
}

/** What may be asked, by name: input and output. `next`: where the next page begins; null: this is the last. */
export interface Holdings {
  /** Namespaces whose home this is. knows: all that was learned of it is here, relates: all its relationships are. */
  namespaces: {
    input: { after: string };
    output: { namespaces: { namespace: string; knows: boolean; relates: boolean }[]; next: string | null };
  };
  /** @param namespace null: all of them */
  copies: {
    input: { namespace: string | null; episode: string | null; after: readonly [string, string] };
    output: { copies: HeldCopy[]; next: [string, string] | null };
  };
  /** Rows of whole episodes, in the order of the keys; one that is gone has none. */
  episodes: {
    input: { keys: readonly (readonly [string, string])[]; from: EpisodesCursor };
    output: { rows: { table: "episodes" | "steps"; row: SqlValue[] }[]; next: EpisodesCursor | null };
  };
  /** Rows in key order; `sent`: only those of which the database was told. */
  rows: {
    input: { table: HeldTable; namespace: string | null; after: readonly SqlValue[] | null; sent: boolean };
    output: { rows: SqlValue[][]; next: SqlValue[] | null };
  };
}
export type HoldingsName = keyof Holdings;

const PAGE_ROWS = 500;
/** Characters of a page, unless one row alone has more. */
const PAGE_CHARS = 1_000_000;

/** An episode's steps behind a number, as many as fit; at least one. */
const STEPS_SLICE = `SELECT number FROM (SELECT number, row_number() OVER later AS place,
    sum(octet_length(body)) OVER later AS bytes
  FROM steps WHERE namespace = ? AND episode_id = ? AND number > ? WINDOW later AS (ORDER BY number))
  WHERE bytes <= ? OR place = 1 ORDER BY number`;

export interface HoldingsPorts {
  sql: LocalSql;
  /** Whether what has this text as its home lives here now. */
  lives: (home: string) => boolean;
}

export function holdings<N extends HoldingsName>(
  ports: HoldingsPorts,
  name: N,
  input: Holdings[N]["input"],
): Holdings[N]["output"] {
  return (PAGES[name] as (ports: HoldingsPorts, input: Holdings[N]["input"]) => Holdings[N]["output"])(ports, input);
}

const PAGES: {
  readonly [N in HoldingsName]: (ports: HoldingsPorts, input: Holdings[N]["input"]) => Holdings[N]["output"];
} = { namespaces, copies, episodes, rows };

function namespaces({ sql, lives }: HoldingsPorts, { after }: Holdings["namespaces"]["input"]) {
  const found = sql.all<{ namespace: string; knows: number; relates: number }>(
    `SELECT namespace, max(knows) AS knows, max(relates) AS relates FROM (
        SELECT namespace, state = 'ready' AS knows, 0 AS relates FROM knowledge_namespaces
        UNION ALL SELECT namespace, 0, 1 FROM relationships_loaded)
      WHERE namespace > ? GROUP BY namespace ORDER BY namespace LIMIT ?`,
    after,
    PAGE_ROWS,
  );
  const mine = found.filter(({ namespace }) => lives(`ns:${namespace}`));
  return {
    namespaces: mine.map(({ namespace, knows, relates }) => ({
      namespace,
      knows: knows === 1,
      relates: relates === 1,
    })),
    next: found.length === PAGE_ROWS ? (found.at(-1)?.namespace ?? null) : null,
  };
}

function copies({ sql, lives }: HoldingsPorts, { namespace, episode, after }: Holdings["copies"]["input"]) {
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
    copies: held.filter(({ id }) => lives(id)),
    next: last ? ([last.namespace, last.id] as [string, string]) : null,
  };
}

function episodes({ sql }: HoldingsPorts, { keys, from }: Holdings["episodes"]["input"]) {
  const found: Holdings["episodes"]["output"]["rows"] = [];
  let chars = 0;
  const add = (table: "episodes" | "steps", row: SqlValue[]): void => {
    found.push({ table, row });
    chars += charsOf(row);
  };
  for (let index = from.index; index < keys.length; index++) {
    const [namespace = "", id = ""] = keys[index] ?? [];
    let number = index === from.index ? from.number : 0;
    if (number === 0) {
      const [row] = values(sql, "episodes", "namespace = ? AND id = ?", namespace, id);
      if (!row) continue;
      add("episodes", row);
    }
    for (;;) {
      if (chars >= PAGE_CHARS) return { rows: found, next: { index, number } };
      const fitting = sql.all<{ number: number }>(STEPS_SLICE, namespace, id, number, PAGE_CHARS - chars);
      const through = fitting.at(-1)?.number;
      if (through === undefined) break;
      const where = "namespace = ? AND episode_id = ? AND number > ? AND number <= ? ORDER BY number";
      for (const row of values(sql, "steps", where, namespace, id, number, through)) add("steps", row);
      number = through;
    }
  }
  return { rows: found, next: null };
}

function rows({ sql }: HoldingsPorts, { table, namespace, after, sent }: Holdings["rows"]["input"]) {
  const { columns, key } = TABLES[table];
  const keys = columns.slice(0, key);
  const behind = after === null ? "1" : `(${keys.join(", ")}) > (${keys.map(() => "?").join(", ")})`;
  const where = `${behind} AND ${namespace === null ? "1" : "namespace = ?"}`;
  const args = [...(after ?? []), ...(namespace === null ? [] : [namespace])];
  const lengths = columns.map((column) => `coalesce(octet_length(${column}), 0)`);
  const sized = sql.all<Record<string, SqlValue> & { _chars: number }>(
    `SELECT ${keys.join(", ")}, ${lengths.join(" + ")} AS _chars FROM ${table}
      WHERE ${where} ORDER BY ${keys.join(", ")} LIMIT ?`,
    ...args,
    PAGE_ROWS,
  );

  // Their lengths first: rows that do not fit are not read.
  let chars = 0;
  const over = sized.findIndex((row, i) => {
    chars += row._chars;
    return i > 0 && chars > PAGE_CHARS;
  });
  const fitting = over < 0 ? sized : sized.slice(0, over);
  const last = fitting.at(-1);
  if (!last) return { rows: [], next: null };
  const through = keys.map((column) => last[column] ?? null);
  const bounded = `${where} AND (${keys.join(", ")}) <= (${keys.map(() => "?").join(", ")})
    AND ${sent ? sentOnly(table) : "1"} ORDER BY ${keys.join(", ")}`;
  const complete = over < 0 && sized.length < PAGE_ROWS;
  return { rows: values(sql, table, bounded, ...args, ...through), next: complete ? null : through };
}

/** A condition: neither waits the row to be sent, nor was it set aside. Keys are JSON arrays. */
function sentOnly(table: TableName): string {
  const { columns, key } = TABLES[table];
  const own = `json_array(${columns
    .slice(0, key)
    .map((column) => `${table}.${column}`)
    .join(", ")})`;
  return ["outbox", "dead_letters"]
    .map((list) => `NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = '${table}' AND o.key = ${own})`)
    .join(" AND ");
}

function values(sql: LocalSql, table: TableName, where: string, ...args: SqlValue[]): SqlValue[][] {
  const { columns } = TABLES[table];
  const found = sql.all(`SELECT ${columns.join(", ")} FROM ${table} WHERE ${where}`, ...args);
  return found.map((row) => columns.map((column) => row[column] ?? null));
}

function charsOf(row: readonly SqlValue[]): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0);
}
