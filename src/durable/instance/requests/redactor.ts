/**
 * Takes secrets out of what clients send, before anything is done with it: what a handler is given,
 * stores, indexes and answers holds none. Where a deployment wants it, a write that holds one is
 * refused instead. What was taken is counted by its kind, and told nowhere else.
 *
 * @module
 */

import { type Input, type OperationName, OPERATIONS } from "../../../contract/operations.ts";
import type { RedactionMode, SecretPattern } from "../../../contract/redaction.ts";
import { redactValue } from "../../../memory/redaction/index.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";

interface RedactorDeps {
  /** What is to be done in a namespace, asked for each call. */
  mode: (namespace: string) => Promise<RedactionMode>;
  /** The deployment's own patterns. */
  own: readonly SecretPattern[];
  meter: InstanceContext["meter"];
}

export class Redactor {
  readonly #deps: RedactorDeps;

  constructor(deps: RedactorDeps) {
    this.#deps = deps;
  }

  /** The input without its secrets. Throws `Refused` where they are to be refused. */
  async redact<N extends OperationName>(
    name: N,
    input: Input<N>,
    namespace: string,
  ): Promise<Input<N>> {
    const { own, meter } = this.#deps;
    // It has no text.
    if (name === "authorize") return input;
    const mode = await this.#deps.mode(namespace);
    const { value, found } = redactValue(input, { mode, own });
    for (const { kind } of found) meter.count("memory_redacted_total", { kind });

    // A question is not stored: it is answered, without what is secret.
    const isWrite = OPERATIONS[name].scope !== "read";
    const [first] = found.filter(({ kind }) => kind !== "private");
    if (mode === "block" && isWrite && first) {
      const detail = `This looks like a secret (${first.kind}), which must not be stored here. Leave it out, or put it between <private> and </private>.`;
      throw new Refused("secret_found", detail, { path: first.path });
    }
    return value;
  }
}
