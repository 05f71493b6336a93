/**
 * Node's own SQLite behind the ports of an instance and of the database, for tests that need no
 * runtime.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { Transactions } from "../../src/durable/shared/sqlite.ts";
import type { Database, LocalSql, Row } from "../../src/storage/index.ts";

export interface NodeSql extends LocalSql {
  transaction<T>(work: () => T): T;
  onRollback(undo: () => void): void;
}

export function openLocal(statements: readonly string[]): NodeSql {
  const database = new DatabaseSync(":memory:");
  for (const statement of statements) database.exec(statement);
  const { run: transaction, onRollback } = new Transactions({
    transactionSync(work) {
      database.exec("BEGIN");
      try {
        const value = work();
        database.exec("COMMIT");
        return value;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
  });
  return {
    all: <T extends Row>(sql: string, ...args: (string | number | null)[]): T[] =>
      database
        .prepare(sql)
        .all(...args)
        .map((row) => ({ ...row }) as T),
    each: <T extends Row>(sql: string, ...args: (string | number | null)[]): Iterable<T> =>
      database.prepare(sql).iterate(...args) as unknown as Iterable<T>,
    run: (sql, ...args) => {
      database.prepare(sql).run(...args);
    },
    transaction,
    onRollback,
  };
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
