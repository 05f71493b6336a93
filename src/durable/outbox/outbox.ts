/**
 * Brings the rows that an object wrote to the database. Rows are named, not copied: a flush sends a
 * row as it is then, so many writes to one row are one row sent, and sending twice is harmless.
 * What becomes dirty in a transaction is sent for certain: an alarm is set while anything is left,
 * and what the database can never take is set aside as a dead letter, never dropped.
 *
 * @module
 */

import type { SqlValue, Statement, TableName } from "../../storage/index.ts";
import type { PartContext } from "../shared/context.ts";
import type { Part } from "../shared/parts/part.ts";
import { BATCH_NUMBERS_SCHEMA, BatchNumbers } from "./batch-numbers.ts";
import { BatchWriter, type BatchWriterDeps } from "./batch-writer.ts";
import { DEAD_LETTERS_SCHEMA, DeadLetters, type DeadLetter } from "./dead-letters.ts";
import { Flusher, type FlusherDeps } from "./flusher.ts";
import { OUTBOX_TABLE_SCHEMA, OutboxTable, type OutboxTableDeps } from "./outbox-table.ts";

export const OUTBOX_SCHEMA: readonly string[] = [
  ...OUTBOX_TABLE_SCHEMA,
  ...BATCH_NUMBERS_SCHEMA,
  ...DEAD_LETTERS_SCHEMA,
];

/** How long a client that asked for `wait=stored` waits before the answer is `queued`, ms. */
const STORED_WAIT_MS = 10_000;
/** While the database has not taken the rows, they are sent again after this, ms. */
const STORED_POLL_MS = 100;

export type OutboxDeps = PartContext &
  Pick<OutboxTableDeps, "onRollback"> &
  Pick<BatchWriterDeps, "database" | "writer" | "writeLease"> &
  Pick<FlusherDeps, "batch" | "random" | "onBatchTaken"> & {
    wait: (ms: number) => Promise<unknown>;
  };

export interface OutboxState {
  rows: number;
  bytes: number;
  /** Rows that were set aside. */
  dead: number;
  /** When the longest waiting row became dirty, ms since the epoch; null when none waits. */
  oldest_at: number | null;
  /** Why the last flush failed; null: it did not. */
  last_error: string | null;
}

export class Outbox implements Part {
  readonly schema = OUTBOX_SCHEMA;
  readonly #deps: OutboxDeps;
  readonly #table: OutboxTable;
  readonly #numbers: BatchNumbers;
  readonly #deadLetters: DeadLetters;
  readonly #writer: BatchWriter;
  readonly #flusher: Flusher;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#table = new OutboxTable(deps);
    this.#numbers = new BatchNumbers(deps);
    this.#deadLetters = new DeadLetters(deps);
    this.#writer = new BatchWriter(deps, this.#numbers);
    this.#flusher = new Flusher({
      ...deps,
      table: this.#table,
      deadLetters: this.#deadLetters,
      writer: this.#writer,
    });
  }

  /**
   * The row is not in the database as it is now; in the transaction that changes it.
   *
   * @param bytes of its body; measured by default
   */
  markDirty(table: TableName, key: readonly SqlValue[], bytes?: number): void {
    this.#table.markDirty(table, key, bytes);
  }

  /** Like `markDirty`, for many rows of one table, which all count as much. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    this.#table.markAllDirty(table, keys);
  }

  /** The row is somebody else's now; in a transaction. @param key as JSON */
  clearDirty(table: TableName, key: string): void {
    this.#table.clearDirty(table, key);
    this.#deadLetters.revive(table, key);
  }

  /** A namespace is being erased: nothing of it is sent; in a transaction. */
  clearNamespace(namespace: string): void {
    this.#table.clearNamespace(namespace);
    this.#deadLetters.clearNamespace(namespace);
  }

  /** Whether the database does not have the row as it is: it waits, or was set aside. */
  isDirty(table: TableName, key: readonly SqlValue[]): boolean {
    const text = JSON.stringify(key);
    return this.#table.has(table, text) || this.#deadLetters.has(table, text);
  }

  /** Sets a row aside, which a restore must not overwrite; in a transaction. @param key as JSON */
  park(table: TableName, key: string, reason: string, detail: string): void {
    this.#deadLetters.park(table, key, reason, detail);
    this.#table.clearDirty(table, key);
  }

  state(): OutboxState {
    return {
      ...this.#table.size(),
      dead: this.#deadLetters.count(),
      oldest_at: this.#table.oldestAt(),
      last_error: this.#flusher.lastError,
    };
  }

  /** When the next flush should be tried, ms since the epoch; null: there is nothing to send. */
  nextAt(): number | null {
    const dueAt = this.#table.nextDueAt();
    return dueAt === null ? null : Math.max(dueAt, this.#flusher.retryAt);
  }

  /**
   * Sends everything that is due, and returns when it is sent or the database failed. One flush
   * runs at a time.
   *
   * @param force sends what is dirty by now without waiting for its time
   */
  flush(force = false): Promise<void> {
    return this.#flusher.flush(force);
  }

  onAlarm(): Promise<void> {
    return this.flush();
  }

  /** Waits until the database has these rows; false when that takes too long. */
  async waitUntilStored(
    rows: readonly (readonly [TableName, readonly SqlValue[]])[],
  ): Promise<boolean> {
    const { now, wait } = this.#deps;
    const isUnsent = (): boolean => rows.some(([table, key]) => this.isDirty(table, key));
    const deadline = now() + STORED_WAIT_MS;
    for (;;) {
      if (!isUnsent()) return true;
      if (now() > deadline) return false;
      await this.flush(true);
      if (isUnsent()) await wait(STORED_POLL_MS);
    }
  }

  /** Runs statements as a batch of its own, numbered like the others. Throws `DatabaseError`. */
  async write(statements: readonly Statement[]): Promise<void> {
    try {
      await this.#writer.writeStatements(statements);
    } finally {
      await this.#writer.release();
    }
  }

  /** Resolves when no batch is in flight. */
  whenIdle(): Promise<void> {
    return this.#flusher.whenIdle();
  }

  /** What failed before is tried again without waiting: the database is back. */
  resetBackoff(): void {
    this.#flusher.resetBackoff();
  }

  /** Shuts out the batches of another writer up to this number, with the next batch. */
  fenceOff(writer: string, seq: number): void {
    this.#numbers.fenceOff(writer, seq);
  }

  /** The number of the last batch that was sent, taken or not. */
  lastBatch(): number {
    return this.#numbers.last();
  }

  /** Rows that were set aside, oldest first. */
  dead(limit: number): DeadLetter[] {
    return this.#deadLetters.list(limit);
  }

  /** Sends the rows that were set aside again. Returns how many. */
  retryDead(): number {
    return this.#deps.transaction(() => {
      const letters = this.#deadLetters.keys();
      for (const { table, key } of letters) this.#table.markDueAgain(table, key);
      return letters.length;
    });
  }
}
