/**
 * The database's schema, version by version. Any number of instances may start on an empty database at once: each
 * migration is one transaction that begins by claiming its version, so one wins and the others see it done.
 *
 * The rule is expand and contract: a migration only adds, so that the version of the service before it goes on working
 * beside it and after a rollback; what an earlier version needs is taken away one version later at the earliest.
 * `violations` checks it.
 *
 * @module
 */

import { CHANGES_SCHEMA, RESTORE_SCHEMA } from "./changes.ts";
import type { Database } from "./client.ts";
import { DatabaseError } from "./errors.ts";
import { FENCE_SCHEMA } from "./fence.ts";
import { SCHEMA } from "./tables.ts";

export interface Migration {
  version: number;
  name: string;
  statements: readonly string[];
}

export interface PlannedMigration {
  version: number;
  name: string;
  /** changed: applied, but its statements are not those of this version of the service. */
  state: "applied" | "pending" | "changed";
  applied_at: string | null;
  /** SHA-256 of its statements. */
  checksum: string;
  sql: readonly string[];
  /** What breaks the rule. */
  violations: string[];
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "episodes, learning and search", statements: [...SCHEMA, ...FENCE_SCHEMA] },
  {
    version: 2,
    name: "change feed for backups, checksums of migrations",
    statements: [...CHANGES_SCHEMA, ...RESTORE_SCHEMA, "ALTER TABLE _migrations ADD COLUMN checksum TEXT"],
  },
];

export const SCHEMA_VERSION: number = Math.max(...MIGRATIONS.map((migration) => migration.version));
/** From this version on the ledger has checksums. */
const CHECKSUMS_SINCE = 2;

const LEDGER = `CREATE TABLE IF NOT EXISTS _migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`;

/** What in a migration would break the version of the service that runs beside it. Pure. */
export function violations({ statements }: Migration): string[] {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/^\s*DROP\s/i, "drops something"],
    [/\bRENAME\s+(TO|COLUMN)\b/i, "renames something"],
    [/\bDROP\s+COLUMN\b/i, "drops a column"],
    [/\bADD\s+COLUMN\b(?=[^;]*\bNOT\s+NULL\b)(?![^;]*\bDEFAULT\b)/i, "adds a column that older writers cannot fill"],
    [/^\s*CREATE\s+UNIQUE\s+INDEX\b/i, "forbids rows that older writers may write"],
    [/^\s*(DELETE|UPDATE)\s/i, "changes rows"],
  ];
  return statements.flatMap((sql) =>
    rules.filter(([pattern]) => pattern.test(sql)).map(([, problem]) => `${problem}: ${sql.trim().slice(0, 80)}`),
  );
}

async function checksumOf({ statements }: Migration): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(statements.join(";\n")));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The highest version applied; 0 for an empty database. Throws `DatabaseError`. */
async function appliedVersion(database: Database): Promise<number> {
  const [ledger] = await database.all<{ n: number }>(
    "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = '_migrations'",
  );
  if (!ledger?.n) return 0;
  const [row] = await database.all<{ version: number | null }>("SELECT max(version) AS version FROM _migrations");
  return row?.version ?? 0;
}

/** Every migration, applied or not, with its SQL. Changes nothing. Throws `DatabaseError`. */
export async function planMigrations(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<PlannedMigration[]> {
  const version = await appliedVersion(database);
  const rows =
    version === 0
      ? []
      : await database.all<{ version: number; applied_at: number; checksum: string | null }>(
          `SELECT version, applied_at, ${version >= CHECKSUMS_SINCE ? "checksum" : "NULL AS checksum"} FROM _migrations`,
        );
  const applied = new Map(rows.map((row) => [row.version, row]));
  return Promise.all(
    migrations.map(async (migration) => {
      const checksum = await checksumOf(migration);
      const known = applied.get(migration.version);
      const changed = known !== undefined && known.checksum !== null && known.checksum !== checksum;
      return {
        version: migration.version,
        name: migration.name,
        state: known ? (changed ? ("changed" as const) : ("applied" as const)) : ("pending" as const),
        applied_at: known ? new Date(known.applied_at).toISOString() : null,
        checksum,
        sql: migration.statements,
        violations: violations(migration),
      };
    }),
  );
}

/**
 * Brings the database to the newest version and returns the version it has then.
 * Throws `DatabaseError`; a migration that failed left nothing behind, and the next call goes on with it.
 */
export async function migrate(
  database: Database,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  let version = await appliedVersion(database);
  for (const migration of migrations) {
    if (migration.version <= version) continue;
    try {
      const checksum = await checksumOf(migration);
      await database.write([
        { sql: LEDGER, args: [] },
        {
          sql: "INSERT INTO _migrations (version, name, applied_at) VALUES (?, ?, ?)",
          args: [migration.version, migration.name, now],
        },
        ...migration.statements.map((sql) => ({ sql, args: [] })),
        ...(migration.version >= CHECKSUMS_SINCE
          ? [{ sql: "UPDATE _migrations SET checksum = ? WHERE version = ?", args: [checksum, migration.version] }]
          : []),
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
 * @param auto false: only an empty database; one with an older schema is used as it is, which the rule allows
 */
export function migrated(
  database: Database,
  now: () => number,
  auto: () => boolean = () => true,
): Database & { version(): Promise<number> } {
  let ready: Promise<number> | null = null;
  const bring = async (): Promise<number> => {
    const version = auto() ? 0 : await appliedVersion(database);
    return version > 0 ? version : migrate(database, now());
  };
  const prepare = (): Promise<number> => {
    ready ??= bring().catch((error: unknown) => {
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
