/**
 * A Durable Object's own SQLite, as the parts of an instance see it.
 *
 * @module
 */

import type { LocalSql, Row, SqlValue } from "../../storage/index.ts";

/** A statement that begins like this changes nothing. */
const READS = /^\s*SELECT\b/;

/**
 * @param wrote told of each statement that may change something, before it does
 * @param guard runs each statement
 */
export function localSql(
  storage: DurableObjectStorage,
  wrote: (sql: string) => void = () => undefined,
  guard: <T>(work: () => T) => T = (work) => work(),
): LocalSql {
  return {
    all: <T extends Row>(sql: string, ...args: SqlValue[]): T[] => {
      if (!READS.test(sql)) wrote(sql);
      return guard(() => storage.sql.exec(sql, ...args).toArray()) as unknown as T[];
    },
    *each<T extends Row>(sql: string, ...args: SqlValue[]): Generator<T> {
      const cursor = guard(() => storage.sql.exec(sql, ...args));
      for (;;) {
        const next = guard(() => cursor.next());
        if (next.done) return;
        yield next.value as unknown as T;
      }
    },
    run: (sql, ...args) => {
      wrote(sql);
      guard(() => storage.sql.exec(sql, ...args));
    },
  };
}

/**
 * Synchronous transactions, all or nothing, and what is in memory goes back with them. Never
 * nested.
 */
export class Transactions {
  readonly #storage: Pick<DurableObjectStorage, "transactionSync">;
  #undos: (() => void)[] | null = null;

  constructor(storage: Pick<DurableObjectStorage, "transactionSync">) {
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

/**
 * An alarm that only ever moves forward to an earlier time, and is set without waiting.
 */
export class Alarm {
  readonly #storage: DurableObjectStorage;
  #at: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  wake(at: number): void {
    if (this.#at !== null && this.#at <= at) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }

  /** Call it when the alarm rings, before its work. */
  fired(): void {
    this.#at = null;
  }
}
