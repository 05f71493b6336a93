/**
 * Makes the statements that write and delete rows of the shared tables, one for each table however
 * many rows, the values as one JSON argument. Running one twice leaves the same state, because a
 * reply may be lost after the commit.
 *
 * @module
 */

import type { SqlValue, Statement } from "./sql.ts";
import { TABLE_NAMES, TABLES, type Table, type TableName } from "./tables.ts";

const extract = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => `json_extract(value, '$[${i + from}]')`).join(", ");

/** Inserts rows, or replaces those of the same key. @param rows values in the table's order */
export function upsert(name: TableName, rows: readonly (readonly SqlValue[])[]): Statement {
  const { columns } = TABLES[name];
  return {
    sql: `INSERT INTO ${name} (${columns.join(", ")}) SELECT ${extract(columns.length)} FROM json_each(?) WHERE true
      ${orChange(name)}`,
    args: [JSON.stringify(rows)],
  };
}

/** As `upsert`, but a row that is stored as it is given is not written, so no trigger runs. */
export function upsertChanged(name: TableName, rows: readonly (readonly SqlValue[])[]): Statement {
  const { columns, key } = TABLES[name];
  const { sql, args } = upsert(name, rows);
  const differs = columns.slice(key).map((column) => `${name}.${column} IS NOT excluded.${column}`);
  return { sql: `${sql} WHERE ${differs.join(" OR ")}`, args };
}

/** For one row, its values as parameters in the order of the table's columns. */
export function upsertRow(name: TableName): string {
  const { columns } = TABLES[name];
  const values = columns.map(() => "?").join(", ");
  return `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${values}) ${orChange(name)}`;
}

function orChange(name: TableName): string {
  const { columns, key, fixed = [] }: Table = TABLES[name];
  const changing = columns.slice(key).filter((column) => !fixed.includes(column));
  const set = changing.map((column) => `${column} = excluded.${column}`);
  return `ON CONFLICT (${columns.slice(0, key).join(", ")}) DO UPDATE SET ${set.join(", ")}`;
}

/** Deletes rows; a key that has none is ignored. @param keys values in the key columns' order */
export function remove(name: TableName, keys: readonly (readonly SqlValue[])[]): Statement {
  const { columns, key } = TABLES[name];
  return {
    sql: `DELETE FROM ${name} WHERE (${columns.slice(0, key).join(", ")}) IN
      (SELECT ${extract(key)} FROM json_each(?))`,
    args: [JSON.stringify(keys)],
  };
}

/** What makes a namespace one that is there. */
const MAKE_NAMESPACES = [
  "episodes",
  "lessons",
  "namespace_settings",
] as const satisfies TableName[];

/**
 * The names of namespaces that have episodes, lessons or settings, in order: the first `limit`
 * behind `after`. Each is found by a step in the key's index, however many rows it has.
 */
export function namespacesBehind(after: string, limit: number): Statement {
  const nextIn = (table: TableName, name: string): string =>
    `SELECT min(namespace) AS own FROM ${table} WHERE namespace > ${name}`;
  const nextOf = (name: string): string => {
    const nexts = MAKE_NAMESPACES.map((table) => nextIn(table, name));
    return `SELECT min(own) FROM (${nexts.join(" UNION ALL ")})`;
  };
  return {
    sql: `WITH RECURSIVE names (name) AS (
        ${nextOf("?1")} UNION ALL SELECT (${nextOf("names.name")}) FROM names WHERE name IS NOT NULL
      ) SELECT name FROM names WHERE name IS NOT NULL LIMIT ?2`,
    args: [after, limit],
  };
}

/** The same, of these names alone. */
export function namespacesAmong(names: readonly string[], after: string, limit: number): Statement {
  const isIn = (table: TableName): string =>
    `EXISTS (SELECT 1 FROM ${table} WHERE namespace = named.value)`;
  return {
    sql: `SELECT named.value AS name FROM json_each(?3) AS named
      WHERE named.value > ?1 AND (${MAKE_NAMESPACES.map(isIn).join(" OR ")}) ORDER BY 1 LIMIT ?2`,
    args: [after, limit, JSON.stringify(names)],
  };
}

/** Deletes every shared row of a namespace. */
export function eraseNamespace(namespace: string): Statement[] {
  return TABLE_NAMES.filter((name) => name !== "api_keys").map((name) => ({
    sql: `DELETE FROM ${name} WHERE namespace = ?`,
    args: [namespace],
  }));
}
