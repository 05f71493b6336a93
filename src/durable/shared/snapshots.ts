/**
 * An instance's own storage, page by page, for its snapshot: first what the database has not seen,
 * each mark together with its row as it is at that moment; then what only instances have; then the
 * cache.
 *
 * @module
 */

import {
  bytesOfValues,
  TABLES,
  takeSlice,
  type LocalSql,
  type Row,
  type SqlValue,
  type TableName,
} from "../../storage/index.ts";

/** Where the next page begins; null: at the beginning. */
export interface SnapshotCursor {
  stage: number;
  after: number;
}

export interface SnapshotPage {
  /** unsent: a null row is a deletion that the database has not heard of. */
  rows: {
    table: string;
    state: "unsent" | "cached" | "local";
    key: SqlValue[] | null;
    row: SqlValue[] | Row | null;
  }[];
  next: SnapshotCursor | null;
}

/** Tables that only an instance has, and whose rows a restore may bring back. */
const LOCAL = [
  "dead_letters",
  "idempotency",
  "pending_tasks",
  "knowledge_pending",
  "claims",
  "meta",
] as const;
const SHARED = Object.keys(TABLES) as TableName[];
const STAGES = ["outbox", ...LOCAL, ...SHARED.map((name) => `cache ${name}`)];

const PAGE_ROWS = 500;

/** The stages that the Coordinator has. */
const COORDINATOR = [
  "outbox",
  "dead_letters",
  "control",
  "rollout",
  "audit",
  "jobs",
  "cache api_keys",
];

/** One page; synchronous, so nothing changes within it. */
export function snapshotPage(
  sql: LocalSql,
  at: SnapshotCursor | null,
  coordinator: boolean,
): SnapshotPage {
  const stages = coordinator ? COORDINATOR : STAGES;
  const { stage, after } = at ?? { stage: 0, after: -1 };
  const name = stages[stage];
  if (name === undefined) return { rows: [], next: null };
  const { rows, last } = read(sql, name, after);
  return {
    rows,
    next:
      last !== null
        ? { stage, after: last }
        : stage + 1 < stages.length
          ? { stage: stage + 1, after: -1 }
          : null,
  };
}

function read(
  sql: LocalSql,
  stage: string,
  after: number,
): { rows: SnapshotPage["rows"]; last: number | null } {
  const cached = stage.startsWith("cache ") ? (stage.slice(6) as TableName) : null;
  const table = cached ?? stage;
  const entries = function* (): Generator<{ at: number; entry: SnapshotPage["rows"][number] }> {
    const found = sql.each<Row & { _rowid: number }>(
      `SELECT rowid AS _rowid, * FROM ${table} WHERE rowid > ? ORDER BY rowid`,
      after,
    );
    for (const { _rowid, ...row } of found) {
      yield {
        at: _rowid,
        entry: stage === "outbox" ? unsent(sql, row) : entryOf(table, cached, row),
      };
    }
  };
  const { rows, more } = takeSlice(entries(), { rows: PAGE_ROWS }, ({ entry }) =>
    bytesOfValues(Array.isArray(entry.row) ? entry.row : Object.values(entry.row ?? {})),
  );
  return { rows: rows.map(({ entry }) => entry), last: more ? (rows.at(-1)?.at ?? after) : null };
}

function entryOf(table: string, cached: TableName | null, row: Row): SnapshotPage["rows"][number] {
  if (!cached) return { table, state: "local", key: null, row };
  return {
    table,
    state: "cached",
    key: null,
    row: TABLES[cached].columns.map((column) => row[column] ?? null),
  };
}

function unsent(sql: LocalSql, mark: Row): SnapshotPage["rows"][number] {
  const table = mark["table_name"] as TableName;
  const { columns, key: width } = TABLES[table];
  const key = JSON.parse(String(mark["key"])) as SqlValue[];
  const where = columns.slice(0, width).map((column) => `${column} = ?`);
  const [row] = sql.all(
    `SELECT ${columns.join(", ")} FROM ${table} WHERE ${where.join(" AND ")}`,
    ...key,
  );
  return {
    table,
    state: "unsent",
    key,
    row: row ? columns.map((column) => row[column] ?? null) : null,
  };
}
