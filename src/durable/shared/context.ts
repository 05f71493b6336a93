/**
 * What a part of a Durable Object is, and what nearly every part is given: the object's own SQLite,
 * its transactions, its clock, its log.
 *
 * @module
 */

import type { Log } from "../../observability/index.ts";
import type { LocalRow, LocalSql, LocalValue } from "../../storage/index.ts";
import { withDeadline } from "../../util/deadline.ts";

/** Something that an object does, with the tables that it keeps. Its dependencies are explicit. */
export interface Part {
  /** Statements that make its tables, run each time the object starts: `… IF NOT EXISTS`. */
  readonly schema?: readonly string[];
  /**
   * When it has something to do, ms since the epoch; null: nothing. Asked after each call that
   * wrote, so it must be cheap.
   */
  nextAt?(now: number): number | null;
  /** Does what is due. What it throws is counted and logged, and it is run again later. */
  onAlarm?(now: number): Promise<void> | void;
}

export interface PartContext {
  /** The object's own storage. */
  sql: LocalSql;
  /** Synchronous, all or nothing; what is counted in it is taken back with it. Never nested. */
  transaction: <T>(work: () => T) => T;
  /** ms since the epoch. */
  now: () => number;
  /** Logs an event of `EVENTS` (`observability/log-events.ts`) with its fields. */
  log: Log;
}

/** What is used of a Durable Object's storage. */
export type ObjectStorage = Pick<
  DurableObjectStorage,
  "sql" | "transactionSync" | "setAlarm" | "getBookmarkForTime" | "getCurrentBookmark"
>;

/** How long the runtime may take to name a bookmark, ms. */
const BOOKMARK_MS = 2_000;

/**
 * The name of the storage's present state, by which the platform's point-in-time recovery finds it
 * again; null: the runtime has none.
 */
export async function bookmarkOf(
  storage: Pick<ObjectStorage, "getBookmarkForTime" | "getCurrentBookmark">,
  now: number,
): Promise<string | null> {
  try {
    // The local runtime names states that it cannot go back to; asked for a time, it says so.
    await withDeadline(storage.getBookmarkForTime(now), BOOKMARK_MS);
    return await withDeadline(storage.getCurrentBookmark(), BOOKMARK_MS);
  } catch {
    return null;
  }
}

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
