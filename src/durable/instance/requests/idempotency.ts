/**
 * Carries out a write with an Idempotency-Key once: its repetition gets the same answer, and is
 * refused while the first is still worked on.
 *
 * @module
 */

import type { Result } from "../../../contract/call.ts";
import { OPERATIONS, type OperationName, type Output } from "../../../contract/operations.ts";
import { Refused } from "../../shared/refusals.ts";
import type { AuthorizedCall } from "./authorized-call.ts";
import type { AnswerKey, KeptAnswers } from "./kept-answers.ts";
import type { OperationRunner } from "./runner.ts";

export interface IdempotencyDeps {
  answers: KeptAnswers;
  runner: OperationRunner;
}

export class Idempotency {
  readonly #deps: IdempotencyDeps;
  /** Requests that are worked on now, by the name of their answer. */
  readonly #inFlight = new Set<string>();

  constructor(deps: IdempotencyDeps) {
    this.#deps = deps;
  }

  /** @param home the home text at whose instance a repetition finds the answer */
  async run<N extends OperationName>(
    authorized: AuthorizedCall<N>,
    home: string,
  ): Promise<Result<Output<N>>> {
    const { answers, runner } = this.#deps;
    const { name, call, namespace } = authorized;
    // A read changes nothing: its repetition is one more read.
    if (!call.idempotency || OPERATIONS[name].scope === "read") return runner.run(authorized, null);

    const { key, fingerprint } = call.idempotency;
    const of: AnswerKey = { who: call.root ? "root" : String(call.key_hash), namespace, key };
    const kept = answers.find(of, fingerprint);
    if (kept !== null) {
      const value = JSON.parse(kept) as Output<N>;
      return { ok: true, value, namespace, durability: "queued", replayed: true };
    }

    const request = JSON.stringify(of);
    if (this.#inFlight.has(request)) {
      const detail = "A request with this Idempotency-Key is being worked on.";
      throw new Refused("idempotency_in_flight", detail, { retry_after_s: 1 });
    }
    this.#inFlight.add(request);
    try {
      return await runner.run(authorized, { of, home, fingerprint });
    } finally {
      this.#inFlight.delete(request);
    }
  }
}
