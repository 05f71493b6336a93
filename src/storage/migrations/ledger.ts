/**
 * Keeps the database's record of its migrations: which statements were applied, when, and the
 * checksum of their text, by which an edit of an applied migration is found. Applying is in
 * `migrate.ts`.
 *
 * @module
 */

import type { Database, Statement } from "../sql.ts";
import { neededVersion, type Migration } from "./migrations.ts";
import { sha256Hex } from "../../util/hashing/hash.ts";

/** Made before the first migration, and missing in a database that an earlier release made. */
export const LEDGER: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS _migrations (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS _migration_steps (
    version INTEGER NOT NULL, step INTEGER NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL,
    PRIMARY KEY (version, step)) STRICT`,
];

export interface MigrationStatus {
  version: number;
  name: string;
  /** null: of a later release, whose text is not known here. */
  migration: Migration | null;
  /** started: a contract migration of which some statements were applied. */
  state: "applied" | "started" | "pending";
  /** ms since the epoch. */
  appliedAt: number | null;
  /** Statements that were applied. */
  done: number;
  /** Statements whose text is no longer what was applied, counted from 1. */
  changed: number[];
  /** SHA-256 over the statements as they are here, hex; null: of a later release. */
  checksum: string | null;
  /**
   * SHA-256 over the statements as they were applied, hex; null: from before checksums were kept,
   * or not applied.
   */
  appliedChecksum: string | null;
}

export interface SchemaStatus {
  /** The highest version applied; 0 for an empty database. */
  version: number;
  /** The version that this release needs. */
  needed: number;
  /** In the order of their versions, those of later releases too. */
  migrations: MigrationStatus[];
}

/** SHA-256 of each statement, hex; how it is broken into lines does not count. */
export function checksums(statements: readonly string[]): Promise<string[]> {
  return Promise.all(statements.map((sql) => sha256Hex(sql.replaceAll(/\s+/g, " ").trim())));
}

/** Of a migration as a whole: over the checksums of its statements. */
export async function checksumOf(statements: readonly string[]): Promise<string> {
  return sha256Hex((await checksums(statements)).join());
}

/** A row of either table; those of whole migrations have a name, those of steps a checksum. */
type LedgerRow = {
  version: number;
  name: string | null;
  applied_at: number;
  /** From 1; 0 for a whole migration. */
  step: number;
  checksum: string | null;
};

/**
 * What was applied, and what this release would apply. Reads a database that has none of the
 * tables yet, too. Throws `DatabaseError`.
 */
export async function schemaStatus(
  database: Pick<Database, "all">,
  migrations: readonly Migration[],
): Promise<SchemaStatus> {
  const byVersion = Map.groupBy(await ledgerRows(database), (row) => row.version);
  const versions = new Set([...migrations.map(({ version }) => version), ...byVersion.keys()]);
  const statuses = await Promise.all(
    [...versions]
      .sort((a, b) => a - b)
      .map((version) => {
        const migration = migrations.find((own) => own.version === version) ?? null;
        return migrationStatus(version, migration, byVersion.get(version) ?? []);
      }),
  );
  const applied = statuses.filter(({ state }) => state === "applied");
  return {
    version: Math.max(0, ...applied.map(({ version }) => version)),
    needed: neededVersion(migrations),
    migrations: statuses,
  };
}

/** Both tables' rows by version and step; what is missing of the tables holds none. */
async function ledgerRows(database: Pick<Database, "all">): Promise<LedgerRow[]> {
  const tables = await database.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('_migrations', '_migration_steps')",
  );
  const hasTable = (name: string): boolean => tables.some((table) => table.name === name);
  const selects = [
    ...(hasTable("_migrations")
      ? ["SELECT version, name, applied_at, 0 AS step, NULL AS checksum FROM _migrations"]
      : []),
    ...(hasTable("_migration_steps")
      ? ["SELECT version, NULL AS name, applied_at, step, checksum FROM _migration_steps"]
      : []),
  ];
  return selects.length === 0
    ? []
    : database.all<LedgerRow>(`${selects.join(" UNION ALL ")} ORDER BY version, step`);
}

async function migrationStatus(
  version: number,
  migration: Migration | null,
  rows: readonly LedgerRow[],
): Promise<MigrationStatus> {
  const whole = rows.find((row) => row.name !== null);
  const applied = rows.flatMap((row) => row.checksum ?? []);
  const own = migration ? await checksums(migration.statements) : applied;

  const changed = applied.flatMap((checksum, i) => (checksum === own[i] ? [] : [i + 1]));
  // Applied as a whole, and yet there is a statement that was not there then.
  if (whole && applied.length > 0 && applied.length < own.length) changed.push(applied.length + 1);

  return {
    version,
    name: migration?.name ?? whole?.name ?? "",
    migration,
    state: whole ? "applied" : applied.length > 0 ? "started" : "pending",
    appliedAt: whole?.applied_at ?? null,
    // Before checksums were kept, only whole migrations were noted.
    done: whole && applied.length === 0 ? own.length : applied.length,
    changed,
    checksum: migration ? await sha256Hex(own.join()) : null,
    appliedChecksum: applied.length > 0 && whole ? await sha256Hex(applied.join()) : null,
  };
}

/**
 * What is wrong with the database's migrations, a sentence each; none: it is what this release
 * needs, or later.
 */
export function schemaProblems({ migrations }: SchemaStatus): string[] {
  return migrations.flatMap(({ version, name, migration, state, changed }) => {
    const title = `migration ${version} (${name})`;
    if (changed.length > 0) {
      const isOne = changed.length === 1;
      const which = `statement${isOne ? "" : "s"} ${changed.join(", ")} differ${isOne ? "s" : ""}`;
      return [`${title} was changed after it was applied: ${which}`];
    }
    return migration?.kind === "expand" && state !== "applied" ? [`${title} is not applied`] : [];
  });
}

/** The migrations that this release can do without, and that an operator has not executed yet. */
export function schemaWaiting({ migrations }: SchemaStatus): string[] {
  return migrations.flatMap(({ version, name, migration, state }) =>
    migration?.kind === "contract" && state !== "applied" ? [`migration ${version} (${name})`] : [],
  );
}

/**
 * Notes, in the transaction that does it, that statements of a migration are applied. Fails when
 * they are already.
 */
export function noteSteps(
  version: number,
  sums: readonly string[],
  first: number,
  now: number,
): Statement {
  return {
    sql: `INSERT INTO _migration_steps (version, step, checksum, applied_at)
      SELECT ?, ? + key, value, ? FROM json_each(?)`,
    args: [version, first, now, JSON.stringify(sums)],
  };
}

/** Notes that the whole migration is applied. Fails when it is already. */
export function noteMigration({ version, name }: Migration, now: number): Statement {
  return {
    sql: "INSERT INTO _migrations (version, name, applied_at) VALUES (?, ?, ?)",
    args: [version, name, now],
  };
}
