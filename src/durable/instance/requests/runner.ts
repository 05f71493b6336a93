/**
 * Runs an operation's handler: gives it what the client sent without its secrets, and the transaction in
 * which its answer is kept for a repetition, and finds out how durable what it wrote is. A write with
 * an Idempotency-Key is carried out once: its repetition gets the same answer, and is refused while the
 * first is still worked on.
 *
 * @module
 */

import type { Call, Result } from "../../../contract/call.ts";
import {
  OPERATIONS,
  type Input,
  type OperationName,
  type Output,
} from "../../../contract/operations.ts";
import type { Outbox, DirtyRow, DirtyRows } from "../../outbox/outbox.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { OperationHandlers, OperationScope } from "../handlers.ts";
import type { AnswerKey, KeptAnswers } from "./kept-answers.ts";
import type { Redactor } from "./redactor.ts";

/** A call that the caller may make. */
export interface AuthorizedCall<N extends OperationName> {
  name: N;
  input: Input<N>;
  call: Call;
  /** How many of the calls that it counts as may be carried out. */
  calls: number;
  /** That the caller may work in. */
  namespace: string;
  /** The id of the API key that calls; "operator" for ADMIN_TOKEN. */
  by: string;
  /** The namespaces that the caller may see; null: all. */
  visible: readonly string[] | null;
}

/** Where the answer of a write is kept for a repetition. */
interface AnswerSlot {
  of: AnswerKey;
  /** The home text at whose instance a repetition finds it. */
  home: string;
  fingerprint: string;
}

interface OperationRunnerDeps {
  context: InstanceContext;
  outbox: Outbox;
  handlers: OperationHandlers;
  answers: KeptAnswers;
  dirtyRows: DirtyRows;
  redactor: Redactor;
}

export class OperationRunner {
  readonly #deps: OperationRunnerDeps;
  /** Writes with an Idempotency-Key that are worked on now, by whose answer it is. */
  readonly #inFlight = new Set<string>();

  constructor(deps: OperationRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * Throws `Refused`, `Moved` and what the handler throws.
   *
   * @param home the home text at whose instance a repetition finds the answer; null: it finds none
   */
  async run<N extends OperationName>(
    authorized: AuthorizedCall<N>,
    home: string | null,
  ): Promise<Result<Output<N>>> {
    const { name, call, namespace } = authorized;
    // A read changes nothing: its repetition is one more read.
    if (home === null || !call.idempotency || OPERATIONS[name].scope === "read")
      return this.#handle(authorized, null);

    const { key, fingerprint } = call.idempotency;
    const of: AnswerKey = { who: call.root ? "root" : String(call.key_hash), namespace, key };
    const request = JSON.stringify(of);
    // Asked first: while it is worked on, what is kept may not be its last word.
    if (this.#inFlight.has(request)) {
      const detail = "A request with this Idempotency-Key is being worked on.";
      throw new Refused("idempotency_in_flight", detail, { retry_after_s: 1 });
    }
    const kept = this.#deps.answers.find(of, fingerprint);
    if (kept !== null) {
      const value = JSON.parse(kept) as Output<N>;
      return { ok: true, value, namespace, durability: "queued", replayed: true };
    }
    this.#inFlight.add(request);
    try {
      return await this.#handle(authorized, { of, home, fingerprint });
    } finally {
      this.#inFlight.delete(request);
    }
  }

  /** @param slot null: the answer is not kept */
  async #handle<N extends OperationName>(
    { name, input, call, calls, namespace, by, visible }: AuthorizedCall<N>,
    slot: AnswerSlot | null,
  ): Promise<Result<Output<N>>> {
    const { context, outbox, handlers, dirtyRows, redactor } = this.#deps;
    // The items of a batch are judged one by one, by its handler.
    const taken = OPERATIONS[name].calls ? input : await redactor.redact(name, input, namespace);
    let isKept = false;
    const commit: OperationScope["commit"] = (work) =>
      context.transaction(() => {
        const value = work();
        isKept = true;
        this.#keep(slot, value);
        return value;
      });

    const stop = dirtyRows.record();
    let value: Output<N>;
    let touched: DirtyRow[];
    try {
      const scope = { namespace, by, isOperator: call.root, calls, visible, commit };
      value = await (handlers[name] as OperationHandlers[N])(taken, scope);
    } finally {
      touched = stop();
    }
    if (!isKept && slot && context.isHome(slot.home)) this.#keep(slot, value);

    const isRead = OPERATIONS[name].scope === "read";
    const isStored = !isRead && call.wait_stored && (await outbox.waitUntilStored(touched));
    const durability = isRead ? "none" : isStored ? "stored" : "queued";
    return { ok: true, value, namespace, durability, replayed: false };
  }

  #keep(slot: AnswerSlot | null, value: unknown): void {
    if (!slot) return;
    // A repetition asks for the answer where its home is by now.
    if (!this.#deps.context.isHome(slot.home)) throw new Moved(slot.home);
    this.#deps.answers.keep(slot.of, slot.home, slot.fingerprint, value);
  }
}
