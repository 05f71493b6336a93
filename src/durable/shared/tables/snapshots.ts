/**
 * An object's own storage, page by page, for a snapshot: first what the database has not seen, each
 * row of the outbox together with the rows that it stands for as they are at this moment; then what only
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
import { withoutSecrets } from "../control.ts";
import { tablesOfShards } from "../instance/placement.ts";
import { instanceTables } from "./instance-tables.ts";

/**
 * Where the next page begins: in which stage, and behind which rowid of its table. `step`: behind
 * this step of the episode that the row of that rowid is, or names; it goes on with the next.
 */
export interface SnapshotCursor {
  stage: number;
  after: number;
  step?: number;
}

/** A place in a stage. */
interface Place {
  rowid: number;
  /** Where rows have steps behind them; 0: before the first. */
  step?: number;
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

const EPISODES = "episodes";
const STEPS = "steps";

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

/** Below every rowid. */
const BEFORE_ROWS = -1;
/** Rows of a page. */
const PAGE_ROWS = 500;

/** @param at null: from the beginning @param stages of this kind of object, in their order */
export function snapshotPage(
  sql: LocalSql,
  at: SnapshotCursor | null,
  stages: readonly Stage[],
): SnapshotPage {
  const cursor = at ?? { stage: 0, after: BEFORE_ROWS };
  const stage = stages[cursor.stage];
  if (!stage) return { rows: [], next: null };

  const found = takeSlice(rowsOf(sql, stage, cursor), { rows: PAGE_ROWS }, ({ entry: { row } }) =>
    bytesOfValues(Array.isArray(row) ? row : Object.values(row ?? {})),
  );
  const nextStage = cursor.stage + 1;
  const isEnd = !found.more && nextStage >= stages.length;
  const last = found.rows.at(-1);
  const next =
    found.more && last
      ? cursorAt(cursor.stage, last.place)
      : { stage: nextStage, after: BEFORE_ROWS };
  return { rows: found.rows.map(({ entry }) => entry), next: isEnd ? null : next };
}

function cursorAt(stage: number, { rowid: after, step }: Place): SnapshotCursor {
  return step === undefined ? { stage, after } : { stage, after, step };
}

type Placed = Generator<{ place: Place; entry: SnapshotRow }>;

function rowsOf(sql: LocalSql, stage: Stage, cursor: SnapshotCursor): Placed {
  if (stage.state === "unsent") return unsentRows(sql, cursor);
  return stage.table === STEPS ? cachedSteps(sql, cursor) : plainRows(sql, stage, cursor);
}

function* plainRows(
  sql: LocalSql,
  stage: Exclude<Stage, { state: "unsent" }>,
  { after }: SnapshotCursor,
): Placed {
  const found = sql.each<Row & { _rowid: number }>(
    `SELECT rowid AS _rowid, * FROM ${stage.table} WHERE rowid > ? ORDER BY rowid`,
    after,
  );
  for (const { _rowid: rowid, ...row } of found)
    yield { place: { rowid }, entry: entryOf(stage, row) };
}

function entryOf({ table, state }: Exclude<Stage, { state: "unsent" }>, row: Row): SnapshotRow {
  if (state === "local") return { table, state, key: null, row: withoutControlSecrets(table, row) };
  return { table, state, key: null, row: valuesOf(table, row) };
}

/** The control document, which every object has, without the secrets of its webhooks. */
function withoutControlSecrets(table: string, row: Row): Row {
  if (table === "control") return { ...row, body: withoutSecrets(String(row["body"])) };
  if (table !== "meta" || row["name"] !== "control") return row;
  return { ...row, value: withoutSecrets(String(row["value"])) };
}

/** Each row that the outbox names, and the new steps of an episode behind it. */
function* unsentRows(sql: LocalSql, cursor: SnapshotCursor): Placed {
  const found = sql.each<Row & { _rowid: number; steps_after: number | null }>(
    `SELECT rowid AS _rowid, table_name, key, steps_after FROM ${UNSENT.table} WHERE rowid >= ? ORDER BY rowid`,
    firstRowid(cursor),
  );
  for (const { _rowid: rowid, steps_after, ...named } of found) {
    const begun = rowid === cursor.after ? (cursor.step ?? null) : null;
    if (begun === null) yield { place: { rowid, step: 0 }, entry: unsentRow(sql, named) };
    if (steps_after === null) continue;
    const key = JSON.parse(String(named["key"])) as SqlValue[];
    for (const { number, row } of stepsOf(sql, key, Math.max(steps_after, begun ?? 0)))
      yield {
        place: { rowid, step: number },
        entry: { table: STEPS, state: "unsent", key: row.slice(0, TABLES[STEPS].key), row },
      };
  }
}

/** The steps of all episodes that are here; the table has no rowid of its own. */
function* cachedSteps(sql: LocalSql, cursor: SnapshotCursor): Placed {
  const found = sql.each<{ _rowid: number; namespace: string; id: string }>(
    `SELECT rowid AS _rowid, namespace, id FROM ${EPISODES} WHERE rowid >= ? ORDER BY rowid`,
    firstRowid(cursor),
  );
  for (const { _rowid: rowid, namespace, id } of found) {
    const after = rowid === cursor.after ? (cursor.step ?? 0) : 0;
    for (const { number, row } of stepsOf(sql, [namespace, id], after))
      yield {
        place: { rowid, step: number },
        entry: { table: STEPS, state: "cached", key: null, row },
      };
  }
}

/** The rowid with which rows go on that have steps behind them. */
function firstRowid({ after, step }: SnapshotCursor): number {
  return step === undefined ? after + 1 : after;
}

/** Steps of an episode behind a number, in their order. */
function* stepsOf(
  sql: LocalSql,
  [namespace = "", id = ""]: readonly SqlValue[],
  after: number,
): Generator<{ number: number; row: SqlValue[] }> {
  const found = sql.each(
    `SELECT ${TABLES[STEPS].columns.join(", ")} FROM ${STEPS}
      WHERE namespace = ? AND episode_id = ? AND number > ? ORDER BY number`,
    namespace,
    id,
    after,
  );
  for (const row of found) yield { number: Number(row["number"]), row: valuesOf(STEPS, row) };
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
