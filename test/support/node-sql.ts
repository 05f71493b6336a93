/**
 * Node's own SQLite behind the ports of an instance and of the database, for tests that need no
 * runtime.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { type ObjectStorage, Transactions } from "../../src/durable/shared/context.ts";
import type {
  Database,
  LocalRow,
  LocalSql,
  LocalValue,
  SqlValue,
} from "../../src/storage/index.ts";

export interface NodeSql extends LocalSql {
  transaction<T>(work: () => T): T;
  onRollback(undo: () => void): void;
}

export function openLocal(statements: readonly string[]): NodeSql {
  const database = new DatabaseSync(":memory:");
  for (const statement of statements) database.exec(statement);
  const { run: transaction, onRollback } = new Transactions({
    transactionSync: (work) => inTransaction(database, work),
  });
  return {
    all: <T extends LocalRow>(sql: string, ...args: LocalValue[]): T[] =>
      database
        .prepare(sql)
        .all(...args.map(bound))
        .map((row) => ({ ...row }) as T),
    each: <T extends LocalRow>(sql: string, ...args: LocalValue[]): Iterable<T> =>
      database.prepare(sql).iterate(...args.map(bound)) as unknown as Iterable<T>,
    run: (sql, ...args) => {
      database.prepare(sql).run(...args.map(bound));
    },
    transaction,
    onRollback,
  };
}

/** A value as Node's SQLite takes it. */
function bound(value: LocalValue): SqlValue | Uint8Array {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

/** A Durable Object's storage. */
export interface NodeStorage extends ObjectStorage {
  /** When the alarm fires, ms since the epoch; null: it is not set. */
  alarmAt: number | null;
  /** Statements that meet a damaged page; null: none does. */
  damaged: RegExp | null;
  /** The name of its state; null: the runtime has none. */
  bookmark: string | null;
}

/** Node's SQLite behind what is used of a Durable Object's storage. */
export function openStorage(): NodeStorage {
  const database = new DatabaseSync(":memory:");
  const sql = {
    exec: (text: string, ...values: LocalValue[]) => {
      const args = values.map(bound);
      if (storage.damaged?.test(text))
        throw new Error("database disk image is malformed: SQLITE_CORRUPT");
      const statement = database.prepare(text);
      // What writes is carried out at once; what reads, as it is fetched.
      const isRead = /^\s*(?:SELECT|WITH)\b/.test(text);
      const rows = isRead ? statement.iterate(...args) : statement.all(...args).values();
      return {
        toArray: () => [...rows].map((row) => ({ ...row })),
        next: () => rows.next(),
      };
    },
    databaseSize: 0,
  };
  const storage: NodeStorage = {
    sql: sql as unknown as SqlStorage,
    transactionSync: (work) => inTransaction(database, work),
    alarmAt: null,
    damaged: null,
    bookmark: null,
    // As the local runtime: it has names, and no way back.
    getCurrentBookmark: async () => storage.bookmark ?? "00000000-00000001",
    getBookmarkForTime: async () => {
      if (storage.bookmark === null) throw new Error("no point-in-time recovery here");
      return storage.bookmark;
    },
    async setAlarm(at) {
      storage.alarmAt = Number(at);
    },
  };
  return storage;
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN");
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** The same engine in the database's place: a batch is one transaction. */
export function asDatabase(local: NodeSql): Database {
  return {
    all: async (sql, ...args) => local.all(sql, ...args),
    write: async (statements) => {
      local.transaction(() => {
        for (const { sql, args } of statements) local.run(sql, ...args);
      });
    },
  };
}
