/**
 * The Coordinator's way to the memory instances: it asks them within a deadline, and sees to it
 * that each of them has the present control document. An instance that does not answer, or refuses,
 * is a value; only `demand` throws.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import type { R2Breaker } from "./r2-breaker.ts";
import type { BreakerView, ClusterView, InstanceView } from "../../contract/cluster/answers.ts";
import type { DrainView } from "../../contract/storage/answers.ts";
import type { InstanceReport } from "../shared/coordinator.ts";
import type { Part } from "../shared/context.ts";
import { Gatherer } from "../shared/instance/gather.ts";
import { MERGES } from "../shared/instance/merges.ts";
import type {
  Gathered,
  InstanceRange,
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
  SingleOperationName,
} from "../shared/instance/protocol.ts";
import { FAN_OUT } from "../shared/instance/tree.ts";
import { refusedOf } from "../shared/refusals.ts";
import type { ControlStore } from "./control-store.ts";
import { isoTimeOrNull } from "../../util/time.ts";

/** An instance that does not answer within this is taken as out of reach, ms. */
export const ASK_MS = 5_000;
/** A flush may take as long as a few batches, ms. */
const FLUSH_MS = 30_000;
/** How often a drain looks whether it is done, ms. */
const DRAIN_POLL_MS = 500;
/** A control document that an instance did not take is pushed again after this, ms. */
export const PUSH_AGAIN_MS = 1_000;

/** What an instance answered, or which one has no answer and why. */
export type InstanceAnswer<N extends SingleOperationName> =
  | { value: InternalOutput<N> }
  | { instance: number; error: string };

export interface InstancesPorts extends Pick<CoordinatorContext, "wake" | "now" | "wait" | "log"> {
  controlStore: Pick<ControlStore, "control" | "instanceCount">;
  instance: (index: number) => InstanceRpc;
  /** The circuit breaker before R2, which is the same for all instances. */
  r2: Pick<R2Breaker, "view">;
}

export class Instances implements Part {
  readonly #ports: InstancesPorts;
  /** The version of the control document that each instance has, as far as it was heard of here. */
  readonly #acknowledgedVersion = new Map<number, number>();
  readonly #gatherer: Gatherer;
  #pushAgainAt: number | null = null;

  constructor(ports: InstancesPorts) {
    this.#ports = ports;
    const { now, log } = ports;
    this.#gatherer = new Gatherer({
      ask: this.#call,
      now,
      merges: MERGES,
      onUnreachable: (instance, reason) => log({ event: "instance_unreachable", instance, reason }),
    });
  }

  /** Notes which control document an instance says that it has. */
  acknowledged({ instance, control_version }: InstanceReport): void {
    this.#acknowledgedVersion.set(instance, control_version);
  }

  /**
   * Sends the control document to the instances that may not have it; those that do not take it are
   * sent it again by the alarm.
   */
  async push(): Promise<void> {
    const { controlStore, wake, now } = this.#ports;
    const { control, instanceCount } = controlStore;
    const behind = Array.from({ length: instanceCount }, (_, index) => index).filter(
      (index) => (this.#acknowledgedVersion.get(index) ?? 0) < control.version,
    );
    // A few are asked alone; many through the tree, which takes everybody along.
    const ranges =
      behind.length <= FAN_OUT ? behind.map(rangeOfOne) : [{ first: 0, end: instanceCount }];
    const gathered = await Promise.all(
      ranges.map((range) => this.#gather("control", control, range, ASK_MS)),
    );
    for (const { instance, value } of gathered.flatMap(({ answers }) => answers))
      this.#acknowledgedVersion.set(instance, value.version);
    if (gathered.every(({ silent }) => silent.length === 0)) return;
    this.#pushAgainAt = now() + PUSH_AGAIN_MS;
    wake();
  }

  nextAt(): number | null {
    return this.#pushAgainAt;
  }

  async onAlarm(now: number): Promise<void> {
    if (this.#pushAgainAt === null || this.#pushAgainAt > now) return;
    this.#pushAgainAt = null;
    await this.push();
  }

  /** Asks one, and waits for its answer no longer than `ms`. */
  async ask<N extends SingleOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
    ms: number,
  ): Promise<InstanceAnswer<N>> {
    const { answers, silent } = await this.#gather(name, input, rangeOfOne(index), ms);
    const [answer] = answers;
    if (answer) return { value: answer.value };
    return { instance: index, error: silent[0]?.error ?? "" };
  }

  /** As `ask`. Throws an Error that says why there is no answer. */
  async demand<N extends SingleOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
    ms: number,
  ): Promise<InternalOutput<N>> {
    const answer = await this.ask(index, name, input, ms);
    if ("value" in answer) return answer.value;
    throw new Error(`instance ${index}: ${answer.error}`);
  }

  /**
   * As `ask`, of all of them; in the order of the instances' numbers. Answers that can be merged
   * come together.
   *
   * @param count how many, from 0 on; by default all that have a part in the present topology or a
   *   running change of it
   */
  async everywhere<N extends SingleOperationName>(
    name: N,
    input: InternalInput<N>,
    ms: number,
    count = this.#ports.controlStore.instanceCount,
  ): Promise<InstanceAnswer<N>[]> {
    const { answers, silent } = await this.#gather(name, input, { first: 0, end: count }, ms);
    return [...answers, ...silent]
      .toSorted((a, b) => a.instance - b.instance)
      .map((answer) =>
        "value" in answer
          ? { value: answer.value }
          : { instance: answer.instance, error: answer.error },
      );
  }

  /** What is in force, and how each instance is; `flush` lets each send what is unsent first. */
  async view(ask: "view" | "flush"): Promise<ClusterView> {
    const { controlStore, r2 } = this.#ports;
    const { topology, maintenance, degraded, cluster } = controlStore.control;
    const answers = await this.everywhere(ask, null, ask === "view" ? ASK_MS : FLUSH_MS);
    const breaker = r2.view();
    const until = isoTimeOrNull(cluster.turso);
    return {
      topology,
      maintenance,
      degraded,
      fleet_down_until: { turso: until, r2: breaker.state === "open" ? breaker.until : null },
      instances: answers.map((answer) =>
        "value" in answer ? withR2(answer.value, breaker) : answer,
      ),
    };
  }

  /**
   * Lets the instances send what is unsent, and waits until no episode runs; after the time it says
   * what is left.
   *
   * @param timeoutMs no look begins later than this; one look takes as long as a flush
   */
  async drain(timeoutMs: number): Promise<DrainView> {
    const { now, wait } = this.#ports;
    const begun = now();
    for (;;) {
      const { instances } = await this.view("flush");
      const left = leftIn(instances);
      const drained = left.active_episodes + left.unsent_rows + left.silent === 0;
      const waited_ms = now() - begun;
      if (drained || waited_ms + DRAIN_POLL_MS > timeoutMs) {
        const { active_episodes, unsent_rows } = left;
        const message = drained
          ? "No episode runs, and the database has everything."
          : `${sentenceOf(left)} ${DURABLE}`;
        return { drained, waited_ms, active_episodes, unsent_rows, message, instances };
      }
      await wait(DRAIN_POLL_MS);
    }
  }

  #gather<N extends SingleOperationName>(
    name: N,
    input: InternalInput<N>,
    range: InstanceRange,
    within_ms: number,
  ): Promise<Gathered<N>> {
    return this.#gatherer.ask({ name, input, range, total: range.end, within_ms });
  }

  readonly #call = async <N extends InternalOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>> => {
    const { controlStore, instance } = this.#ports;
    const { version, count } = controlStore.control.topology;
    const result = await instance(index).internal({ index, count, version }, name, input);
    if (result.ok) return result.value;
    throw refusedOf(result.error);
  };
}

function rangeOfOne(index: number): InstanceRange {
  return { first: index, end: index + 1 };
}

/** An instance has a breaker before the database only. */
function withR2(view: InternalOutput<"view">, r2: BreakerView): InstanceView {
  return { ...view, breakers: { ...view.breakers, r2 } };
}

/** What a drain waits for. */
interface Undrained {
  active_episodes: number;
  unsent_rows: number;
  /** Instances that do not answer. */
  silent: number;
}

const DURABLE = "All of it is durable in its instance and is sent when the database takes it.";

function sentenceOf({ active_episodes, unsent_rows, silent }: Undrained): string {
  const unsent = `${active_episodes} episodes run, ${unsent_rows} rows are unsent`;
  return `${unsent}, ${silent} instances do not answer.`;
}

function leftIn(instances: ClusterView["instances"]): Undrained {
  const views = instances.filter((view): view is InstanceView => "outbox" in view);
  return {
    active_episodes: views.reduce((sum, view) => sum + view.active_episodes, 0),
    unsent_rows: views.reduce((sum, view) => sum + view.outbox.rows + view.outbox.dead, 0),
    silent: instances.length - views.length,
  };
}
