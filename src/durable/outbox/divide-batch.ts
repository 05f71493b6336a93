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

export interface DividePorts {
  /** Writes the rows in one transaction. Throws `DatabaseError`. */
  take(rows: readonly Loaded[]): Promise<void>;
  /** Runs the statements that write such rows, with none. Throws `DatabaseError`. */
  takeNone(rows: readonly Loaded[]): Promise<void>;
  /** Told of rows that the database took. */
  taken(rows: readonly Loaded[]): void;
  setAside(row: Loaded, error: DatabaseError): void;
  /** Without the rows that went elsewhere, or were erased, while others were sent. */
  stillMarked(rows: readonly Loaded[]): Loaded[];
}

interface Suspect {
  row: Loaded;
  error: DatabaseError;
}

/**
 * Throws `DatabaseError` when rows have to wait; what was sent and set aside until then stays so.
 */
export async function sendDivided(all: readonly Loaded[], ports: DividePorts): Promise<void> {
  const tablesTaken = new Set<TableName>();
  const suspects: Suspect[] = [];
  let isProven = false;

  const send = async (rows: readonly Loaded[]): Promise<void> => {
    if (rows.length === 0) return;
    try {
      await ports.take(rows);
    } catch (error) {
      const known = error instanceof DatabaseError ? error : null;
      const fault = known ? DATABASE_ERRORS[known.kind].at_fault : "database";
      if (!known || fault === "database") throw error;
      if (fault === "statement" && !isProven) {
        await ports.takeNone(all);
        isProven = true;
      }
      const [only] = rows;
      if (rows.length === 1 && only) {
        if (fault === "row") ports.setAside(only, known);
        else suspects.push({ row: only, error: known });
        return;
      }
      const middle = rows.length >> 1;
      await send(rows.slice(0, middle));
      await send(ports.stillMarked(rows.slice(middle)));
      return;
    }
    for (const { mark } of rows) tablesTaken.add(mark.table_name);
    ports.taken(rows);
  };

  await send(all);
  judge(suspects, tablesTaken, ports);
}

/** One row that fails is at fault; many are where another one of their table was taken. */
function judge(
  suspects: readonly Suspect[],
  tablesTaken: ReadonlySet<TableName>,
  ports: DividePorts,
): void {
  let waiting: DatabaseError | null = null;
  for (const [table, mine] of Map.groupBy(suspects, ({ row }) => row.mark.table_name)) {
    if (mine.length > 1 && !tablesTaken.has(table)) {
      waiting ??= mine[0]?.error ?? null;
      continue;
    }
    const marked = new Set(ports.stillMarked(mine.map(({ row }) => row)));
    for (const { row, error } of mine) if (marked.has(row)) ports.setAside(row, error);
  }
  if (waiting) throw waiting;
}
