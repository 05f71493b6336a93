/**
 * Migrations as an operator sees them: what is applied and what would be, and the run that applies
 * it. One run at a time, by a lease in the database; a run that was stopped goes on with the next
 * one.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import type { Bookmarks } from "../../contract/cluster/answers.ts";
import type { MigrationsView, MigrationView } from "../../contract/storage/answers.ts";
import {
  applyMigration,
  DatabaseError,
  releaseLease,
  leaseHolder,
  schemaProblems,
  schemaStatus,
  acquireLease,
  type Database,
  type Lease,
  type LeaseHolder,
  type Migration,
  type MigrationStatus,
  type SchemaStatus,
} from "../../storage/index.ts";
import type { NewIncident } from "./monitoring/incidents.ts";
import { Refused } from "../shared/refusals.ts";
import { isoTime, isoTimeOrNull } from "../../util/time.ts";

const LEASE = "migrations";
/** A run that has died holds others off for this long, ms. */
const LEASE_MS = 60_000;

const WHAT_NOW =
  "What was applied stays applied, and nothing is half applied; see GET /admin/migrations, mend " +
  "the cause and repeat the request.";

export interface MigratorPorts extends Pick<CoordinatorContext, "now" | "uuid" | "log"> {
  /** As it is: not one that migrates itself. */
  database: Database;
  migrations: readonly Migration[];
  /** Nothing is applied to this database but by an operator. */
  isManual: boolean;
  /** Puts an entry into the timeline. */
  incident: (incident: NewIncident) => void;
  /** Notes where each object's storage is before it; null: the runtime has no such names. */
  bookmarks: (by: string) => Promise<Bookmarks | null>;
  /** Takes a backup and answers with its id. Throws when the backup failed. */
  backupFirst: () => Promise<string>;
  /** Runs work while few others write to the database. */
  writeLease: <T>(work: () => Promise<T>) => Promise<T>;
}

export class Migrator {
  readonly #ports: MigratorPorts;

  constructor(ports: MigratorPorts) {
    this.#ports = ports;
  }

  /** What is applied and what is not; changes nothing. Throws `DatabaseError`. */
  async plan(): Promise<MigrationsView> {
    return this.#view({ executed: false, applied: [], backup: null });
  }

  /**
   * Takes a backup and applies what is pending, in order. Nothing pending: does nothing. Throws
   * `Refused` when another run is under way, no backup can be taken, or the text of a migration was
   * changed; and `DatabaseError`.
   */
  async execute(withoutBackup: boolean, by: string): Promise<MigrationsView> {
    const { database, migrations } = this.#ports;
    const before = await schemaStatus(database, migrations);
    if (pending(before).length === 0)
      return this.#view({ executed: true, applied: [], backup: null });
    const lease = {
      name: LEASE,
      holder: `${by} ${this.#ports.uuid()}`,
      keep: () => this.#keep(lease.holder),
    };
    await lease.keep();
    const ran: Ran = { applied: [], backup: null };
    try {
      const todo = pending(await schemaStatus(database, migrations));
      const bookmarks = await this.#ports.bookmarks(by);
      if (bookmarks) ran.bookmarks = bookmarks;
      const [first, then] = this.#inTwo(todo);
      for (const one of first) await this.#run(one, { by, lease, ran });
      if (todo.length > 0 && !withoutBackup) ran.backup = await this.#backup(lease.keep);
      for (const one of then) await this.#run(one, { by, lease, ran });
    } finally {
      // One that cannot be given back lapses.
      await database.write([releaseLease(LEASE, lease.holder)]).catch(() => undefined);
    }
    return this.#view({ executed: true, ...ran });
  }

  /**
   * What is applied before the backup, and what after it: a release can back up only a database that
   * has the tables it knows, and where nobody adds them by themselves, they may be missing. Adding
   * them takes nothing away.
   */
  #inTwo(todo: readonly MigrationStatus[]): [first: MigrationStatus[], then: MigrationStatus[]] {
    const isFirst = ({ migration }: MigrationStatus): boolean =>
      this.#ports.isManual && migration?.kind === "expand";
    return [todo.filter(isFirst), todo.filter((one) => !isFirst(one))];
  }

  async #run({ migration, done }: MigrationStatus, { by, lease, ran }: Execution): Promise<void> {
    if (!migration) return;
    const { log, incident } = this.#ports;
    const { version, name, kind } = migration;
    log({ event: "migration_begun", by, version, name, done });
    await this.#apply(migration, done, lease);
    ran.applied.push(version);
    const { backup } = ran;
    log({ event: "migration_applied", by, version, name, backup });
    const title = `${by} applied migration ${version} (${name})`;
    incident({
      kind: "migration",
      severity: "info",
      title,
      detail: { by, version, name, kind, backup },
    });
  }

  async #apply(migration: Migration, done: number, lease: Lease): Promise<void> {
    const { database, now, writeLease, log } = this.#ports;
    const underLease: Database = {
      all: (sql, ...args) => database.all(sql, ...args),
      write: (statements) => writeLease(() => database.write(statements)),
    };
    try {
      await applyMigration(underLease, migration, done, now(), lease);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const { version, name } = migration;
      log({ event: "migration_failed", version, name, reason: error.message });
      this.#ports.incident({
        kind: "migration",
        severity: "critical",
        title: `migration ${version} (${name}) stopped`,
        detail: { version, name, reason: error.message },
      });
      const stopped = `Migration ${version} (${name}) stopped: ${error.message}.`;
      throw new Refused("conflict", `${stopped} ${WHAT_NOW}`);
    }
  }

  /** Keeps the lease while the backup is taken: that may be long. */
  async #backup(keep: () => Promise<void>): Promise<string> {
    const beat = setInterval(() => void keep().catch(() => undefined), LEASE_MS / 3);
    try {
      return await this.#ports.backupFirst();
    } catch (error) {
      this.#ports.log({ event: "migration_backup_failed", reason: String(error) });
      if (error instanceof Refused) throw error;
      throw new Refused(
        "conflict",
        "The backup that comes first failed, and nothing was migrated. The log says why.",
      );
    } finally {
      clearInterval(beat);
    }
  }

  async #keep(holder: string): Promise<void> {
    const held = await acquireLease(this.#ports.database, LEASE, holder, LEASE_MS);
    if (held.holder === holder) return;
    const until = isoTime(held.until);
    const who = nameOf(held);
    const detail = `Migrations are executed by ${who} already, until ${until} at the latest.`;
    const retry_after_s = Math.min(
      LEASE_MS / 1_000,
      Math.max(1, Math.ceil((held.until - this.#ports.now()) / 1_000)),
    );
    throw new Refused("not_ready", detail, { retry_after_s });
  }

  async #view(ran: Ran & Pick<MigrationsView, "executed">): Promise<MigrationsView> {
    const { database, migrations } = this.#ports;
    const status = await schemaStatus(database, migrations);
    const held = await leaseHolder(database, LEASE).catch((error: unknown) => {
      // A database that nobody executed a migration on has no leases.
      if (error instanceof DatabaseError && error.kind === "schema") return null;
      throw error;
    });
    return {
      schema_version: status.version,
      needed_version: status.needed,
      problems: schemaProblems(status),
      lease: held && { holder: nameOf(held), until: isoTime(held.until) },
      migrations: status.migrations.map(viewOf),
      ...ran,
    };
  }
}

type Ran = Pick<MigrationsView, "applied" | "backup" | "bookmarks">;

/** One run of migrations. */
interface Execution {
  by: string;
  lease: Lease;
  /** What it came to so far. */
  ran: Ran;
}

/**
 * What is to be done, in order. Throws `Refused` when the text of what was applied is another by
 * now.
 */
function pending(status: SchemaStatus): MigrationStatus[] {
  const changed = status.migrations.find((one) => one.changed.length > 0);
  if (changed) {
    const [problem] = schemaProblems({ ...status, migrations: [changed] });
    throw new Refused(
      "conflict",
      `Nothing is applied: ${problem}. Deploy a release that has its text as it was.`,
    );
  }
  return status.migrations.filter(
    ({ migration, state }) => migration !== null && state !== "applied",
  );
}

function viewOf(status: MigrationStatus): MigrationView {
  const { version, name, migration, state, checksum, appliedChecksum, appliedAt, done } = status;
  return {
    version,
    name,
    kind: migration?.kind ?? null,
    state,
    checksum,
    applied_checksum: appliedChecksum,
    applied_at: isoTimeOrNull(appliedAt),
    sql: state === "applied" ? [] : [...(migration?.statements.slice(done) ?? [])],
  };
}

/** Without what makes it unique. */
function nameOf({ holder }: LeaseHolder): string {
  return holder.slice(0, holder.lastIndexOf(" "));
}
