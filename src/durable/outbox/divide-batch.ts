/**
 * Sends rows to the database so that one which it can never take does not hold back the others: a
 * batch that is refused is halved until what is at fault stands alone, and that row is set aside. A
 * row is set aside only for what is its own: when the same statement fails without any row, or for
 * every row of its table alike, the fault is not the rows', and all of them wait.
 *
 * @module
 */

import { DATABASE_ERRORS, DatabaseError, type TableName } from "../../storage/index.ts";
import type { Loaded } from "./batch.ts";

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
    for (const { dirty } of rows) tablesTaken.add(dirty.table_name);
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
  for (const [table, ofTable] of Map.groupBy(suspects, ({ row }) => row.dirty.table_name)) {
    if (ofTable.length > 1 && !tablesTaken.has(table)) {
      waiting ??= ofTable[0]?.error ?? null;
      continue;
    }
    const dirty = new Set(deps.stillDirty(ofTable.map(({ row }) => row)));
    for (const { row, error } of ofTable) if (dirty.has(row)) deps.setAside(row, error);
  }
  if (waiting) throw waiting;
}
