/**
 * What goes to the database together: rows as they were when they were read, and the statements that write them.
 *
 * @module
 */

import {
  remove,
  TABLES,
  upsert,
  type LocalSql,
  type SqlValue,
  type Statement,
  type TableName,
} from "../storage/index.ts";

/** Characters of row values in one batch, so that it stays far below the deadline of a request. */
const BATCH_CHARS = 1_000_000;

export interface Mark {
  seq: number;
  table_name: TableName;
  key: string;
  generation: number;
}
export interface Loaded {
  mark: Mark;
  key: SqlValue[];
  /** null: the row is gone and is deleted from the database. */
  row: SqlValue[] | null;
}

/** The rows that marks name, as they are now, in the order of the marks. One statement a table: each costs more than a row. */
export function loadRows(sql: LocalSql, marks: readonly Mark[]): Loaded[] {
  const rows = new Map<Mark, SqlValue[]>();
  for (const [name, mine] of Map.groupBy(marks, (mark) => mark.table_name)) {
    const { columns, key: width } = TABLES[name];
    const same = columns.slice(0, width).map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`);
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
  return marks.map((mark) => ({ mark, key: JSON.parse(mark.key) as SqlValue[], row: rows.get(mark) ?? null }));
}

/** Characters of its values. */
export function charsOf({ row }: Loaded): number {
  return row?.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0) ?? 0;
}

/** The longest beginning of the rows that fits one batch; at least one. */
export function within(rows: readonly Loaded[]): Loaded[] {
  let chars = 0;
  const fitting = rows.findIndex((row, i) => {
    chars += charsOf(row);
    return i > 0 && chars > BATCH_CHARS;
  });
  return fitting < 0 ? [...rows] : rows.slice(0, fitting);
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

/** The statements that write such rows, with none: they change nothing, and fail where the tables are not as expected. */
export function statementsWithoutRows(rows: readonly Loaded[]): Statement[] {
  const names = new Set(rows.map(({ mark }) => mark.table_name));
  return [...names].flatMap((name) => [remove(name, []), upsert(name, [])]);
}
