/**
 * An object's own storage, page by page, for a snapshot: first what the database has not seen, each
 * row of the outbox together with the row that it names as that is at this moment; then what only
 * the object has; then its copies of what the database has. A page is read without a wait, so
 * nothing changes within it, and is bounded in rows and bytes.
 *
 * @module
 */

import {
  bytesOfValues,
  keyCondition,
  TABLE_NAMES,
  TABLES,
  takeSlice,
  valuesOf,
  type LocalSql,
  type Row,
  type SqlValue,
  type TableName,
} from "../../../storage/index.ts";
import { tablesOfShards } from "../instance/placement.ts";
import { instanceTables } from "./instance-tables.ts";

/** Where the next page begins: in which stage, and behind which rowid of its table. */
export interface SnapshotCursor {
  stage: number;
  after: number;
}

interface SnapshotRow {
  table: string;
  /** Not seen by the database; only here; a copy of what the database has. */
  state: "unsent" | "local" | "cached";
  /** Of an unsent row. */
  key: SqlValue[] | null;
  /** Values in the order of the table's columns, or by name where only an object has the table. */
  row: SqlValue[] | Row | null;
}

export interface SnapshotPage {
  /** A null row of an unsent key is a deletion that the database has not heard of. */
  rows: SnapshotRow[];
  /** null: this is the last page. */
  next: SnapshotCursor | null;
}

/** A table that a snapshot reads, and what its rows are. */
type Stage =
  | { state: "unsent"; table: "outbox" }
  | { state: "local"; table: string }
  | { state: "cached"; table: TableName };

const UNSENT = { state: "unsent", table: "outbox" } as const;
const local = (table: string): Stage => ({ state: "local", table });
const cached = (table: TableName): Stage => ({ state: "cached", table });

/** What a snapshot has of an instance. */
export const INSTANCE_STAGES: readonly Stage[] = [
  UNSENT,
  ...instanceTables(({ isInSnapshot }) => isInSnapshot)
    .filter((name) => name !== "outbox")
    .map(local),
  ...[...tablesOfShards("episode"), ...tablesOfShards("namespace")].map(cached),
];

/** What a snapshot has of the Coordinator. */
export const COORDINATOR_STAGES: readonly Stage[] = [
  UNSENT,
  ...["dead_letters", "control", "rollout", "audit", "jobs"].map(local),
  ...TABLE_NAMES.filter((name) => TABLES[name].home === "coordinator").map(cached),
];

/** Rows of a page. */
const PAGE_ROWS = 500;

/** @param at null: from the beginning @param stages of this kind of object, in their order */
export function snapshotPage(
  sql: LocalSql,
  at: SnapshotCursor | null,
  stages: readonly Stage[],
): SnapshotPage {
  const cursor = at ?? { stage: 0, after: -1 };
  const stage = stages[cursor.stage];
  if (!stage) return { rows: [], next: null };

  const found = takeSlice(
    rowsOf(sql, stage, cursor.after),
    { rows: PAGE_ROWS },
    ({ entry: { row } }) => bytesOfValues(Array.isArray(row) ? row : Object.values(row ?? {})),
  );
  const last = found.rows.at(-1)?.rowid ?? cursor.after;
  const nextStage = cursor.stage + 1;
  const isEnd = !found.more && nextStage >= stages.length;
  const next = found.more ? { ...cursor, after: last } : { stage: nextStage, after: -1 };
  return { rows: found.rows.map(({ entry }) => entry), next: isEnd ? null : next };
}

function* rowsOf(
  sql: LocalSql,
  stage: Stage,
  after: number,
): Generator<{ rowid: number; entry: SnapshotRow }> {
  const found = sql.each<Row & { _rowid: number }>(
    `SELECT rowid AS _rowid, * FROM ${stage.table} WHERE rowid > ? ORDER BY rowid`,
    after,
  );
  for (const { _rowid, ...row } of found) yield { rowid: _rowid, entry: entryOf(sql, stage, row) };
}

function entryOf(sql: LocalSql, stage: Stage, row: Row): SnapshotRow {
  const { table, state } = stage;
  if (state === "unsent") return unsentRow(sql, row);
  if (state === "local") return { table, state, key: null, row };
  return { table, state, key: null, row: valuesOf(table, row) };
}

/** The row that a row of the outbox names, as it is now. */
function unsentRow(sql: LocalSql, named: Row): SnapshotRow {
  const table = named["table_name"] as TableName;
  const key = JSON.parse(String(named["key"])) as SqlValue[];
  const [row] = sql.all(
    `SELECT ${TABLES[table].columns.join(", ")} FROM ${table} WHERE ${keyCondition(table)}`,
    ...key,
  );
  return { table, state: "unsent", key, row: row ? valuesOf(table, row) : null };
}
