/**
 * Applies migrations: expand ones before the first use of the database, contract ones when an
 * operator asks, or at once in an empty database, which no earlier release uses. Any number of
 * instances may start on an empty database at once: a migration that needs no operator is one
 * transaction that begins by claiming its version, so one wins and the others see it done.
 *
 * @module
 */

import type { Database, Row, SqlValue, Statement } from "../sql.ts";
import { DATABASE_ERRORS } from "../database/error-kinds.ts";
import { DatabaseError } from "../database/errors.ts";
import { requireLease } from "./lease.ts";
import {
  checksums,
  LEDGER,
  noteMigration,
  noteSteps,
  schemaStatus,
  type MigrationStatus,
  type SchemaStatus,
} from "./ledger.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

/**
 * When a migration failed but an earlier release's tables are there, it is tried again after this,
 * ms.
 */
const RETRY_MS = 10_000;

const bare = (sql: string): Statement => ({ sql, args: [] });

/** Applies it, all or nothing. Fails when another applied it. */
async function applyWhole(database: Database, migration: Migration, now: number): Promise<void> {
  await database.write([
    ...LEDGER.map(bare),
    noteMigration(migration, now),
    noteSteps(migration.version, await checksums(migration.statements), 1, now),
    ...migration.statements.map(bare),
  ]);
}

/**
 * The statements that are not applied yet, each in a transaction with the note that it is, so that
 * a run which was stopped goes on where it was. Each insists on the lease `name`, which `keep`
 * prolongs.
 */
async function contract(
  database: Database,
  migration: Migration,
  done: number,
  now: number,
  lease: Lease,
): Promise<void> {
  const sums = await checksums(migration.statements);
  for (let i = done; i < migration.statements.length; i++) {
    await lease.keep();
    await database.write([
      ...LEDGER.map(bare),
      requireLease(lease.name, lease.holder),
      noteSteps(migration.version, sums.slice(i, i + 1), i + 1, now),
      bare(migration.statements[i] ?? ""),
      ...(i === migration.statements.length - 1 ? [noteMigration(migration, now)] : []),
    ]);
  }
}

export interface Lease {
  name: string;
  holder: string;
  /** Prolongs it. Throws when it is another's by now. */
  keep(): Promise<void>;
}

/**
 * Applies one migration as far as it is not. Throws `DatabaseError`; repeating it goes on where it
 * stopped.
 */
export async function applyMigration(
  database: Database,
  migration: Migration,
  done: number,
  now: number,
  lease: Lease,
): Promise<void> {
  if (migration.kind === "contract") return contract(database, migration, done, now, lease);
  await lease.keep();
  await applyOnce(database, migration, now);
}

/** Applies it whole, unless another does. */
async function applyOnce(database: Database, migration: Migration, now: number): Promise<void> {
  try {
    await applyWhole(database, migration, now);
  } catch (error) {
    // The claim fails when an instance that started was first, and a reply may be lost after the
    // commit.
    const { migrations } = await schemaStatus(database, [migration]);
    if (
      migrations.some(({ version, state }) => version === migration.version && state === "applied")
    )
      return;
    throw error;
  }
}

/**
 * Why a database is not migrated although it could be read, while an earlier release's tables serve
 * what they can.
 */
class Behind {
  readonly error: unknown;
  readonly againAt: number;
  constructor(error: unknown, againAt: number) {
    this.error = error;
    this.againAt = againAt;
  }
}

/**
 * Applies the expand migrations that are missing, unless they wait for an operator, and all of them
 * to an empty database. Throws `DatabaseError` when there is nothing to work with.
 */
async function migrate(
  database: Database,
  { migrations, now, mode }: MigratedOptions,
): Promise<Behind | null> {
  const status = await schemaStatus(database, migrations);
  const isEmpty = status.version === 0;
  const missing = status.migrations.filter(
    ({ migration, state }) =>
      migration && (isEmpty || migration.kind === "expand") && state !== "applied",
  );
  if (missing.length === 0) return null;
  if (mode === "manual" && !isEmpty) return new Behind(waiting(missing), now() + RETRY_MS);
  let hasTables = !isEmpty;
  try {
    const edited = status.migrations.find(({ changed }) => changed.length > 0);
    if (edited)
      throw new DatabaseError(
        "schema",
        `migration ${edited.version} was changed after it was applied`,
        null,
      );
    for (const { migration } of missing) {
      if (migration) await applyOnce(database, migration, now());
      hasTables = true;
    }
    return null;
  } catch (error) {
    const reason = migrationError(error);
    if (!hasTables) throw reason;
    return new Behind(reason, now() + RETRY_MS);
  }
}

/** Writes wait at the instances meanwhile, and are sent afterwards. */
function waiting(missing: readonly MigrationStatus[]): DatabaseError {
  const versions = missing.map(({ version }) => version).join(", ");
  const isOne = missing.length === 1;
  const what = `migration${isOne ? "" : "s"} ${versions} wait${isOne ? "s" : ""} for an operator`;
  return new DatabaseError("schema", `${what}: memory-cli migrate --execute`, null);
}

/**
 * A migration that the database refuses is not the fault of the rows that wait for it: they are not
 * set aside.
 */
function migrationError(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || DATABASE_ERRORS[error.kind].at_fault === "database")
    return error;
  return new DatabaseError("schema", error.code, error);
}

export interface MigratedDatabase extends Database {
  /** The highest version applied. */
  version(): Promise<number>;
  status(): Promise<SchemaStatus>;
}

/**
 * A database that migrates itself before its first use, and again after it was found without its
 * tables. Where it cannot be migrated but has tables of an earlier release, reads go on, and writes
 * fail until it is migrated.
 */
export function migrated(
  database: Database,
  now: () => number,
  { migrations = MIGRATIONS, mode = "auto" }: Partial<Omit<MigratedOptions, "now">> = {},
): MigratedDatabase {
  return new SelfMigrating(database, { now, migrations, mode });
}

interface MigratedOptions {
  now: () => number;
  migrations: readonly Migration[];
  /** manual: nothing is applied to a database that has tables already. */
  mode: "auto" | "manual";
}

class SelfMigrating implements MigratedDatabase {
  readonly #database: Database;
  readonly #options: MigratedOptions;
  /** Of the one migration that all uses wait for; null: it has to be begun. */
  #migrating: Promise<Behind | null> | null = null;

  constructor(database: Database, options: MigratedOptions) {
    this.#database = database;
    this.#options = options;
  }

  async all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
    await this.#prepare();
    return this.#use(() => this.#database.all<T>(sql, ...args));
  }

  async write(statements: readonly Statement[]): Promise<void> {
    const behind = await this.#prepare();
    if (behind) throw behind.error;
    return this.#use(() => this.#database.write(statements));
  }

  async status(): Promise<SchemaStatus> {
    await this.#prepare();
    return this.#use(() => schemaStatus(this.#database, this.#options.migrations));
  }

  async version(): Promise<number> {
    return (await this.status()).version;
  }

  async #prepare(): Promise<Behind | null> {
    this.#migrating ??= this.#migrate();
    const migrating = this.#migrating;
    const behind = await migrating;
    if (!behind || this.#options.now() < behind.againAt) return behind;

    if (this.#migrating === migrating) this.#migrating = null;
    return this.#prepare();
  }

  async #migrate(): Promise<Behind | null> {
    try {
      return await migrate(this.#database, this.#options);
    } catch (error) {
      this.#migrating = null;
      throw error;
    }
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseError && error.kind === "schema") this.#migrating = null;
      throw error;
    }
  }
}
