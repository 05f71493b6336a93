/**
 * What the knowledge of a namespace needs of its instance. Its parts get all of it: each uses a few
 * of these, and none knows the instance.
 *
 * @module
 */

import type { Ablations } from "../../../memory/ablations.ts";
import type { Counting, Log } from "../../../observability/index.ts";
import type { LocalSql, SqlReader, SqlValue, TableName } from "../../../storage/index.ts";
import type { TaskFailures } from "../episodes/tasks/task-failures.ts";
import type { Embedder } from "./vectors/embedder.ts";

export interface KnowledgeDeps {
  /** The instance's own storage. */
  sql: LocalSql;
  /** Synchronous, never nested. */
  transaction: <T>(work: () => T) => T;
  /** Whether the namespace lives at this instance now: it may move during any wait. */
  isHome: (namespace: string) => boolean;
  /** Marks shared rows for the outbox, in the transaction that changes them. */
  markAllDirty: (table: TableName, keys: readonly (readonly SqlValue[])[]) => void;
  /** Whether a row is not sent to the database yet. */
  isDirty: (table: TableName, key: readonly SqlValue[]) => boolean;
  /** Throws `DatabaseError`. */
  database: SqlReader;
  /** An id whose order is that of time. @param now ms since the epoch */
  uuid: (now: number) => string;
  /** ms since the epoch. */
  now: () => number;
  /** Which of what waits to be learned failed, and when it is due again. */
  failures: TaskFailures;
  /** Parts of recall and advice that are left out. */
  ablations: Ablations;
  /**
   * Ended episodes that a namespace recalls and learns from; the least relevant beyond it are
   * forgotten.
   */
  capacity: () => number;
  meter: Counting;
  /** Makes semantic vectors; null: there are none. */
  embedder: Embedder | null;
  log: Log;
}
