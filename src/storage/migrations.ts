/**
 * The database's schema, version by version. Any number of instances may start on an empty database at once: each
 * migration is one transaction that begins by claiming its version, so one wins and the others see it done.
 *
 * @module
 */

import type { Database } from "./client.ts";
import { DatabaseError } from "./errors.ts";
import { FENCE_SCHEMA } from "./fence.ts";
import { FIRST_SCHEMA, VECTORS_SCHEMA } from "./tables.ts";

export interface Migration {
  version: number;
  name: string;
  statements: readonly string[];
}

const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "episodes, learning and search", statements: [...FIRST_SCHEMA, ...FENCE_SCHEMA] },
  { version: 3, name: "semantic vectors", statements: VECTORS_SCHEMA },
];

export const SCHEMA_VERSION: number = Math.max(...MIGRATIONS.map((migration) => migration.version));

const LEDGER = `CREATE TABLE IF NOT EXISTS _migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`;

/** The highest version applied; 0 for an empty database. Throws `DatabaseError`. */
async function appliedVersion(database: Database): Promise<number> {
  const [ledger] = await database.all<{ n: number }>(
    "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = '_migrations'",
  );
  if (!ledger?.n) return 0;
  const [row] = await database.all<{ version: number | null }>("SELECT max(version) AS version FROM _migrations");
  return row?.version ?? 0;
}

/**
 * Brings the database to `SCHEMA_VERSION` and returns the version it has then.
 * Throws `DatabaseError`; a migration that failed left nothing behind.
 */
async function migrate(database: Database, now: number): Promise<number> {
  let version = await appliedVersion(database);
  for (const migration of MIGRATIONS) {
    if (migration.version <= version) continue;
    try {
      await database.write([
        { sql: LEDGER, args: [] },
        {
          sql: "INSERT INTO _migrations (version, name, applied_at) VALUES (?, ?, ?)",
          args: [migration.version, migration.name, now],
        },
        ...migration.statements.map((sql) => ({ sql, args: [] })),
      ]);
      version = migration.version;
    } catch (error) {
      // The claim fails when another instance was first; then its work is there to be seen.
      version = await appliedVersion(database);
      if (version < migration.version) throw error;
    }
  }
  return version;
}

/**
 * A database that migrates itself before its first use, and again after it was found without its tables.
 */
export function migrated(database: Database, now: () => number): Database & { version(): Promise<number> } {
  let ready: Promise<number> | null = null;
  const prepare = (): Promise<number> => {
    ready ??= migrate(database, now()).catch((error: unknown) => {
      ready = null;
      throw error;
    });
    return ready;
  };
  const use = async <T>(work: () => Promise<T>): Promise<T> => {
    await prepare();
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseError && error.kind === "schema") ready = null;
      throw error;
    }
  };
  return {
    all: (sql, ...args) => use(() => database.all(sql, ...args)),
    write: (statements) => use(() => database.write(statements)),
    version: () => use(() => appliedVersion(database)),
  };
}
