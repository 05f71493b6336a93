/**
 * A batch: the rows that are due, as they are now, the statements that write them, and how they are
 * sent so that one which the database can never take does not hold back the others. A batch that is
 * refused is halved until what is at fault stands alone, and that row is set aside. A row is set
 * aside only for what is its own: when the same statement fails without any row, or for every row
 * of its table alike, the fault is not the rows', and all of them wait.
 *
 * @module
 */

import type { OutboxRow } from "./outbox-rows.ts";
import {
  bytesOfValues,
  DATABASE_ERRORS,
  DatabaseError,
  episodesChanged,
  keyColumns,
  type LocalSql,
  remove,
  type Row,
  SLICE_BYTES,
  type SqlValue,
  type Statement,
  TABLE_NAMES,
  type TableName,
  TABLES,
  takeSlice,
  upsert,
  valuesOf,
} from "../../storage/index.ts";

const STEPS = "steps" as const;

/** A row that the database does not have as it is. */
export interface Loaded {
  /** The row of the outbox that names it, or its episode. */
  dirty: OutboxRow;
  table: TableName;
  key: SqlValue[];
  /** null: the row is gone and is deleted from the database. */
  row: SqlValue[] | null;
}

/** What a row of the outbox stands for: one of an episode's new steps, or the row that it names. */
interface Item {
  dirty: OutboxRow;
  bytes: number;
  /** null: it is the row that is named. */
  step: Pick<Loaded, "key" | "row"> | null;
}

/**
 * The rows that are named, as they are now, in the order in which they became dirty: the first of
 * them that fit into a batch, so that it stays far below the deadline of a request. The new steps
 * of an episode come before it, in their order: where the episode is, all its steps are. One
 * statement a table: each costs more than a row.
 *
 * @param limit rows at most
 */
export function loadRows(sql: LocalSql, due: readonly OutboxRow[], limit: number): Loaded[] {
  const items = takeSlice(itemsOf(sql, due), { rows: limit }, ({ bytes }) => bytes).rows;
  const named = items.flatMap(({ dirty, step }) => (step ? [] : [dirty]));
  const rows = rowsNamed(sql, named);
  return items.map(({ dirty, step }) => {
    if (step) return { dirty, table: STEPS, ...step };
    const key = JSON.parse(dirty.key) as SqlValue[];
    return { dirty, table: dirty.table_name, key, row: rows.get(dirty) ?? null };
  });
}

function* itemsOf(sql: LocalSql, due: readonly OutboxRow[]): Generator<Item> {
  const sizeOf = sizesOf(sql, due);
  const read = stepsOfFirst(sql, due);
  for (const dirty of due) {
    const steps = read.get(dirty);
    if (steps) yield* steps;
    else if (dirty.steps_after !== null) yield* stepsOf(sql, dirty, dirty.steps_after);
    yield { dirty, bytes: sizeOf(dirty), step: null };
  }
}

/** The new steps of the first episodes, as many as fit into a batch with all of theirs. */
function stepsOfFirst(sql: LocalSql, due: readonly OutboxRow[]): Map<OutboxRow, Item[]> {
  const chosen: OutboxRow[] = [];
  let bytes = 0;
  for (const dirty of due) {
    bytes += dirty.bytes + dirty.steps_bytes;
    if (bytes > SLICE_BYTES) break;
    if (dirty.steps_after !== null) chosen.push(dirty);
  }
  const items = new Map<OutboxRow, Item[]>(chosen.map((dirty) => [dirty, []]));
  if (chosen.length === 0) return items;
  const columns = TABLES[STEPS].columns.map((column) => `t.${column}`).join(", ");
  const found = sql.all(
    `SELECT k.key AS named_at, ${columns} FROM json_each(?) k CROSS JOIN ${STEPS} t
        ON t.namespace = json_extract(k.value, '$[0]')
          AND t.episode_id = json_extract(k.value, '$[1]')
          AND t.number > json_extract(k.value, '$[2]')
      ORDER BY k.key, t.number`,
    `[${chosen.map(({ key, steps_after }) => `${key.slice(0, -1)},${steps_after}]`).join(",")}]`,
  );
  for (const columnsOf of found) {
    const dirty = chosen[Number(columnsOf["named_at"])];
    if (dirty) items.get(dirty)?.push(itemOfStep(dirty, columnsOf));
  }
  return items;
}

function itemOfStep(dirty: OutboxRow, columnsOf: Row): Item {
  const row = valuesOf(STEPS, columnsOf);
  const key = row.slice(0, TABLES[STEPS].key);
  return { dirty, bytes: bytesOfValues(row), step: { key, row } };
}

function* stepsOf(sql: LocalSql, dirty: OutboxRow, after: number): Generator<Item> {
  const columns = TABLES[STEPS].columns.join(", ");
  const found = sql.each(
    `SELECT ${columns} FROM ${STEPS} WHERE namespace = ? AND episode_id = ? AND number > ?
      ORDER BY number`,
    ...(JSON.parse(dirty.key) as SqlValue[]),
    after,
  );
  for (const columnsOf of found) yield itemOfStep(dirty, columnsOf);
}

function rowsNamed(sql: LocalSql, chosen: readonly OutboxRow[]): Map<OutboxRow, SqlValue[]> {
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
  return rows;
}

/** UTF-8 bytes of its values. */
export function bytesOfRow({ row }: Loaded): number {
  return bytesOfValues(row ?? []);
}

/**
 * Deletes of what is gone and upserts of what is there, one statement a table; and what the change
 * feed must be told.
 */
export function statementsFor(rows: readonly Loaded[]): Statement[] {
  const statements: Statement[] = [];
  for (const name of TABLE_NAMES) {
    const ofTable = rows.filter(({ table }) => table === name);
    const gone = ofTable.filter(({ row }) => row === null).map(({ key }) => key);
    const present = ofTable.flatMap(({ row }) => (row ? [row] : []));
    if (gone.length > 0) statements.push(remove(name, gone));
    if (present.length > 0) statements.push(upsert(name, present));
  }
  const alone = stepsWithoutEpisode(rows);
  if (alone.length > 0) statements.push(episodesChanged(alone));
  return statements;
}

/** The episodes of steps that are written without them, namespace and id of each. */
function stepsWithoutEpisode(rows: readonly Loaded[]): SqlValue[][] {
  const textOf = ({ key }: Loaded): string => JSON.stringify(key.slice(0, 2));
  const written = rows.filter(({ row }) => row !== null);
  const episodes = new Set(written.filter(({ table }) => table === "episodes").map(textOf));
  const steps = written.filter(({ table }) => table === STEPS).map(textOf);
  return [...new Set(steps)]
    .filter((text) => !episodes.has(text))
    .map((text) => JSON.parse(text) as SqlValue[]);
}

/**
 * The statements that write such rows, with none: they change nothing, and fail where the tables
 * are not as expected.
 */
export function statementsWithoutRows(rows: readonly Loaded[]): Statement[] {
  const names = new Set(rows.map(({ table }) => table));
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

export interface DivideDeps {
  /** Writes the rows in one transaction. Throws `DatabaseError`. */
  write(rows: readonly Loaded[]): Promise<void>;
  /** Runs the statements that write such rows, with none. Throws `DatabaseError`. */
  writeNone(rows: readonly Loaded[]): Promise<void>;
  /** Called with rows that the database took. */
  onTaken(rows: readonly Loaded[]): void;
  setAside(row: Loaded, error: DatabaseError): void;
  /** Without the rows that went elsewhere, or were erased, while others were sent. */
  stillDirty(rows: readonly Loaded[]): Loaded[];
}

interface Suspect {
  row: Loaded;
  error: DatabaseError;
}

/**
 * Throws `DatabaseError` when rows have to wait; what was sent and set aside until then stays so.
 */
export async function sendDivided(all: readonly Loaded[], deps: DivideDeps): Promise<void> {
  const tablesTaken = new Set<TableName>();
  const suspects: Suspect[] = [];
  let isProven = false;

  const send = async (rows: readonly Loaded[]): Promise<void> => {
    if (rows.length === 0) return;
    try {
      await deps.write(rows);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const fault = DATABASE_ERRORS[error.kind].at_fault;
      if (fault === "database") throw error;
      if (fault === "statement" && !isProven) {
        await deps.writeNone(all);
        isProven = true;
      }
      const [only] = rows;
      if (rows.length === 1 && only) {
        if (fault === "row") deps.setAside(only, error);
        else suspects.push({ row: only, error });
        return;
      }
      const middle = rows.length >> 1;
      await send(rows.slice(0, middle));
      await send(deps.stillDirty(rows.slice(middle)));
      return;
    }
    for (const { table } of rows) tablesTaken.add(table);
    deps.onTaken(rows);
  };

  await send(all);
  judge(suspects, tablesTaken, deps);
}

/** One row that fails is at fault; many are where another one of their table was taken. */
function judge(
  suspects: readonly Suspect[],
  tablesTaken: ReadonlySet<TableName>,
  deps: DivideDeps,
): void {
  let waiting: DatabaseError | null = null;
  for (const [table, ofTable] of Map.groupBy(suspects, ({ row }) => row.table)) {
    if (ofTable.length > 1 && !tablesTaken.has(table)) {
      waiting ??= ofTable[0]?.error ?? null;
      continue;
    }
    const dirty = new Set(deps.stillDirty(ofTable.map(({ row }) => row)));
    for (const { row, error } of ofTable) if (dirty.has(row)) deps.setAside(row, error);
  }
  if (waiting) throw waiting;
}
