/**
 * A Durable Object's own SQLite, as its parts see it.
 *
 * @module
 */

import type { LocalRow, LocalSql, LocalValue } from "../../storage/index.ts";

/** What is used of a Durable Object's storage. */
export type ObjectStorage = Pick<DurableObjectStorage, "sql" | "transactionSync" | "setAlarm">;

/** A statement that begins like this changes nothing. */
const BEGINS_AS_READ = /^\s*SELECT\b/;

/**
 * @param onWrite called with each statement that may change something, before it does
 * @param guard runs each statement
 */
export function localSql(
  storage: ObjectStorage,
  onWrite: (sql: string) => void = () => undefined,
  guard: <T>(work: () => T) => T = (work) => work(),
): LocalSql {
  return {
    all: <T extends LocalRow>(sql: string, ...args: LocalValue[]): T[] => {
      if (!BEGINS_AS_READ.test(sql)) onWrite(sql);
      return guard(() => storage.sql.exec(sql, ...args).toArray()) as unknown as T[];
    },
    *each<T extends LocalRow>(sql: string, ...args: LocalValue[]): Generator<T> {
      const cursor = guard(() => storage.sql.exec(sql, ...args));
      for (;;) {
        const next = guard(() => cursor.next());
        if (next.done) return;
        yield next.value as unknown as T;
      }
    },
    run: (sql, ...args) => {
      onWrite(sql);
      guard(() => storage.sql.exec(sql, ...args));
    },
  };
}

/**
 * Synchronous transactions, all or nothing, and what is in memory goes back with them. Never
 * nested.
 */
export class Transactions {
  readonly #storage: Pick<ObjectStorage, "transactionSync">;
  #undos: (() => void)[] | null = null;

  constructor(storage: Pick<ObjectStorage, "transactionSync">) {
    this.#storage = storage;
  }

  readonly run = <T>(work: () => T): T => {
    const undos: (() => void)[] = [];
    this.#undos = undos;
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      for (const undo of undos.toReversed()) undo();
      throw error;
    } finally {
      this.#undos = null;
    }
  };

  /** Calls back if the running transaction is taken back; outside of one, never. */
  readonly onRollback = (undo: () => void): void => {
    this.#undos?.push(undo);
  };
}
