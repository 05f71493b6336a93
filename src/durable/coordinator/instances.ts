/**
 * The Coordinator's way to the memory instances: it asks them within a deadline, and sees to it
 * that each of them hears of the control document.
 *
 * @module
 */

import type { DrainView, ClusterView, InstanceView } from "../../contract/operations.ts";
import type { ControlStore } from "./control-store.ts";
import type { InstanceReport, InstanceRpc, InternalName, Internals } from "../shared/protocol.ts";
import { withDeadline } from "../../util/deadline.ts";
import { isoTimeOrNull } from "../../util/time.ts";

/** An instance that does not answer within this is taken as out of reach, ms. */
export const ASK_MS = 5_000;
/** A flush may take as long as a few batches, ms. */
const FLUSH_MS = 30_000;
/** How often a drain looks, ms. */
const DRAIN_LOOK_MS = 500;
/** A control document that an instance did not take is pushed again after this, ms. */
export const PUSH_AGAIN_MS = 1_000;

/** What an instance answered, or which one has no answer and why. */
export type Part<N extends InternalName> =
  | { value: Internals[N]["output"] }
  | { instance: number; error: string };

export interface InstancesPorts {
  controlStore: Pick<ControlStore, "control" | "instanceCount">;
  instance: (index: number) => InstanceRpc;
  /** Asks for a push at this time at the latest, ms since the epoch. */
  wake: (at: number) => void;
  log: (event: Record<string, unknown>) => void;
}

export class Instances {
  readonly #ports: InstancesPorts;
  /** The version of the control document that each instance has, as far as it is known here. */
  readonly #acknowledgedVersion = new Map<number, number>();

  constructor(ports: InstancesPorts) {
    this.#ports = ports;
  }

  /** Notes which control document an instance says that it has. */
  acknowledged({ instance, control_version }: InstanceReport): void {
    this.#acknowledgedVersion.set(instance, control_version);
  }

  /**
   * Tells the control document to the instances that may not know it; asks to be woken for those
   * that did not take it. Never throws.
   */
  async push(): Promise<void> {
    const { control, instanceCount } = this.#ports.controlStore;
    const behind = Array.from({ length: instanceCount }, (_, index) => index).filter(
      (index) => (this.#acknowledgedVersion.get(index) ?? 0) < control.version,
    );
    await Promise.all(
      behind.map(async (index) => {
        const part = await this.ask(index, "control", control, ASK_MS);
        if ("value" in part) this.#acknowledgedVersion.set(index, part.value.version);
        else this.#ports.wake(Date.now() + PUSH_AGAIN_MS);
      }),
    );
  }

  /**
   * Asks one. Never throws: no answer within `ms`, an instance out of reach and a refusal are
   * values.
   */
  async ask<N extends InternalName>(
    index: number,
    name: N,
    input: Internals[N]["input"],
    ms: number,
  ): Promise<Part<N>> {
    const { controlStore, instance, log } = this.#ports;
    const { version, count } = controlStore.control.topology;
    try {
      const asked = instance(index).internal({ index, count, version }, name, input);
      const result = await withDeadline(asked, ms, () => null);
      if (result === null) return { instance: index, error: `no answer within ${ms} ms` };
      return result.ok ? { value: result.value } : { instance: index, error: result.error.detail };
    } catch (error) {
      log({
        event: "instance_unreachable",
        level: "error",
        instance: index,
        reason: String(error),
      });
      return { instance: index, error: "the instance is out of reach" };
    }
  }

  /**
   * As `ask`, of all at once; the answers are in the order of the instances' numbers.
   *
   * @param count how many, from 0 on; by default all that have a part in the present topology or a
   *   running change of it
   */
  everywhere<N extends InternalName>(
    name: N,
    input: Internals[N]["input"],
    ms: number,
    count = this.#ports.controlStore.instanceCount,
  ): Promise<Part<N>[]> {
    return Promise.all(
      Array.from({ length: count }, (_, index) => this.ask(index, name, input, ms)),
    );
  }

  /**
   * What is in force, and how each instance is; `flush` lets each send what is unsent first. Never
   * throws.
   */
  async view(ask: "view" | "flush"): Promise<ClusterView> {
    const { topology, maintenance, degraded, cluster } = this.#ports.controlStore.control;
    const parts = await this.everywhere(ask, null, ask === "view" ? ASK_MS : FLUSH_MS);
    return {
      topology,
      maintenance,
      degraded,
      fleet_down_until: { turso: isoTimeOrNull(cluster.turso), r2: isoTimeOrNull(cluster.r2) },
      instances: parts.map((part) => ("value" in part ? part.value : part)),
    };
  }

  /**
   * Sends what is unsent and waits until no episode runs; after the time it says what is left.
   * Never throws.
   *
   * @param timeoutMs no look begins later than this; one look takes as long as a flush
   */
  async drain(timeoutMs: number): Promise<DrainView> {
    const begun = Date.now();
    for (;;) {
      const { instances } = await this.view("flush");
      const views = instances.filter((view): view is InstanceView => "outbox" in view);
      const active_episodes = views.reduce((sum, view) => sum + view.active_episodes, 0);
      const unsent_rows = views.reduce((sum, view) => sum + view.outbox.rows + view.outbox.dead, 0);
      const silent = instances.length - views.length;
      const drained = active_episodes + unsent_rows + silent === 0;
      const waited_ms = Date.now() - begun;
      if (drained || waited_ms + DRAIN_LOOK_MS > timeoutMs) {
        const message = drained
          ? "No episode runs, and the database has everything."
          : `${active_episodes} episodes run, ${unsent_rows} rows are unsent, ${silent} instances do not answer. All of it is durable in its instance and is sent when the database takes it.`;
        return { drained, waited_ms, active_episodes, unsent_rows, message, instances };
      }
      await scheduler.wait(DRAIN_LOOK_MS);
    }
  }
}
