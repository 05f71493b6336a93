/**
 * Makes the statements that bring a portion of a backup into a database. Runs none.
 *
 * @module
 */

import type { Statement } from "../../storage/index.ts";
import { valueSql } from "../format/rows.ts";
import {
  incomingRows,
  keyColumns,
  keyValues,
  LINES,
  linesArg,
  namedCondition,
  padded,
  surplusCondition,
  type Portion,
} from "./portion-sql.ts";
import { NEWER_BY, type PortionRules } from "./rules.ts";

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
  return statements;
}

/** What the backup holds as deleted too, was not deleted after it. */
function oldDeletions(portion: Portion): Statement {
  const { table, columns, parts, lines } = portion;
  const at = valueSql(table, "deleted_at", columns.indexOf("deleted_at"), "line", parts);
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
