/**
 * An outbox over one SQLite, with another as its database. What the database does with a batch is
 * what a test says: it fails, rejects, takes it late, or is interrupted.
 *
 * @module
 */

import { Outbox, OUTBOX_SCHEMA } from "../../../src/durable/outbox/outbox.ts";
import {
  CHANGES_TABLE,
  FENCE_SCHEMA,
  SCHEMA,
  type DatabaseError,
  type Statement,
} from "../../../src/storage/index.ts";
import { toDatabaseError } from "../../../src/storage/database/errors.ts";
import { asDatabase, openLocal } from "../../support/node-sql.ts";

export class OutboxWorld {
  readonly local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  readonly remote = openLocal([...SCHEMA, ...FENCE_SCHEMA, CHANGES_TABLE]);
  readonly outbox: Outbox;
  now = 1_000_000;
  batch = { together: true, rows: 500 };
  /** Batches that were sent. */
  batches = 0;
  /** What sending fails with; null: it does not. */
  failWith: DatabaseError | null = null;
  /** Called when a batch was written, before its sender hears of it. */
  whileWriting: (() => void) | null = null;
  /** Until the lease is granted; null: at once. */
  beforeLease: (() => Promise<void>) | null = null;
  /** Which batches the database rejects, and with which code. */
  rejects: (statements: readonly Statement[]) => boolean = () => false;
  rejectsWith = "SQLITE_CONSTRAINT";
  /** Executes the last batch that timed out. */
  writeLate: (() => Promise<void>) | null = null;

  constructor() {
    const { local } = this;
    const database = asDatabase(this.remote);
    this.outbox = new Outbox({
      sql: local,
      transaction: (work) => local.transaction(work),
      onRollback: (undo) => local.onRollback(undo),
      writer: () => "instance-0",
      batch: () => this.batch,
      database: {
        all: (sql, ...args) => database.all(sql, ...args),
        write: (statements) => this.#send(statements),
      },
      now: () => this.now,
      random: () => 0.5,
      writeLease: {
        run: (work) => (this.beforeLease ? this.beforeLease().then(work) : work()),
        release: async () => undefined,
      },
      onBatchTaken: () => undefined,
      wait: async () => undefined,
      log: () => undefined,
    });
  }

  /** Stores a step and marks it, in the caller's transaction. */
  put(number: number, body: string): void {
    const text =
      "INSERT OR REPLACE INTO steps (namespace, episode_id, number, body) VALUES ('n', 'e', ?, ?)";
    this.local.run(text, number, body);
    this.outbox.markDirty("steps", ["n", "e", number]);
  }

  /** The same, in a transaction. */
  write(number: number, body: string): void {
    this.local.transaction(() => this.put(number, body));
  }

  /** The steps that the database has. */
  stored(): { number: number; body: string }[] {
    return this.remote.all("SELECT number, body FROM steps ORDER BY number");
  }

  /** Sets a step aside, where it is dirty. */
  park(number: number): void {
    const key = JSON.stringify(["n", "e", number]);
    if (this.outbox.isDirty("steps", ["n", "e", number]))
      this.outbox.park("steps", key, "restore", "");
  }

  async #send(statements: readonly Statement[]): Promise<void> {
    const database = asDatabase(this.remote);
    this.batches += 1;
    if (this.failWith?.kind === "timeout") this.writeLate = () => database.write(statements);
    if (this.failWith) throw this.failWith;
    if (this.rejects(statements))
      throw toDatabaseError(Object.assign(new Error("no"), { code: this.rejectsWith }));
    try {
      await database.write(statements);
    } catch (error) {
      throw toDatabaseError(error);
    }
    this.whileWriting?.();
  }
}
