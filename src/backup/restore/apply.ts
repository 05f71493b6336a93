/**
 * Makes the statements that bring a portion of a backup into a database, and those that count what
 * that would change and write nothing: their conditions are the same. Runs none.
 *
 * @module
 */

import { valueSql } from "../format/rows.ts";
import {
  incomingRows,
  keyColumns,
  keyValues,
  LINES,
  linesArg,
  namedCondition,
  padded,
  type Portion,
  surplusCondition,
} from "./portion-sql.ts";
import { NEWER_BY, type PortionRules } from "./rules.ts";
import type { Database, Statement } from "../../storage/index.ts";

/** To be run in this order, in one transaction. */
export function applyPortion(portion: Portion, rules: PortionRules): Statement[] {
  const statements = portion.op === "put" ? putRows(portion, rules) : deleteRows(portion, rules);
  return portion.layer > 0 && portion.lines.length > 0
    ? [...statements, decideKeys(portion)]
    : statements;
}

/** Notes that the keys of a portion are decided: an older layer changes nothing about them. */
export function decideKeys(portion: Portion): Statement {
  return {
    sql: `INSERT OR IGNORE INTO _restore_keys (t, k1, k2, k3, k4)
      SELECT '${portion.table}', ${padded(keyValues(portion)).join(", ")} FROM ${LINES}`,
    args: [linesArg(portion.lines)],
  };
}

function putRows(portion: Portion, rules: PortionRules): Statement[] {
  const { table, layer, lines } = portion;
  const statements: Statement[] = [];
  if (table === "tombstones" && rules.deleted === "respect") statements.push(oldDeletions(portion));
  if (rules.mode === "replace" && layer === 0) {
    const { sql, args } = surplusCondition(portion, rules.scope);
    statements.push({ sql: `DELETE FROM ${table} WHERE ${sql}`, args });
  }
  if (lines.length > 0) statements.push(insertRows(portion, rules));
  if (lines.length > 0 && table === "steps") statements.push(tellFeed(portion));
  return statements;
}

/** Steps come without their episodes, whose lines of the change feed name them. */
function tellFeed(portion: Portion): Statement {
  const [namespace, id] = keyValues(portion);
  return {
    sql: `INSERT INTO _changes (t, k1, k2) SELECT DISTINCT 'episodes', ${namespace}, ${id} FROM ${LINES}`,
    args: [linesArg(portion.lines)],
  };
}

/** What the backup holds as deleted too, was not deleted after it. */
function oldDeletions(portion: Portion): Statement {
  const { columns, parts, lines } = portion;
  const at = valueSql(columns.indexOf("deleted_at"), "line", parts);
  return {
    sql: `DELETE FROM _restore_dead WHERE (namespace, episode_id, deleted_at) IN
      (SELECT ${[...keyValues(portion), at].join(", ")} FROM ${LINES})`,
    args: [linesArg(lines)],
  };
}

function insertRows(portion: Portion, rules: PortionRules): Statement {
  const { table, columns } = portion;
  const { sql, args } = incomingRows(portion, rules);
  return {
    sql: `INSERT INTO ${table} (${columns.join(", ")}) ${sql} ${onConflict(portion, rules)}`,
    args,
  };
}

function onConflict(portion: Portion, { mode }: PortionRules): string {
  const { table, columns, key } = portion;
  const newer = NEWER_BY[table];
  // Whatever it conflicts with: a key's hash is unique, too.
  if (mode === "merge" && newer === undefined) return "ON CONFLICT DO NOTHING";

  const set = columns.slice(key).map((column) => `${column} = excluded.${column}`);
  const update = `ON CONFLICT (${keyColumns(portion).join(", ")}) DO UPDATE SET ${set.join(", ")}`;
  return mode === "replace" ? update : `${update} WHERE excluded.${newer} > ${table}.${newer}`;
}

function deleteRows(portion: Portion, { mode, scope }: PortionRules): Statement[] {
  if (mode === "merge") return [];
  const { sql, args } = namedCondition(portion, scope);
  return [{ sql: `DELETE FROM ${portion.table} WHERE ${sql}`, args }];
}

/** Rows of the backup that the database lacks, that would change, and that would go. */
export interface RestoreCounts {
  missing: number;
  changed: number;
  surplus: number;
}

export const noCounts = (): RestoreCounts => ({ missing: 0, changed: 0, surplus: 0 });

export function addCounts(sum: RestoreCounts, { missing, changed, surplus }: RestoreCounts): void {
  sum.missing += missing;
  sum.changed += changed;
  sum.surplus += surplus;
}

/** Throws `DatabaseError`. */
export async function countPortion(
  database: Pick<Database, "all">,
  portion: Portion,
  rules: PortionRules,
): Promise<RestoreCounts> {
  const { sql, args } =
    portion.op === "put" ? countPut(portion, rules) : countDelete(portion, rules);
  const [row] = await database.all<{ missing: number; changed: number; surplus: number }>(
    sql,
    ...args,
  );
  return row ?? noCounts();
}

function countPut(portion: Portion, rules: PortionRules): Statement {
  const { table, layer } = portion;
  const keys = keyColumns(portion);
  const rows = incomingRows(portion, rules);
  const joined = keys.map((name) => `t.${name} = v.${name}`).join(" AND ");
  const isThere = `t.${keys[0] ?? ""} IS NOT NULL`;
  const surplus =
    rules.mode === "replace" && layer === 0 ? surplusCondition(portion, rules.scope) : null;
  return {
    sql: `SELECT coalesce(sum(NOT (${isThere})), 0) AS missing,
        coalesce(sum(${isThere} AND ${changesSql(portion, rules)}), 0) AS changed,
        ${surplus ? `(SELECT count(*) FROM ${table} WHERE ${surplus.sql})` : "0"} AS surplus
      FROM (${rows.sql}) v LEFT JOIN ${table} t ON ${joined}`,
    args: [...(surplus?.args ?? []), ...rows.args],
  };
}

/** Whether the row `v` of the backup would change the row `t` that is there. */
function changesSql({ table, columns, key }: Portion, { mode }: PortionRules): string {
  if (mode === "merge") {
    const newer = NEWER_BY[table];
    return newer === undefined ? "0" : `v.${newer} > t.${newer}`;
  }
  const differs = columns.slice(key).map((column) => `t.${column} IS NOT v.${column}`);
  return `(${differs.join(" OR ")})`;
}

function countDelete(portion: Portion, { mode, scope }: PortionRules): Statement {
  if (mode === "merge") {
    return { sql: "SELECT 0 AS missing, 0 AS changed, 0 AS surplus", args: [] };
  }
  const { sql, args } = namedCondition(portion, scope);
  return {
    sql: `SELECT 0 AS missing, 0 AS changed, count(*) AS surplus FROM ${portion.table} WHERE ${sql}`,
    args,
  };
}
