/**
 * The numbers of an object's batches, by which the database refuses one that comes late (a fencing
 * token, `storage/fence.ts`), and the other writers that its next batch shuts out: the owner of the
 * tables `outbox_batches` and `outbox_fences`.
 *
 * @module
 */

import type { LocalSql } from "../../storage/index.ts";
import type { PartContext } from "../shared/context.ts";

export const BATCH_NUMBERS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox_batches (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS outbox_fences (writer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT`,
];

/** A writer whose batches up to this number the database is to refuse. */
export interface Fence {
  writer: string;
  seq: number;
}

export class BatchNumbers {
  readonly #sql: LocalSql;
  readonly #now: () => number;
  /** No number below this is given: what the database knows of this writer. */
  #atLeast = 0;

  constructor({ sql, now }: Pick<PartContext, "sql" | "now">) {
    this.#sql = sql;
    this.#now = now;
  }

  /** The number of the last batch that was sent, taken or not; 0: none was. */
  last(): number {
    const text = "SELECT seq FROM outbox_batches WHERE one = 1";
    return this.#sql.all<{ seq: number }>(text)[0]?.seq ?? 0;
  }

  /**
   * The number of a new batch: above every earlier one, and above those of an object of this name
   * whose storage was lost, by the clock.
   */
  next(): number {
    const seq = Math.max(this.last() + 1, this.#now(), this.#atLeast);
    this.#sql.run("INSERT OR REPLACE INTO outbox_batches (one, seq) VALUES (1, ?)", seq);
    return seq;
  }

  /** The database refused a number: it has taken, or is to refuse, numbers up to this one. */
  refused(seq: number): void {
    this.#atLeast = seq + 1;
  }

  /** Shuts out the batches of another writer up to this number, with the next batch. */
  fenceOff(writer: string, seq: number): void {
    this.#sql.run(
      `INSERT INTO outbox_fences (writer, seq) VALUES (?, ?)
        ON CONFLICT (writer) DO UPDATE SET seq = max(seq, excluded.seq)`,
      writer,
      seq,
    );
  }

  /** Those that the next batch shuts out. */
  fences(): Fence[] {
    return this.#sql.all<{ writer: string; seq: number }>("SELECT writer, seq FROM outbox_fences");
  }

  /** The database has these. */
  fenced(fences: readonly Fence[]): void {
    for (const { writer, seq } of fences)
      this.#sql.run("DELETE FROM outbox_fences WHERE writer = ? AND seq = ?", writer, seq);
  }
}
