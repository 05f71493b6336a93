/**
 * Reads rows a slice at a time, for whatever moves them: from the database to an instance, from an
 * instance to another, to a backup, to a client. A slice is bounded in bytes as well as in rows,
 * because a row may have nearly 2 MB, the largest value that the platform takes, while the database
 * answers with at most 10 MB and a call between objects carries at most 32 MiB. A row that is larger
 * than a slice is a slice by itself, so it never blocks those behind it.
 *
 * @module
 */

import { byteLength } from "../util/bytes.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Row, SqlReader, SqlValue, Statement } from "./sql.ts";
import { TABLES, type Table, type TableName } from "./tables.ts";

/** UTF-8 bytes of a slice's values, unless it is one row. */
export const SLICE_BYTES = LIMITS.slice_bytes;

export interface SliceBounds {
  rows: number;
  /** SLICE_BYTES by default. */
  bytes?: number;
}

export interface Slice<T> {
  rows: T[];
  /** UTF-8 bytes of their values. */
  bytes: number;
  /** There are rows behind it. */
  more: boolean;
}

/** UTF-8 bytes of values; a number counts as eight. */
export function bytesOfValues(values: readonly SqlValue[]): number {
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? byteLength(value) : 8),
    0,
  );
}

/**
 * As many of the rows as fit, at least one. Reads one row more than it takes, and none after that:
 * pass a cursor that fetches as it goes (`LocalSql.each`), not an array of everything.
 *
 * @param sizeOf UTF-8 bytes of a row; by default those of its values
 */
export function takeSlice<T>(
  rows: Iterable<T>,
  bounds: SliceBounds,
  sizeOf: (row: T) => number = (row) => bytesOfValues(Object.values(row as Row)),
): Slice<T> {
  const slice: Slice<T> = { rows: [], bytes: 0, more: false };
  const bytesMax = bounds.bytes ?? SLICE_BYTES;
  for (const row of rows) {
    const bytes = sizeOf(row);
    const isFull = slice.rows.length >= bounds.rows || slice.bytes + bytes > bytesMax;
    if (slice.rows.length > 0 && isFull) return { ...slice, more: true };
    slice.rows.push(row);
    slice.bytes += bytes;
  }
  return slice;
}

/**
 * SQL for the bytes of a row's values. Lengths are in the rows' heads: the values themselves are
 * not read for it.
 */
function sizeSql(columns: readonly string[], alias: string): string {
  return columns.map((column) => `coalesce(octet_length(${alias}.${column}), 0)`).join(" + ");
}

/**
 * The statement for the next rows of a namespace, in key order, as many as fit. Each row has
 * `_listed` beside the table's columns: how many rows there are behind `after`, counted up to the
 * bound of rows. There are more to read when it reaches that bound, or when fewer came than it says.
 *
 * @param after the last key that was read, without the namespace; null: from the beginning
 */
function namespaceSlice(
  name: TableName,
  namespace: string,
  after: readonly SqlValue[] | null,
  bounds: SliceBounds,
): Statement {
  const { columns, key }: Table = TABLES[name];
  const keys = columns.slice(1, key);
  const listed = keys.join(", ");
  const behind = after ? `AND (${listed}) > (${keys.map(() => "?").join(", ")})` : "";
  const inner = `SELECT ${listed}, ${sizeSql(columns.slice(key), "r")} AS size FROM ${name} r
      WHERE namespace = ? ${behind} ORDER BY ${listed} LIMIT ?`;
  const sized = `SELECT ${listed}, sum(size) OVER w AS total, row_number() OVER w AS place, count(*) OVER () AS listed
    FROM (${inner}) WINDOW w AS (ORDER BY ${listed})`;
  return {
    sql: `SELECT ${columns.map((column) => `t.${column}`).join(", ")}, s.listed AS _listed
      FROM (${sized}) s CROSS JOIN ${name} t
        ON t.namespace = ? AND ${keys.map((column) => `t.${column} = s.${column}`).join(" AND ")}
      WHERE s.total <= ? OR s.place = 1 ORDER BY ${keys.map((column) => `t.${column}`).join(", ")}`,
    args: [namespace, ...(after ?? []), bounds.rows, namespace, bounds.bytes ?? SLICE_BYTES],
  };
}

/** Reads what `namespaceSlice` asks for. Throws `DatabaseError`. */
export async function readNamespaceSlice(
  reader: SqlReader,
  name: TableName,
  namespace: string,
  after: readonly SqlValue[] | null,
  bounds: SliceBounds,
): Promise<Slice<SqlValue[]>> {
  const { sql, args } = namespaceSlice(name, namespace, after, bounds);
  const records = await reader.all(sql, ...args);
  const rows = records.map((row) => TABLES[name].columns.map((column) => row[column] ?? null));
  const listed = Number(records[0]?.["_listed"] ?? 0);
  const bytes = rows.reduce((sum, row) => sum + bytesOfValues(row), 0);
  return { rows, bytes, more: rows.length < listed || listed >= bounds.rows };
}

/** Which rows `readByKeys` reads, and what of them. */
export interface KeyedRead {
  name: TableName;
  namespace: string;
  /** The column beside the namespace that holds the ids. */
  column: string;
  ids: readonly (string | number)[];
  /** What is selected of the row, whose alias is `t`: expressions with their names. */
  select: string;
  /** The columns that `select` uses: their bytes bound what one question reads. */
  counted: readonly string[];
}

/**
 * Rows by their ids. From the database in the order of the ids, with as many questions as their
 * bytes need; from the object's own SQLite at once, in any order. Throws `DatabaseError`.
 */
export async function readByKeys<T extends Row>(reader: SqlReader, read: KeyedRead): Promise<T[]> {
  const { name, namespace, column, select, counted } = read;
  if (reader.isLocal) {
    const text = `SELECT ${select} FROM ${name} t
      WHERE t.namespace = ? AND t.${column} IN (SELECT value FROM json_each(?))`;
    return reader.all<T>(text, namespace, JSON.stringify(read.ids));
  }

  const statement = `SELECT s.at AS _at, s.listed - s.place AS _left, ${select} FROM (
      SELECT at, id, sum(size) OVER w AS total, row_number() OVER w AS place, count(*) OVER () AS listed FROM (
        SELECT j.key AS at, j.value AS id, ${sizeSql(counted, "r")} AS size FROM json_each(?) j
          CROSS JOIN ${name} r ON r.namespace = ? AND r.${column} = j.value)
      WINDOW w AS (ORDER BY at)) s
    CROSS JOIN ${name} t ON t.namespace = ? AND t.${column} = s.id
    WHERE s.total <= ? OR s.place = 1 ORDER BY s.at`;
  const all: T[] = [];
  let { ids } = read;
  while (ids.length > 0) {
    const rows = await reader.all<T & { _at: number; _left: number }>(
      statement,
      JSON.stringify(ids),
      namespace,
      namespace,
      SLICE_BYTES,
    );
    all.push(...rows);
    const last = rows.at(-1);
    if (!last || last._left === 0) break;
    ids = ids.slice(last._at + 1);
  }
  return all;
}

/** A list in an order of its own, for `readOrdered`. */
export interface OrderedRead {
  /** Of which table and which rows of it, as in FROM and WHERE; the table has a column `body`. */
  from: string;
  /** What it is ordered by, as in ORDER BY; unique, so that it is the same each time. */
  order: string;
  args: readonly SqlValue[];
  bounds: SliceBounds;
  /** A column beside the body. */
  also?: string;
}

/** The first rows of a list, as many as fit: their bodies, and `also`. Throws `DatabaseError`. */
export async function readOrdered<T extends Row = Row>(
  reader: SqlReader,
  read: OrderedRead,
): Promise<Slice<T & { body: string }>> {
  const { from, order, args, bounds, also } = read;
  const columns = also === undefined ? "body" : `body, ${also}`;
  type Listed = T & { body: string };
  if (reader.isLocal) {
    const text = `SELECT ${columns} FROM ${from} ORDER BY ${order} LIMIT ?`;
    return takeSlice(await reader.all<Listed>(text, ...args, bounds.rows + 1), bounds);
  }

  // What is counted and summed is what the innermost gives: no window goes over the whole table.
  const rows = await reader.all<Listed & { listed: number }>(
    `SELECT ${columns}, listed FROM (
        SELECT ${columns}, row_number() OVER w AS place, sum(octet_length(body)) OVER w AS total,
          count(*) OVER () AS listed
        FROM (SELECT * FROM ${from} ORDER BY ${order} LIMIT ?) WINDOW w AS (ORDER BY ${order}))
      WHERE total <= ? OR place = 1 ORDER BY place`,
    ...args,
    bounds.rows + 1,
    bounds.bytes ?? SLICE_BYTES,
  );
  const taken = rows.slice(0, bounds.rows);
  const bytes = taken.reduce((sum, { body }) => sum + byteLength(body), 0);
  return { rows: taken, bytes, more: taken.length < (rows[0]?.listed ?? 0) };
}
