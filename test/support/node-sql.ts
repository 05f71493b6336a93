/**
 * Node's own SQLite behind the ports of an instance and of the database, for tests that need no
 * runtime.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
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
  const prepared = new Prepared(database);
  for (const statement of statements) database.exec(statement);
  const { run: transaction, onRollback } = new Transactions({
    transactionSync: (work) => inTransaction(database, work),
  });
  return {
    all: <T extends LocalRow>(sql: string, ...args: LocalValue[]): T[] =>
      prepared
        .use(sql, (statement) => statement.all(...args.map(bound)))
        .map((row) => ({ ...row }) as T),
    each: <T extends LocalRow>(sql: string, ...args: LocalValue[]): Iterable<T> =>
      database.prepare(sql).iterate(...args.map(bound)) as unknown as Iterable<T>,
    run: (sql, ...args) => {
      prepared.use(sql, (statement) => statement.run(...args.map(bound)));
    },
    transaction,
    onRollback,
  };
}

/** Statements of a database, each compiled once: none is used twice at the same time. */
class Prepared {
  readonly #database: DatabaseSync;
  readonly #free = new Map<string, StatementSync[]>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Whoever takes one gives it back when nothing more is read from it. */
  take(text: string): StatementSync {
    return this.#free.get(text)?.pop() ?? this.#database.prepare(text);
  }

  giveBack(text: string, statement: StatementSync): void {
    const free = this.#free.get(text);
    if (free) free.push(statement);
    else this.#free.set(text, [statement]);
  }

  use<T>(text: string, work: (statement: StatementSync) => T): T {
    const statement = this.take(text);
    const value = work(statement);
    this.giveBack(text, statement);
    return value;
  }
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
  const prepared = new Prepared(database);
  const sql = {
    exec: (text: string, ...values: LocalValue[]) => {
      const args = values.map(bound);
      if (storage.damaged?.test(text))
        throw new Error("database disk image is malformed: SQLITE_CORRUPT");
      // What writes is carried out at once; what reads, as it is fetched.
      if (!/^\s*(?:SELECT|WITH)\b/.test(text)) {
        const rows = prepared.use(text, (statement) => statement.all(...args)).values();
        return { toArray: () => [...rows].map((row) => ({ ...row })), next: () => rows.next() };
      }
      let statement: StatementSync | null = prepared.take(text);
      const rows = statement.iterate(...args);
      return {
        toArray: () => {
          const all = [...rows].map((row) => ({ ...row }));
          if (statement) prepared.giveBack(text, statement);
          statement = null;
          return all;
        },
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
