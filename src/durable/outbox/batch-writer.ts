/**
 * Writes batches to the database: each begins with its writer's number and with the fences of
 * others, and runs under the write lease.
 *
 * @module
 */

import {
  DatabaseError,
  fence,
  fenceOff,
  type Database,
  type Statement,
} from "../../storage/index.ts";
import type { PartContext } from "../shared/context.ts";
import { statementsFor, statementsWithoutRows, type Loaded } from "./batch.ts";
import type { BatchNumbers } from "./batch-numbers.ts";
import type { WriteLeaseHolder } from "./write-lease.ts";

export interface BatchWriterDeps extends Pick<PartContext, "now" | "log"> {
  database: Pick<Database, "write" | "all">;
  /** The name under which batches are numbered. */
  writer: () => string;
  /** Batches run while no other instance writes. */
  writeLease: Pick<WriteLeaseHolder, "run" | "release">;
}

export class BatchWriter {
  readonly #deps: BatchWriterDeps;
  readonly #numbers: BatchNumbers;

  constructor(deps: BatchWriterDeps, numbers: BatchNumbers) {
    this.#deps = deps;
    this.#numbers = numbers;
  }

  /** Writes the rows in one transaction. Throws `DatabaseError`. */
  write(rows: readonly Loaded[]): Promise<void> {
    return this.writeStatements(statementsFor(rows));
  }

  /** Runs statements in one transaction, with a number of their own. Throws `DatabaseError`. */
  async writeStatements(own: readonly Statement[]): Promise<void> {
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

  /** Runs the statements that write such rows, with none. Throws `DatabaseError`. */
  writeNone(rows: readonly Loaded[]): Promise<void> {
    return this.#run(statementsWithoutRows(rows));
  }

  /** Gives the write lease back, if it is held. Never throws. */
  release(): Promise<void> {
    return this.#deps.writeLease.release();
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
    log({ event: "outbox_fenced", level: "warn", writer: writer(), ours: seq, theirs });
  }
}
