/**
 * A Durable Object's own SQLite, as the parts of an instance see it.
 *
 * @module
 */

import type { LocalSql, Row, SqlValue } from "../storage/index.ts";

/** @param wrote told of each statement that may change something */
export function localSql(storage: DurableObjectStorage, wrote: () => void = () => undefined): LocalSql {
  return {
    all: <T extends Row>(sql: string, ...args: SqlValue[]): T[] =>
      storage.sql.exec(sql, ...args).toArray() as unknown as T[],
    run: (sql, ...args) => {
      wrote();
      storage.sql.exec(sql, ...args);
    },
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
  rang(): void {
    this.#at = null;
  }
}
