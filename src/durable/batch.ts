/**
 * What goes to the database together: rows as they were when they were read, and the statements that write them.
 *
 * @module
 */

import { remove, TABLES, upsert, type SqlValue, type Statement, type TableName } from "../storage/index.ts";

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
