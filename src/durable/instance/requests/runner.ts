/**
 * Runs an operation's handler: gives it the transaction in which its answer is kept for a
 * repetition, and finds out how durable what it wrote is.
 *
 * @module
 */

import type { Result } from "../../../contract/call.ts";
import {
  OPERATIONS,
  type Input,
  type OperationName,
  type Output,
} from "../../../contract/operations.ts";
import type { Durability } from "../../../contract/vocabulary.ts";
import type { DirtyRow } from "../../outbox/dirty-rows.ts";
import { Moved } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { OperationHandlers, OperationScope } from "../handlers.ts";
import type { AuthorizedCall } from "./authorized-call.ts";
import type { Commit } from "./commit.ts";
import type { AnswerKey, KeptAnswers } from "./kept-answers.ts";

/** Where the answer of a write is kept for a repetition. */
export interface AnswerSlot {
  of: AnswerKey;
  /** The home text at whose instance a repetition finds it. */
  home: string;
  fingerprint: string;
}

export interface OperationRunnerDeps {
  context: Pick<InstanceContext, "transaction" | "isHome">;
  handlers: OperationHandlers;
  answers: KeptAnswers;
  /** Collects the rows that are marked from now on, until the returned function is called. */
  record: () => () => DirtyRow[];
  /** Waits until these rows are in the database; false when that takes too long. */
  waitUntilStored: (rows: readonly DirtyRow[]) => Promise<boolean>;
}

export class OperationRunner {
  readonly #deps: OperationRunnerDeps;

  constructor(deps: OperationRunnerDeps) {
    this.#deps = deps;
  }

  /** @param slot null: the answer is not kept. Throws what the handler throws, and `Moved`. */
  async run<N extends OperationName>(
    { name, input, call, namespace }: AuthorizedCall<N>,
    slot: AnswerSlot | null,
  ): Promise<Result<Output<N>>> {
    const { context, record, waitUntilStored } = this.#deps;
    let isKept = false;
    const commit: Commit = (work) =>
      context.transaction(() => {
        const value = work();
        isKept = true;
        this.#keep(slot, value);
        return value;
      });

    const stop = record();
    let value: Output<N>;
    let touched: DirtyRow[];
    try {
      value = await this.#handle(name, input, { namespace, commit });
    } finally {
      touched = stop();
    }
    if (!isKept && slot && context.isHome(slot.home)) this.#keep(slot, value);

    let durability: Durability = OPERATIONS[name].scope === "read" ? "none" : "queued";
    if (durability === "queued" && call.wait_stored && (await waitUntilStored(touched)))
      durability = "stored";
    return { ok: true, value, namespace, durability, replayed: false };
  }

  #handle<N extends OperationName>(
    name: N,
    input: Input<N>,
    scope: OperationScope,
  ): Promise<Output<N>> | Output<N> {
    return this.#deps.handlers[name](input, scope);
  }

  #keep(slot: AnswerSlot | null, value: unknown): void {
    if (!slot) return;
    // A repetition asks for the answer where its home is by now.
    if (!this.#deps.context.isHome(slot.home)) throw new Moved(slot.home);
    this.#deps.answers.keep(slot.of, slot.home, slot.fingerprint, value);
  }
}
