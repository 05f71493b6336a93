/**
 * What goes to the database together: rows as they were when they were read, and the statements
 * that write them.
 *
 * @module
 */

import {
  bytesOfValues,
  remove,
  TABLES,
  takeSlice,
  upsert,
  type LocalSql,
  type SqlValue,
  type Statement,
  type TableName,
} from "../../storage/index.ts";

export interface Mark {
  seq: number;
  table_name: TableName;
  key: string;
  generation: number;
  /** What the row counts as in the outbox. */
  bytes: number;
}
export interface Loaded {
  mark: Mark;
  key: SqlValue[];
  /** null: the row is gone and is deleted from the database. */
  row: SqlValue[] | null;
}

/**
 * The rows that marks name, as they are now, in the order of the marks: the first of them that fit
 * into a batch, so that it stays far below the deadline of a request. One statement a table: each
 * costs more than a row.
 */
export function loadRows(sql: LocalSql, all: readonly Mark[]): Loaded[] {
  const marks = takeSlice(all, { rows: all.length }, sizesOf(sql, all)).rows;
  const rows = new Map<Mark, SqlValue[]>();
  for (const [name, mine] of Map.groupBy(marks, (mark) => mark.table_name)) {
    const { columns, key: width } = TABLES[name];
    const same = columns
      .slice(0, width)
      .map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`);
    const found = sql.all(
      `SELECT k.key AS mark_at, ${columns.map((column) => `t.${column}`).join(", ")}
        FROM json_each(?) k CROSS JOIN ${name} t ON ${same.join(" AND ")}`,
      `[${mine.map(({ key }) => key).join(",")}]`,
    );
    for (const row of found) {
      const mark = mine[Number(row["mark_at"])];
      const values = columns.map((column) => row[column] ?? null);
      if (mark) rows.set(mark, values);
    }
  }
  return marks.map((mark) => ({
    mark,
    key: JSON.parse(mark.key) as SqlValue[],
    row: rows.get(mark) ?? null,
  }));
}

/** UTF-8 bytes of its values. */
export function bytesOfRow({ row }: Loaded): number {
  return bytesOfValues(row ?? []);
}

/**
 * How large the rows are. What clients wrote was measured when it was marked; what is derived is
 * measured now.
 */
function sizesOf(sql: LocalSql, marks: readonly Mark[]): (mark: Mark) => number {
  const derived = marks.filter(({ table_name }) => TABLES[table_name].lazy);
  const sizes = new Map<Mark, number>();
  for (const [name, mine] of Map.groupBy(derived, (mark) => mark.table_name)) {
    const { columns, key: width } = TABLES[name];
    const same = columns
      .slice(0, width)
      .map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`);
    const size = columns.slice(width).map((column) => `coalesce(octet_length(t.${column}), 0)`);
    const found = sql.all<{ mark_at: number; bytes: number }>(
      `SELECT k.key AS mark_at, ${size.join(" + ")} AS bytes
        FROM json_each(?) k CROSS JOIN ${name} t ON ${same.join(" AND ")}`,
      `[${mine.map(({ key }) => key).join(",")}]`,
    );
    for (const { mark_at, bytes } of found) {
      const mark = mine[mark_at];
      if (mark) sizes.set(mark, bytes);
    }
  }
  return (mark) => sizes.get(mark) ?? (TABLES[mark.table_name].lazy ? 0 : mark.bytes);
}

/** Deletes of what is gone and upserts of what is there, one statement a table. */
export function statementsFor(rows: readonly Loaded[]): Statement[] {
  const statements: Statement[] = [];
  for (const name of Object.keys(TABLES) as TableName[]) {
    const mine = rows.filter(({ mark }) => mark.table_name === name);
    const gone = mine.filter(({ row }) => row === null).map(({ key }) => key);
    const present = mine.flatMap(({ row }) => (row ? [row] : []));
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
  const names = new Set(rows.map(({ mark }) => mark.table_name));
  return [...names].flatMap((name) => [remove(name, []), upsert(name, [])]);
}
