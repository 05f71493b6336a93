/**
 * Counts what bringing a portion in would change: the conditions are those of `apply.ts`, and
 * nothing is written.
 *
 * @module
 */

import type { Database, Statement } from "../../storage/index.ts";
import {
  incomingRows,
  keyColumns,
  namedCondition,
  surplusCondition,
  type Portion,
} from "./portion-sql.ts";
import { NEWER_BY, type PortionRules } from "./rules.ts";

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
