/**
 * The statements by which rows of a backup come into a database. Lines go as they are, as one JSON
 * argument; nothing of them is interpreted on the way.
 *
 * @module
 */

import { TABLES, type Statement, type TableName } from "../../storage/index.ts";
import { valueSql } from "../format/rows.ts";

/**
 * merge: what is missing comes back, what is newer in the backup replaces what is older. replace:
 * as in the backup.
 */
export type RestoreMode = "merge" | "replace";

export interface RestoreScope {
  namespace: string | null;
  /** Only with a namespace. */
  episode: string | null;
}

/** Rows of one table on their way, in key order when they are of a scan. */
export interface Portion {
  table: TableName;
  op: "put" | "delete";
  columns: readonly string[];
  key: number;
  layer: number;
  lines: readonly string[];
  parts: boolean;
  /**
   * Keys as JSON arrays: the portion of a scan covers what is above `after`, up to and with
   * `through`; null: no bound.
   */
  after: string | null;
  through: string | null;
}

/** When a row of the backup is newer than the one that is there. */
const NEWER: Partial<Record<TableName, string>> = {
  episodes: "version",
  digests: "version",
  feedback: "updated_at",
  tombstones: "deleted_at",
  patterns: "last_seen_at",
};
/** Rows that belong to an episode, by which column. */
const OF_EPISODE: Partial<Record<TableName, readonly string[]>> = {
  episodes: ["id"],
  steps: ["episode_id"],
  relationships: ["from_id", "to_id"],
};

/**
 * Keys are never taken back and deletions never forgotten by a restore, unless it is asked to bring
 * the deleted back.
 */
export function modeFor(
  table: TableName,
  mode: RestoreMode,
  deleted: "respect" | "bring_back",
): RestoreMode {
  // Where keys are brought in at all, none is taken away.
  if (table === "api_keys") return "merge";
  if (table === "tombstones" && deleted === "respect") return "merge";
  return mode;
}

/**
 * Tables that a restore of this scope writes; tombstones first, because they say what must not come
 * back.
 */
export function tablesFor(
  { episode }: RestoreScope,
  deleted: "respect" | "bring_back",
): TableName[] {
  const names = Object.keys(TABLES) as TableName[];
  const wanted =
    episode === null ? names : names.filter((name) => OF_EPISODE[name] || name === "tombstones");
  const rest = wanted.filter((name) => name !== "tombstones");
  return deleted === "respect" || episode === null ? ["tombstones", ...rest] : rest;
}

/** The lines of a portion. Not called `value`: within `json_each` that would be its own column. */
const LINES = "(SELECT value AS line FROM json_each(?))";

const columnsOf = (portion: Portion): readonly string[] => portion.columns.slice(0, portion.key);

function keySql(portion: Portion, line = "line"): string[] {
  return columnsOf(portion).map((column, i) =>
    valueSql(portion.table, column, i, line, portion.parts),
  );
}

/** A condition on a row whose columns are called `column(name)`, and its parameters. */
function inScope(portion: Portion, scope: RestoreScope, column: (name: string) => string) {
  const parts: string[] = [];
  const args: string[] = [];
  if (scope.namespace !== null) {
    if (portion.table === "api_keys") parts.push("0");
    else {
      parts.push(`${column("namespace")} = ?`);
      args.push(scope.namespace);
    }
  }
  if (scope.episode !== null) {
    const columns = OF_EPISODE[portion.table] ?? ["episode_id"];
    parts.push(`(${columns.map((name) => `${column(name)} = ?`).join(" OR ")})`);
    args.push(...columns.map(() => scope.episode ?? ""));
  }
  return { sql: parts.length > 0 ? parts.join(" AND ") : "1", args };
}

/** Whether a higher layer had the key already. */
function unsettled(table: string, keys: readonly string[]): string {
  const wide = [...keys, "''", "''", "''"].slice(0, 4);
  return `NOT EXISTS (SELECT 1 FROM _restore_keys r WHERE r.t = '${table}'
    AND ${wide.map((key, i) => `r.k${i + 1} = ${key}`).join(" AND ")})`;
}

/** Whether the row does not belong to an episode that was deleted since. */
function alive(table: TableName, column: (name: string) => string): string {
  const owner: Partial<Record<TableName, string>> = { episodes: "id", steps: "episode_id" };
  const id = owner[table];
  const dead = (name: string): string =>
    `NOT EXISTS (SELECT 1 FROM _restore_dead d WHERE d.namespace = ${column("namespace")} AND d.episode_id = ${column(name)})`;
  if (table === "relationships") return `${dead("from_id")} AND ${dead("to_id")}`;
  return id === undefined ? "1" : dead(id);
}

/** The rows of the lines that count, as `SELECT` over named columns; with its parameters. */
function selection(
  portion: Portion,
  scope: RestoreScope,
  respect: boolean,
): { sql: string; args: string[] } {
  const { table, columns, parts, lines } = portion;
  const values = columns.map(
    (column, i) => `${valueSql(table, column, i, "line", parts)} AS ${column}`,
  );
  const named = (name: string): string => `v.${name}`;
  const within = inScope(portion, scope, named);
  return {
    sql: `SELECT ${columns.map(named).join(", ")} FROM (SELECT ${values.join(", ")} FROM ${LINES}) v
      WHERE ${within.sql} AND ${unsettled(table, columnsOf(portion).map(named))}
        AND ${respect ? alive(table, named) : "1"}`,
    args: [json(lines), ...within.args],
  };
}

const json = (lines: readonly string[]): string => `[${lines.join(",")}]`;

/** Rows that are there and that a scan's portion covers, but does not have. */
function surplus(portion: Portion, scope: RestoreScope): { sql: string; args: string[] } {
  const { table, lines, after, through } = portion;
  const keys = columnsOf(portion).map((name) => `${table}.${name}`);
  const row = `(${keys.join(", ")})`;
  const bound = (sign: string): string =>
    `${row} ${sign} (SELECT ${columnsOf(portion)
      .map((_, i) => `json_extract(value, '$[${i}]')`)
      .join(", ")} FROM (SELECT ? AS value))`;
  const within = inScope(portion, scope, (name) => `${table}.${name}`);
  return {
    sql: `${after === null ? "1" : bound(">")} AND ${through === null ? "1" : bound("<=")} AND ${within.sql}
      AND ${row} NOT IN (SELECT ${keySql(portion).join(", ")} FROM ${LINES}) AND ${unsettled(table, keys)}`,
    args: [
      ...(after === null ? [] : [after]),
      ...(through === null ? [] : [through]),
      ...within.args,
      json(lines),
    ],
  };
}

/** The statements that bring a portion in; in one transaction. */
export function applyPortion(
  portion: Portion,
  mode: RestoreMode,
  scope: RestoreScope,
  deleted: "respect" | "bring_back",
): Statement[] {
  const { table, op, columns, key, layer, lines } = portion;
  const statements: Statement[] = [];
  const keys = columnsOf(portion);
  if (op === "put") {
    if (table === "tombstones" && deleted === "respect") {
      // What the backup knows as deleted too is no later deletion.
      const at = valueSql(
        table,
        "deleted_at",
        columns.indexOf("deleted_at"),
        "line",
        portion.parts,
      );
      statements.push({
        sql: `DELETE FROM _restore_dead WHERE (namespace, episode_id, deleted_at) IN
          (SELECT ${[...keySql(portion), at].join(", ")} FROM ${LINES})`,
        args: [json(lines)],
      });
    }
    if (mode === "replace" && layer === 0) {
      const { sql, args } = surplus(portion, scope);
      statements.push({ sql: `DELETE FROM ${table} WHERE ${sql}`, args });
    }
    const rows = selection(portion, scope, deleted === "respect");
    const set = columns.slice(key).map((column) => `${column} = excluded.${column}`);
    const newer = NEWER[table];
    const conflict = `ON CONFLICT (${keys.join(", ")})`;
    const update =
      mode === "replace"
        ? `${conflict} DO UPDATE SET ${set.join(", ")}`
        : newer === undefined
          ? // Whatever it conflicts with: a key's hash is unique too.
            "ON CONFLICT DO NOTHING"
          : `${conflict} DO UPDATE SET ${set.join(", ")} WHERE excluded.${newer} > ${table}.${newer}`;
    if (lines.length > 0) {
      statements.push({
        sql: `INSERT INTO ${table} (${columns.join(", ")}) ${rows.sql} ${update}`,
        args: rows.args,
      });
    }
  } else if (mode === "replace") {
    const within = inScope(portion, scope, (name) => `${table}.${name}`);
    statements.push({
      sql: `DELETE FROM ${table} WHERE (${keys.join(", ")}) IN (SELECT ${keySql(portion).join(", ")} FROM ${LINES})
        AND ${within.sql} AND ${unsettled(
          table,
          keys.map((name) => `${table}.${name}`),
        )}`,
      args: [json(lines), ...within.args],
    });
  }
  if (layer > 0 && lines.length > 0) statements.push(settle(portion));
  return statements;
}

/** Notes that the keys of a portion have their final state. */
export function settle(portion: Portion): Statement {
  const wide = [...keySql(portion), "''", "''", "''"].slice(0, 4);
  return {
    sql: `INSERT OR IGNORE INTO _restore_keys (t, k1, k2, k3, k4)
      SELECT '${portion.table}', ${wide.join(", ")} FROM ${LINES}`,
    args: [json(portion.lines)],
  };
}

/** One row: how many rows of the portion are missing, how many would change, how many would go. */
export function countPortion(
  portion: Portion,
  mode: RestoreMode,
  scope: RestoreScope,
  deleted: "respect" | "bring_back",
): Statement {
  const { table, op, columns, key, layer } = portion;
  const keys = columnsOf(portion);
  const there = (alias: string): string =>
    keys.map((name) => `t.${name} = ${alias}.${name}`).join(" AND ");
  if (op === "delete") {
    if (mode === "merge")
      return { sql: "SELECT 0 AS missing, 0 AS changed, 0 AS surplus", args: [] };
    const within = inScope(portion, scope, (name) => `${table}.${name}`);
    return {
      sql: `SELECT 0 AS missing, 0 AS changed, count(*) AS surplus FROM ${table}
        WHERE (${keys.join(", ")}) IN (SELECT ${keySql(portion).join(", ")} FROM ${LINES}) AND ${within.sql}
          AND ${unsettled(
            table,
            keys.map((name) => `${table}.${name}`),
          )}`,
      args: [json(portion.lines), ...within.args],
    };
  }
  const rows = selection(portion, scope, deleted === "respect");
  const newer = NEWER[table];
  const differs = columns.slice(key).map((column) => `t.${column} IS NOT v.${column}`);
  const changed =
    mode === "merge"
      ? newer === undefined
        ? "0"
        : `v.${newer} > t.${newer}`
      : `(${differs.join(" OR ")})`;
  const gone = mode === "replace" && layer === 0 ? surplus(portion, scope) : null;
  return {
    sql: `SELECT coalesce(sum(t.${keys[0] ?? ""} IS NULL), 0) AS missing,
        coalesce(sum(t.${keys[0] ?? ""} IS NOT NULL AND ${changed}), 0) AS changed,
        ${gone ? `(SELECT count(*) FROM ${table} WHERE ${gone.sql})` : "0"} AS surplus
      FROM (${rows.sql}) v LEFT JOIN ${table} t ON ${there("v")}`,
    args: [...(gone?.args ?? []), ...rows.args],
  };
}
