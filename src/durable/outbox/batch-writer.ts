/**
 * Writes batches to the database: each begins with its writer's number, by which the database
 * refuses one that comes late (a fencing token, `storage/fence.ts`), and with the fences of other
 * writers, which it shuts out, and runs under the write lease. The owner of the tables
 * `outbox_batches` and `outbox_fences`.
 *
 * @module
 */

import { type Loaded, statementsFor, statementsWithoutRows } from "./batch.ts";
import type { OutboxDeps } from "./outbox-table.ts";
import type { PartContext } from "../shared/context.ts";
import {
  DatabaseError,
  fence,
  fenceOff,
  type LocalSql,
  type Statement,
} from "../../storage/index.ts";

export class BatchWriter {
  readonly #deps: OutboxDeps;
  readonly #numbers: BatchNumbers;
  /** What is under way, and what waits for it. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: OutboxDeps, numbers: BatchNumbers) {
    this.#deps = deps;
    this.#numbers = numbers;
  }

  /** Writes the rows in one transaction. Throws `DatabaseError`. */
  write(rows: readonly Loaded[]): Promise<void> {
    return this.writeStatements(statementsFor(rows));
  }

  /** Runs statements in one transaction, with a number of their own. Throws `DatabaseError`. */
  writeStatements(own: readonly Statement[]): Promise<void> {
    return this.#inTurn(() => this.#numbered(own));
  }

  /** Runs the statements that write such rows, with none. Throws `DatabaseError`. */
  writeNone(rows: readonly Loaded[]): Promise<void> {
    return this.#inTurn(() => this.#run(statementsWithoutRows(rows)));
  }

  /** Gives the write lease back, if it is held. Never throws. */
  release(): Promise<void> {
    return this.#inTurn(() => this.#deps.writeLease.release());
  }

  /**
   * One after the other: a batch that was numbered first and came second would be refused as late,
   * and the lease has one user at a time.
   */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #numbered(own: readonly Statement[]): Promise<void> {
    const { writer, now } = this.#deps;
    const seq = this.#numbers.next();
    const fences = this.#numbers.fences();
    const statements = [
      fence(writer(), seq, now()),
      ...fences.map((other) => fenceOff(other.writer, other.seq, now())),
      ...own,
    ];
    try {
      await this.#run(statements);
    } catch (error) {
      if (error instanceof DatabaseError && error.kind === "fenced") await this.#catchUp(seq);
      throw error;
    }
    this.#numbers.fenced(fences);
  }

  #run(statements: readonly Statement[]): Promise<void> {
    const { writeLease, database } = this.#deps;
    return writeLease.run(() => database.write(statements));
  }

  /** The next number is above what the database has of this writer. */
  async #catchUp(seq: number): Promise<void> {
    const { database, writer, log } = this.#deps;
    const [row] = await database.all<{ seq: number }>(
      "SELECT max(seq, fenced) AS seq FROM _writers WHERE writer = ?",
      writer(),
    );
    const theirs = row?.seq ?? 0;
    this.#numbers.refused(theirs);
    log({ event: "outbox_fenced", writer: writer(), ours: seq, theirs });
  }
}

export const BATCH_NUMBERS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS outbox_batches (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS outbox_fences (writer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT`,
];

/** A writer whose batches up to this number the database is to refuse. */
interface Fence {
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
