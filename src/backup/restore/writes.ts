/**
 * Writes for a restore under rising numbers. The database refuses a number that it has taken, so
 * a restore that is begun again goes on where it stopped, and a try that was given up cannot
 * undo it.
 *
 * @module
 */

import { DatabaseError, fence, type Database, type Statement } from "../../storage/index.ts";

/** Under which a restore numbers its portions. @param run of the restore */
export const portionWriter = (run: string): string => `restore-${run}`;

/** Under which a restore numbers what it writes beside the backup's rows. */
export const heldWriter = (run: string): string => `restore-${run}-held`;

/**
 * Runs the statements in one transaction unless this number or a later one of the writer was taken.
 * Throws `DatabaseError`.
 */
export async function writeOnce(
  database: Pick<Database, "write">,
  writer: string,
  number: number,
  now: number,
  statements: readonly Statement[],
): Promise<null> {
  try {
    await database.write([fence(writer, number, now), ...statements]);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== "fenced") throw error;
  }
  return null;
}

/** Deletes what a restore wrote for itself. Throws `DatabaseError`. */
export async function forgetRestore(database: Pick<Database, "write">, run: string): Promise<void> {
  await database.write([
    { sql: "DELETE FROM _restore_keys", args: [] },
    { sql: "DELETE FROM _restore_dead", args: [] },
    {
      sql: "DELETE FROM _writers WHERE writer IN (?, ?)",
      args: [portionWriter(run), heldWriter(run)],
    },
  ]);
}
