/**
 * Makes SQL expressions and conditions about a portion: rows of one table on their way from a backup
 * into a database, by the rules of a restore. Lines go as they are, as one JSON argument; nothing of
 * them is interpreted on the way. The statements are in `apply.ts`. Pure.
 *
 * @module
 */

import { valueSql } from "../format/rows.ts";
import type { TableName } from "../../storage/index.ts";
import { EPISODE_COLUMNS, type PortionRules, type RestoreScope } from "./rules.ts";

/** Rows of one table, in key order when they are of a scan. */
export interface Portion {
  table: TableName;
  op: "put" | "delete";
  /** The columns of a line, keys first. */
  columns: readonly string[];
  /** How many of them are the key. */
  key: number;
  layer: number;
  /** Rows as a backup writes them; keys only for `delete`. */
  lines: readonly string[];
  /** Whether text of the lines may be written in parts. */
  parts: boolean;
  /**
   * Keys as JSON arrays: the portion of a scan covers what is above `after`, up to and with
   * `through`; null: no bound.
   */
  after: string | null;
  through: string | null;
}

/** A piece of SQL and its parameters. */
interface Fragment {
  sql: string;
  args: string[];
}

/** How a column is written in SQL, for example `v.id`. */
type ColumnSql = (name: string) => string;

/** Columns of `_restore_keys` for a key. */
const KEY_WIDTH = 4;

/** The lines as rows. Not called `value`: within `json_each` that would be its own column. */
export const LINES = "(SELECT value AS line FROM json_each(?))";

/** The argument of `LINES`. */
export const linesArg = (lines: readonly string[]): string => `[${lines.join(",")}]`;

export const keyColumns = ({ columns, key }: Portion): readonly string[] => columns.slice(0, key);

/** The key's values within a line. */
export function keyValues(portion: Portion): string[] {
  const { parts } = portion;
  return keyColumns(portion).map((_, i) => valueSql(i, "line", parts));
}

/** A key's expressions, filled up to the width of `_restore_keys`. */
export function padded(keys: readonly string[]): string[] {
  const blanks = Array.from({ length: KEY_WIDTH }, () => "''");
  return [...keys, ...blanks].slice(0, KEY_WIDTH);
}

/** True for rows in the scope. */
function scopeCondition(
  { table }: Portion,
  { namespace, episode }: RestoreScope,
  column: ColumnSql,
): Fragment {
  const conditions: string[] = [];
  const args: string[] = [];
  if (namespace !== null && table === "api_keys") conditions.push("0");
  else if (namespace !== null) {
    conditions.push(`${column("namespace")} = ?`);
    args.push(namespace);
  }
  if (episode !== null) {
    const columns = EPISODE_COLUMNS[table] ?? ["episode_id"];
    conditions.push(`(${columns.map((name) => `${column(name)} = ?`).join(" OR ")})`);
    args.push(...columns.map(() => episode));
  }
  return { sql: conditions.length > 0 ? conditions.join(" AND ") : "1", args };
}

/** True for keys that no newer layer decided about. */
function undecided(table: TableName, keys: readonly string[]): string {
  return `NOT EXISTS (SELECT 1 FROM _restore_keys r WHERE r.t = '${table}'
    AND ${padded(keys)
      .map((key, i) => `r.k${i + 1} = ${key}`)
      .join(" AND ")})`;
}

/**
 * True for rows whose episodes were not deleted after the backup; for a pattern, those that it
 * names: what only deleted episodes showed does not come back.
 */
function notDeleted(table: TableName, column: ColumnSql): string {
  const dead = `SELECT 1 FROM _restore_dead d WHERE d.namespace = ${column("namespace")}`;
  const conditions = (EPISODE_COLUMNS[table] ?? []).map(
    (name) => `NOT EXISTS (${dead} AND d.episode_id = ${column(name)})`,
  );
  if (table === "patterns") {
    const body = column("body");
    const tree = `json_tree(CASE WHEN json_valid(${body}) THEN ${body} ELSE '{}' END, '$.episodes')`;
    conditions.push(
      `NOT EXISTS (${dead} AND d.episode_id IN (SELECT atom FROM ${tree} WHERE key = 'id'))`,
    );
  }
  return conditions.length > 0 ? conditions.join(" AND ") : "1";
}

/** A SELECT of the rows of the lines that are to be brought in, its columns named. */
export function incomingRows(portion: Portion, { scope, deleted }: PortionRules): Fragment {
  const { table, columns, parts, lines } = portion;
  const values = columns.map((column, i) => `${valueSql(i, "line", parts)} AS ${column}`);
  const named: ColumnSql = (name) => `v.${name}`;
  const inScope = scopeCondition(portion, scope, named);
  return {
    sql: `SELECT ${columns.map(named).join(", ")} FROM (SELECT ${values.join(", ")} FROM ${LINES}) v
      WHERE ${inScope.sql} AND ${undecided(table, keyColumns(portion).map(named))}
        AND ${deleted === "respect" ? notDeleted(table, named) : "1"}`,
    args: [linesArg(lines), ...inScope.args],
  };
}

/** True for rows of the table that a scan's portion covers and does not have. */
export function surplusCondition(portion: Portion, scope: RestoreScope): Fragment {
  const { table, lines, after, through } = portion;
  const own: ColumnSql = (name) => `${table}.${name}`;
  const keys = keyColumns(portion).map(own);
  const row = `(${keys.join(", ")})`;
  const bound = (sign: string): string =>
    `${row} ${sign} (SELECT ${keys
      .map((_, i) => `json_extract(value, '$[${i}]')`)
      .join(", ")} FROM (SELECT ? AS value))`;
  const inScope = scopeCondition(portion, scope, own);
  return {
    sql: `${after === null ? "1" : bound(">")} AND ${through === null ? "1" : bound("<=")} AND ${inScope.sql}
      AND ${row} NOT IN (SELECT ${keyValues(portion).join(", ")} FROM ${LINES}) AND ${undecided(table, keys)}`,
    args: [
      ...(after === null ? [] : [after]),
      ...(through === null ? [] : [through]),
      ...inScope.args,
      linesArg(lines),
    ],
  };
}

/** True for rows of the table whose keys a portion of deletions names. */
export function namedCondition(portion: Portion, scope: RestoreScope): Fragment {
  const { table, lines } = portion;
  const own: ColumnSql = (name) => `${table}.${name}`;
  const inScope = scopeCondition(portion, scope, own);
  return {
    sql: `(${keyColumns(portion).join(", ")}) IN (SELECT ${keyValues(portion).join(", ")} FROM ${LINES})
      AND ${inScope.sql} AND ${undecided(table, keyColumns(portion).map(own))}`,
    args: [linesArg(lines), ...inScope.args],
  };
}
