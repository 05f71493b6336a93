/**
 * The one way into an instance: who calls, in which namespace, for the first time or again. A handler is given a
 * namespace and cannot choose one.
 *
 * @module
 */

import { homeOf } from "../memory/rendezvous.ts";
import { MS } from "../memory/limits.ts";
import {
  OPERATION_RULES,
  type Call,
  type Durability,
  type Input,
  type OperationName,
  type Output,
  type Result,
} from "../memory/operations.ts";
import type { SqlValue, TableName } from "../storage/index.ts";
import type { Commit } from "./episodes.ts";
import type { Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import { failureOf, Refused } from "./refused.ts";

/** How long an answer is kept for a repetition of its request. */
export const IDEMPOTENCY_KEPT_MS = 24 * MS.hour;

/** What a handler works with. */
export interface Work {
  namespace: string;
  commit: Commit;
}

export type Handlers = { [N in OperationName]: (input: Input<N>, work: Work) => Promise<Output<N>> | Output<N> };

export interface GatePorts {
  ground: Ground;
  keys: Keys;
  handlers: Handlers;
  /** Runs a call at another instance. */
  forward<N extends OperationName>(instance: number, name: N, input: Input<N>, call: Call): Promise<Result<Output<N>>>;
  /** Waits until these rows are in the database; false when that takes too long. */
  stored(marks: readonly (readonly [TableName, readonly SqlValue[]])[]): Promise<boolean>;
  /** Collects the rows that are marked from now on, until the returned function is called. */
  record(): () => (readonly [TableName, readonly SqlValue[]])[];
}

export class Gate {
  readonly #ports: GatePorts;
  readonly #inFlight = new Set<string>();

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  async run<N extends OperationName>(name: N, input: Input<N>, call: Call): Promise<Result<Output<N>>> {
    try {
      return await this.#admit(name, input, call);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }

  async #admit<N extends OperationName>(name: N, input: Input<N>, call: Call): Promise<Result<Output<N>>> {
    const { ground, keys } = this.#ports;
    const rule = OPERATION_RULES[name];
    const scope = name === "authorize" ? (input as Input<"authorize">).scope : rule.scope;
    const namespace = await keys.authorize(call, scope);
    const { index, count } = ground.place();
    if (rule.home === "namespace" && name !== "authorize") {
      const home = homeOf(`ns:${namespace}`, count);
      if (home !== index) return this.#ports.forward(home, name, input, { ...call, namespace });
    }
    if (rule.scope !== "read" && this.#erasing(namespace)) {
      throw new Refused("not_ready", "The namespace is being erased. Try again in a moment.", { retry_after_s: 1 });
    }
    const again = call.idempotency;
    if (!again) return this.#handle(name, input, call, namespace, null);

    const mark = `${call.root ? "root" : call.key_hash}|${again.key}`;
    const [kept] = ground.sql.all<{ fingerprint: string; result: string }>(
      "SELECT fingerprint, result FROM idempotency WHERE scope = ? AND created_at > ?",
      mark,
      ground.now() - IDEMPOTENCY_KEPT_MS,
    );
    if (kept && kept.fingerprint !== again.fingerprint) {
      throw new Refused("idempotency_conflict", "The Idempotency-Key was used for another request.", {
        path: "Idempotency-Key",
      });
    }
    if (kept) {
      const value = JSON.parse(kept.result) as Output<N>;
      return { ok: true, value, namespace, durability: "queued", replayed: true };
    }
    if (this.#inFlight.has(mark)) {
      throw new Refused("idempotency_in_flight", "A request with this Idempotency-Key is being worked on.", {
        retry_after_s: 1,
      });
    }
    this.#inFlight.add(mark);
    try {
      return await this.#handle(name, input, call, namespace, { mark, fingerprint: again.fingerprint });
    } finally {
      this.#inFlight.delete(mark);
    }
  }

  async #handle<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Call,
    namespace: string,
    keep: { mark: string; fingerprint: string } | null,
  ): Promise<Result<Output<N>>> {
    const { ground, handlers } = this.#ports;
    let kept = false;
    const remember = (value: unknown): void => {
      kept = true;
      if (!keep) return;
      ground.sql.run(
        "INSERT OR REPLACE INTO idempotency (scope, fingerprint, result, created_at) VALUES (?, ?, ?, ?)",
        keep.mark,
        keep.fingerprint,
        JSON.stringify(value),
        ground.now(),
      );
    };
    const commit: Commit = (work) =>
      ground.transaction(() => {
        const value = work();
        remember(value);
        return value;
      });
    const stop = this.#ports.record();
    let value: Output<N>;
    let touched: (readonly [TableName, readonly SqlValue[]])[];
    try {
      value = await handlers[name](input, { namespace, commit });
    } finally {
      touched = stop();
    }
    if (!kept) remember(value);
    let durability: Durability = OPERATION_RULES[name].scope === "read" ? "none" : "queued";
    if (durability === "queued" && call.wait_stored && (await this.#ports.stored(touched))) durability = "stored";
    return { ok: true, value, namespace, durability, replayed: false };
  }

  #erasing(namespace: string): boolean {
    const { sql, now } = this.#ports.ground;
    return sql.all("SELECT 1 AS n FROM erasing WHERE namespace = ? AND until > ?", namespace, now()).length > 0;
  }
}
