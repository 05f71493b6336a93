/**
 * What bringing in held rows has in common: the plan, questions to the instances, and steps whose
 * batches to the database are numbered, so that one which is repeated, or comes late, is not taken
 * twice.
 *
 * @module
 */

import { heldWriter, writeOnce } from "../../backup/index.ts";
import type { Holdings, HoldingsName } from "../../durable/shared/instance/holdings.ts";
import type { SqlValue, Statement } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";

/** What of all that is held comes in. */
export interface HeldPlan {
  scope: { namespace: string | null; episode: string | null };
  deleted: "respect" | "bring_back";
  /** keep: what is unsent is set aside, and nothing that depends on it comes in. */
  outbox: "replay" | "keep";
}

/** Of a row, or where a page ends; null: nowhere. */
export type Key = SqlValue[] | null;
/** Sends a batch to the database. */
export type Write = (statements: readonly Statement[]) => Promise<void>;

/** Above every number of a batch: no batch of this restore is taken any more. */
const CLOSED = Number.MAX_SAFE_INTEGER;

export class HeldSteps {
  readonly #context: JobContext;
  /** The number of the last batch. */
  #number = 0;

  constructor(context: JobContext) {
    this.#context = context;
  }

  async instances(): Promise<number[]> {
    const count = await this.#context.steps.run("held: instances", () =>
      this.#context.ask("cluster.instance_count", null),
    );
    return Array.from({ length: count }, (_, instance) => instance);
  }

  /** A page of what an instance holds. */
  async ask<N extends HoldingsName>(
    instance: number,
    what: N,
    input: Holdings[N]["input"],
  ): Promise<Holdings[N]["output"]> {
    const page = await this.#context.ask("restore.holdings", { instance, what, input });
    return page as Holdings[N]["output"];
  }

  /** A step that writes nothing. */
  read<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#context.steps.run(`held: ${name}`, work);
  }

  /** A step whose batches are numbered from where the one before ended. Its result is small. */
  async write<T>(name: string, work: (write: Write) => Promise<T>): Promise<T> {
    const { steps, database, job, now } = this.#context;
    const first = this.#number;
    const { number, value } = await steps.run(`held: ${name}`, async () => {
      let last = first;
      const write: Write = async (statements) => {
        if (statements.length === 0) return;
        last += 1;
        await writeOnce(database, heldWriter(job), last, now(), statements);
      };
      const done = await work(write);
      return { number: last, value: done };
    });
    this.#number = number;
    return value;
  }

  /** A batch that was given up must not come late, when others write again. */
  async close(): Promise<void> {
    const { steps, database, job, now } = this.#context;
    await steps.run("held: close", () => writeOnce(database, heldWriter(job), CLOSED, now(), []));
  }
}
