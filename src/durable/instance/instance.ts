/**
 * A memory instance: the home of the episodes and namespaces that hash to it. Clients' calls come
 * in by `execute`, those of instances, the Coordinator and the Worker by `internal`, and the
 * platform's alarm by `alarm`. An expected failure is a value; only a bug is thrown. Needs nothing
 * but what its platform gives it, so that it runs wherever there is an SQLite.
 *
 * @module
 */

import type { Call, Reply } from "../../contract/call.ts";
import type { Input, OperationName, Output } from "../../contract/operations.ts";
import type { Control } from "../shared/control.ts";
import type {
  GatherInput,
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
  InternalResult,
  Place,
  Trace,
} from "../shared/instance/protocol.ts";
import { failureOf } from "../shared/refusals.ts";
import { Background } from "./background.ts";
import { foundationOf, type Foundation } from "./foundation.ts";
import { partsOf, type InstanceParts } from "./parts.ts";
import type { InstancePlatform } from "./platform.ts";
import { onBehalf } from "./requests/call-scope.ts";
import type { RequestPipeline } from "./requests/pipeline.ts";

/** The control document that an internal operation carries; null: none. */
function controlIn<N extends InternalOperationName>(
  name: N,
  input: InternalInput<N>,
): Control | null {
  if (name === "control") return input as Control;
  if (name !== "gather") return null;
  const { name: gathered, input: carried } = input as GatherInput;
  return gathered === "control" ? (carried as Control) : null;
}

export class Instance implements InstanceRpc {
  readonly #foundation: Foundation;
  readonly #pipeline: RequestPipeline;
  readonly #background: Background;

  constructor(platform: InstancePlatform) {
    const foundation: Foundation = foundationOf(platform, {
      handlers: () => parts.handlers,
      ensureHere: (shard) => parts.rebalance.ensureHere(shard),
      onTopology: () => parts.rebalance.topologyChanged(),
      onBreakerTransition: () => background.afterTransition(),
    });
    const parts: InstanceParts = partsOf(foundation);
    const background: Background = new Background({ ...foundation, ...parts });
    this.#foundation = foundation;
    this.#pipeline = parts.pipeline;
    this.#background = background;

    const { position, breakers } = foundation;
    breakers.applyControl();
    // What was changed while this object was away, and did not reach it.
    void position.pull().catch(() => undefined);
    background.schedule();
  }

  async execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    const reply = await this.#pipeline.execute(place, name, input, call);
    this.#background.afterCall();
    return reply;
  }

  async internal<N extends InternalOperationName>(
    place: Place,
    name: N,
    input: InternalInput<N>,
    trace?: Trace,
  ): Promise<InternalResult<InternalOutput<N>>> {
    try {
      const { position, peers } = this.#foundation;
      const control = controlIn(name, input);
      // What it carries need not be asked of the Coordinator.
      if (control) position.accept(control);
      await position.catchUp(place);
      const value = await onBehalf(trace, () => peers.work(name, input));
      this.#background.scheduleFlush();
      return { ok: true, value };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }

  alarm(): Promise<void> {
    return this.#background.onAlarm();
  }
}
