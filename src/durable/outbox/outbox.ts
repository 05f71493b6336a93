/**
 * The outbox of an object: which rows the database does not have as they are, sent in batches until
 * it has them. Rows are marked in the transaction that changes them; an instance marks only those
 * whose home it is, and records them by call, so that a call can wait until its rows are stored.
 *
 * @module
 */

import { BATCH_NUMBERS_SCHEMA, BatchNumbers, BatchWriter } from "./batch-writer.ts";
import { DEAD_LETTERS_SCHEMA, type DeadLetter, DeadLetters } from "./dead-letters.ts";
import { Flusher } from "./flusher.ts";
import { OUTBOX_TABLE_SCHEMA, type EpisodeChange, type OutboxSize } from "./outbox-rows.ts";
import { OutboxTable, type OutboxDeps } from "./outbox-table.ts";
import type { Part } from "../shared/context.ts";
import { homeTextOf } from "../shared/instance/placement.ts";
import { Moved } from "../shared/refusals.ts";
import type { SqlValue, Statement, TableName } from "../../storage/index.ts";

export const OUTBOX_SCHEMA: readonly string[] = [
  ...OUTBOX_TABLE_SCHEMA,
  ...BATCH_NUMBERS_SCHEMA,
  ...DEAD_LETTERS_SCHEMA,
];

/** How long a client that asked for `wait=stored` waits before the answer is `queued`, ms. */
const STORED_WAIT_MS = 10_000;
/** While the database has not taken the rows, they are sent again after this, ms. */
const STORED_POLL_MS = 100;

interface OutboxState {
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
    this.#flusher = new Flusher(deps, this.#table, this.#deadLetters, this.#writer);
  }

  /**
   * The row is not in the database as it is now; in the transaction that changes it, after the
   * change. Answers with the bytes of the row.
   */
  markDirty(table: TableName, key: readonly SqlValue[]): number {
    return this.#table.markDirty(table, key);
  }

  /** Like `markDirty`, for an episode and steps that were added to it: written once for all. */
  markEpisode(change: EpisodeChange): void {
    this.#table.markEpisode(change);
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
    return this.#table.has(table, key) || this.#deadLetters.has(table, JSON.stringify(key));
  }

  /** Sets a row aside, which a restore must not overwrite; in a transaction. @param key as JSON */
  park(table: TableName, key: string, reason: string, detail: string): void {
    this.#deadLetters.park(table, key, reason, detail);
    this.#table.clearDirty(table, key);
  }

  /** What waits: rows that the database does not have, each step one, and their bytes. */
  size(): OutboxSize {
    return this.#table.size();
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

/** A row by its key. */
export type DirtyRow = readonly [TableName, readonly SqlValue[]];

interface DirtyRowsDeps {
  outbox: Pick<Outbox, "markDirty" | "markEpisode" | "markAllDirty">;
  /** Whether what has this text as its home is this instance's to change; null: it is. */
  isHome: (home: string | null) => boolean;
  /** Called after rows were marked, with the bytes of those that are no derived ones. */
  onMarked: (rows: number, bytes: number) => void;
}

export class DirtyRows {
  readonly #deps: DirtyRowsDeps;
  readonly #recordings = new Set<DirtyRow[]>();

  constructor(deps: DirtyRowsDeps) {
    this.#deps = deps;
  }

  /**
   * In the transaction that changes the row, after the change. Throws `Moved` when its home is
   * elsewhere.
   */
  markDirty(table: TableName, key: readonly SqlValue[]): void {
    this.#check(table, key);
    this.#deps.onMarked(1, this.#deps.outbox.markDirty(table, key));
  }

  /** Like `markDirty`, for an episode and steps that were added to it. */
  markEpisode(change: EpisodeChange): void {
    const { namespace, id, steps } = change;
    this.#check("episodes", [namespace, id]);
    for (const { number } of steps) this.#record("steps", [namespace, id, number]);
    this.#deps.outbox.markEpisode(change);
    const bytes = steps.reduce((sum, step) => sum + step.bytes, change.bytes);
    this.#deps.onMarked(1 + steps.length, bytes);
  }

  /** Like `markDirty`, for many rows of one table, which all count as much. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    for (const key of keys) this.#check(table, key);
    this.#deps.outbox.markAllDirty(table, keys);
    this.#deps.onMarked(keys.length, 0);
  }

  /** Collects what is marked from now on, until the returned function is called. */
  record(): () => DirtyRow[] {
    const rows: DirtyRow[] = [];
    this.#recordings.add(rows);
    return () => {
      this.#recordings.delete(rows);
      return rows;
    };
  }

  #check(table: TableName, key: readonly SqlValue[]): void {
    if (!this.#deps.isHome(homeTextOf(table, key))) throw new Moved(table);
    this.#record(table, key);
  }

  #record(table: TableName, key: readonly SqlValue[]): void {
    for (const rows of this.#recordings) rows.push([table, key]);
  }
}
