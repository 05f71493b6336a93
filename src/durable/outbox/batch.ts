/**
 * A batch: loads the rows that are due, as they are now, and makes the statements that write them.
 *
 * @module
 */

import {
  bytesOfValues,
  keyColumns,
  remove,
  TABLE_NAMES,
  TABLES,
  takeSlice,
  upsert,
  valuesOf,
  type LocalSql,
  type SqlValue,
  type Statement,
  type TableName,
} from "../../storage/index.ts";
import type { OutboxRow } from "./outbox-table.ts";

/** A row of the outbox, and the row that it names. */
export interface Loaded {
  dirty: OutboxRow;
  key: SqlValue[];
  /** null: the row is gone and is deleted from the database. */
  row: SqlValue[] | null;
}

/**
 * The rows that are named, as they are now, in the order in which they became dirty: the first of
 * them that fit into a batch, so that it stays far below the deadline of a request. One statement a
 * table: each costs more than a row.
 */
export function loadRows(sql: LocalSql, due: readonly OutboxRow[]): Loaded[] {
  const chosen = takeSlice(due, { rows: due.length }, sizesOf(sql, due)).rows;
  const rows = new Map<OutboxRow, SqlValue[]>();
  for (const [name, named] of Map.groupBy(chosen, (dirty) => dirty.table_name)) {
    const columns = TABLES[name].columns.map((column) => `t.${column}`);
    const found = sql.all(
      `SELECT k.key AS named_at, ${columns.join(", ")}
        FROM json_each(?) k CROSS JOIN ${name} t ON ${hasKeyOf(name)}`,
      keysOf(named),
    );
    for (const row of found) {
      const dirty = named[Number(row["named_at"])];
      if (dirty) rows.set(dirty, valuesOf(name, row));
    }
  }
  return chosen.map((dirty) => ({
    dirty,
    key: JSON.parse(dirty.key) as SqlValue[],
    row: rows.get(dirty) ?? null,
  }));
}

/** UTF-8 bytes of its values. */
export function bytesOfRow({ row }: Loaded): number {
  return bytesOfValues(row ?? []);
}

/** Deletes of what is gone and upserts of what is there, one statement a table. */
export function statementsFor(rows: readonly Loaded[]): Statement[] {
  const statements: Statement[] = [];
  for (const name of TABLE_NAMES) {
    const ofTable = rows.filter(({ dirty }) => dirty.table_name === name);
    const gone = ofTable.filter(({ row }) => row === null).map(({ key }) => key);
    const present = ofTable.flatMap(({ row }) => (row ? [row] : []));
    if (gone.length > 0) statements.push(remove(name, gone));
    if (present.length > 0) statements.push(upsert(name, present));
  }
  return statements;
}

/**
 * The statements that write such rows, with none: they change nothing, and fail where the tables
 * are not as expected.
 */
export function statementsWithoutRows(rows: readonly Loaded[]): Statement[] {
  const names = new Set(rows.map(({ dirty }) => dirty.table_name));
  return [...names].flatMap((name) => [remove(name, []), upsert(name, [])]);
}

/**
 * How large the rows are. What clients wrote was measured when it became dirty; lazy rows are
 * measured now.
 */
function sizesOf(sql: LocalSql, due: readonly OutboxRow[]): (dirty: OutboxRow) => number {
  const lazy = due.filter(({ table_name }) => TABLES[table_name].lazy);
  const sizes = new Map<OutboxRow, number>();
  for (const [name, named] of Map.groupBy(lazy, (dirty) => dirty.table_name)) {
    const beside = TABLES[name].columns.slice(TABLES[name].key);
    const lengths = beside.map((column) => `coalesce(octet_length(t.${column}), 0)`);
    const found = sql.all<{ named_at: number; bytes: number }>(
      `SELECT k.key AS named_at, ${lengths.join(" + ")} AS bytes
        FROM json_each(?) k CROSS JOIN ${name} t ON ${hasKeyOf(name)}`,
      keysOf(named),
    );
    for (const { named_at, bytes } of found) {
      const dirty = named[named_at];
      if (dirty) sizes.set(dirty, bytes);
    }
  }
  return (dirty) => sizes.get(dirty) ?? (TABLES[dirty.table_name].lazy ? 0 : dirty.bytes);
}

/** The keys as one JSON list. */
function keysOf(rows: readonly OutboxRow[]): string {
  return `[${rows.map(({ key }) => key).join(",")}]`;
}

/** A condition: the row `t` has the key that `json_each` as `k` gives. */
function hasKeyOf(name: TableName): string {
  return keyColumns(name)
    .map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`)
    .join(" AND ");
}
