/**
 * Says whose database it is: the database has the mark of the one deployment that writes to it, and
 * each batch claims it in its own transaction. The first claim sets the mark; a claim of another
 * deployment fails its batch. `OwnedDatabase` neither writes to, migrates nor reads a database that
 * has another's mark: for who uses it, such a database is away. A release that knows no mark claims
 * nothing, and is not held off.
 *
 * @module
 */

import { DatabaseError } from "./database/errors.ts";
import type { MigratedDatabase } from "./migrations/migrate.ts";
import type { SchemaStatus } from "./migrations/ledger.ts";
import type { Row, SqlReader, SqlValue, Statement } from "./sql.ts";

/** A reader looks at the mark again after this, ms: so long a former owner may go on reading. */
const MARK_AGE_MS = 30_000;
/** Another's mark is looked at again after this, ms. */
const FOREIGN_RETRY_MS = 5_000;
/** While nobody knows which deployment this is, ms. */
const UNKNOWN_RETRY_MS = 1_000;

/** The mark of a database. */
export interface OwnerMark {
  deployment: string;
  /** ms since the epoch, by the clock of who set it. */
  since: number;
}

/** The first statement of whatever is written: fails it when the mark is another deployment's. */
function claim(deployment: string, now: number): Statement {
  return {
    sql: "INSERT INTO _owner (one, deployment, since) VALUES (1, ?, ?)",
    args: [deployment, now],
  };
}

/** Gives the mark from one deployment to another; nothing happens when it is not the first one's. */
export function takeOver(from: string, to: string, now: number): Statement {
  return {
    sql: "UPDATE _owner SET deployment = ?, since = ?, before = deployment WHERE deployment = ?",
    args: [to, now, from],
  };
}

/** The mark; null: none is set. Throws `DatabaseError`. */
export async function readOwner(database: SqlReader): Promise<OwnerMark | null> {
  try {
    const text = "SELECT deployment, since FROM _owner";
    const [row] = await database.all<{ deployment: string; since: number }>(text);
    return row ? { deployment: row.deployment, since: Number(row.since) } : null;
  } catch (error) {
    // An empty database, or one of an earlier release.
    if (error instanceof DatabaseError && error.kind === "schema") return null;
    throw error;
  }
}

interface OwnedDatabaseDeps {
  /** Does not migrate itself: the mark is looked at before anything is changed. */
  bare: SqlReader;
  migrated: MigratedDatabase;
  /**
   * Which deployment this is; null: of a release that has no mark. `anew`: what is kept may be
   * wrong. Throws when nobody knows.
   */
  deployment: (anew: boolean) => Promise<string | null>;
  now: () => number;
}

export class OwnedDatabase implements MigratedDatabase {
  readonly #deps: OwnedDatabaseDeps;
  /** When the mark was last seen to be ours, or none, ms since the epoch. */
  #seenAt: number | null = null;
  /** Not before this is another's mark looked at again, ms since the epoch; null: it is not. */
  #foreignUntil: number | null = null;
  #looking: Promise<void> | null = null;

  constructor(deps: OwnedDatabaseDeps) {
    this.#deps = deps;
  }

  async all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
    await this.#check();
    return this.#deps.migrated.all<T>(sql, ...args);
  }

  async write(statements: readonly Statement[]): Promise<void> {
    const { migrated, now } = this.#deps;
    const own = await this.#deployment();
    if (own === null) return migrated.write(statements);
    // What is seen for the first time may have to be migrated, which must not be done to another's.
    if (this.#seenAt === null || this.#foreignUntil !== null) await this.#check();
    try {
      await migrated.write([claim(own, now()), ...statements]);
      this.#seenAt = now();
    } catch (error) {
      if (error instanceof DatabaseError && error.kind === "foreign") this.#isForeign();
      throw error;
    }
  }

  async status(): Promise<SchemaStatus> {
    await this.#check();
    return this.#deps.migrated.status();
  }

  async version(): Promise<number> {
    return (await this.status()).version;
  }

  /** The mark may be another by now: it is looked at again with the next use. */
  lookAgain(): void {
    this.#seenAt = null;
    this.#foreignUntil = null;
  }

  /** Throws `DatabaseError` when the mark is another's, or cannot be seen. */
  async #check(): Promise<void> {
    const { now } = this.#deps;
    if (this.#foreignUntil !== null && now() < this.#foreignUntil) throw foreign();
    const isFresh = this.#seenAt !== null && now() - this.#seenAt < MARK_AGE_MS;
    if (isFresh && this.#foreignUntil === null) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { bare, now } = this.#deps;
    const own = await this.#deployment();
    const mark = own === null ? null : await readOwner(bare);
    if (
      mark !== null &&
      mark.deployment !== own &&
      mark.deployment !== (await this.#deployment(true))
    ) {
      this.#isForeign();
      throw foreign();
    }
    this.#foreignUntil = null;
    this.#seenAt = now();
  }

  #isForeign(): void {
    this.#seenAt = null;
    this.#foreignUntil = this.#deps.now() + FOREIGN_RETRY_MS;
  }

  async #deployment(anew = false): Promise<string | null> {
    try {
      return await this.#deps.deployment(anew);
    } catch (error) {
      throw new DatabaseError("not_asked", "unknown deployment", error, UNKNOWN_RETRY_MS);
    }
  }
}

function foreign(): DatabaseError {
  return new DatabaseError("foreign", "another deployment's mark", null, FOREIGN_RETRY_MS);
}
