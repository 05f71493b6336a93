/**
 * What the database says of its migrations: which were applied, and with which text. A migration
 * that was edited after it was applied is found by its checksum.
 *
 * @module
 */

import type { Database, Statement } from "../client.ts";
import { neededVersion, type Migration } from "./migrations.ts";
import { sha256Hex } from "../../util/hash.ts";

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

/** Of each statement; how it is broken into lines does not count. */
export function checksums(statements: readonly string[]): Promise<string[]> {
  return Promise.all(statements.map((sql) => sha256Hex(sql.replaceAll(/\s+/g, " ").trim())));
}

/** Throws `DatabaseError`. */
export async function schemaStatus(
  database: Pick<Database, "all">,
  migrations: readonly Migration[],
): Promise<SchemaStatus> {
  const tables = await database.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('_migrations', '_migration_steps')",
  );
  const has = (name: string): boolean => tables.some((table) => table.name === name);
  const parts = [
    ...(has("_migrations")
      ? ["SELECT version, name, applied_at, 0 AS step, NULL AS checksum FROM _migrations"]
      : []),
    ...(has("_migration_steps")
      ? ["SELECT version, NULL AS name, applied_at, step, checksum FROM _migration_steps"]
      : []),
  ];
  const rows =
    parts.length === 0
      ? []
      : await database.all<{
          version: number;
          name: string | null;
          applied_at: number;
          step: number;
          checksum: string | null;
        }>(`${parts.join(" UNION ALL ")} ORDER BY version, step`);
  const byVersion = Map.groupBy(rows, (row) => row.version);
  const versions = new Set([...migrations.map(({ version }) => version), ...byVersion.keys()]);
  const statuses = await Promise.all(
    [...versions]
      .sort((a, b) => a - b)
      .map(async (version): Promise<MigrationStatus> => {
        const migration = migrations.find((known) => known.version === version) ?? null;
        const stored = byVersion.get(version) ?? [];
        const whole = stored.find((row) => row.name !== null);
        const steps = stored.flatMap((row) => row.checksum ?? []);
        const texts = migration ? await checksums(migration.statements) : steps;
        const lost =
          whole && steps.length > 0 && steps.length < texts.length ? [steps.length + 1] : [];
        return {
          version,
          name: migration?.name ?? whole?.name ?? "",
          migration,
          state: whole ? "applied" : steps.length > 0 ? "started" : "pending",
          appliedAt: whole?.applied_at ?? null,
          done: whole && steps.length === 0 ? texts.length : steps.length,
          changed: [
            ...steps.flatMap((checksum, i) => (checksum === texts[i] ? [] : [i + 1])),
            ...lost,
          ],
          checksum: migration ? await sha256Hex(texts.join()) : null,
          appliedChecksum: steps.length > 0 && whole ? await sha256Hex(steps.join()) : null,
        };
      }),
  );
  const applied = statuses.filter(({ state }) => state === "applied");
  return {
    version: Math.max(0, ...applied.map(({ version }) => version)),
    needed: neededVersion(migrations),
    migrations: statuses,
  };
}

/**
 * What is wrong with the database's migrations, a sentence each; none: it is what this release
 * needs, or later.
 */
export function schemaProblems({ migrations }: SchemaStatus): string[] {
  return migrations.flatMap(({ version, name, migration, state, changed }) => {
    const called = `migration ${version} (${name})`;
    if (changed.length > 0) {
      const which = `statement${changed.length === 1 ? "" : "s"} ${changed.join(", ")}`;
      return [
        `${called} was changed after it was applied: ${which} differ${changed.length === 1 ? "s" : ""}`,
      ];
    }
    return migration?.kind === "expand" && state !== "applied" ? [`${called} is not applied`] : [];
  });
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
