/**
 * The scratch place of restore drills as a job sees it.
 *
 * @module
 */

import type { Row, SqlValue, Statement } from "../../storage/index.ts";

/** What was thrown, as a value: an error's class does not cross. */
export type ScratchAnswer<T> = { value: T } | { problem: string };

/** The RPC surface of the scratch place. */
export interface ScratchRpc {
  /** Empties the place. */
  clear(): Promise<void>;
  /** All statements or none, like the database. */
  write(statements: readonly Statement[]): Promise<ScratchAnswer<null>>;
  all(sql: string, args: readonly SqlValue[]): Promise<ScratchAnswer<Row[]>>;
}
