/**
 * The hold that a restore has on the database: from `hold` to `release` nobody else asks it. It is
 * part of the control document, so it outlives every object; a restore that ends half way leaves it
 * in place until it is run again, or an operator releases it.
 *
 * @module
 */

import type { PartContext } from "../shared/context.ts";
import { COORDINATOR_NAME } from "../shared/objects.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { RestoreMark } from "../../contract/backups/restore.ts";
import type { CommandInput, CommandOutput } from "../shared/coordinator.ts";
import { Refused } from "../shared/refusals.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { ControlStore } from "./control-store.ts";
import type { InstanceAnswer, Instances } from "./instances.ts";
import { isoTime } from "../../util/time.ts";

/** How long an instance may take to settle a batch in flight, ms. */
const HOLD_MS = 10_000;
/** How long an instance may take for a slice of what it does after a restore, ms. */
const SLICE_MS = 30_000;

export interface RestoreHoldPorts extends Pick<PartContext, "now"> {
  controlStore: ControlStore;
  instances: Instances;
  keys: ApiKeys;
  outbox: Outbox;
}

export class RestoreHold {
  readonly #ports: RestoreHoldPorts;

  constructor(ports: RestoreHoldPorts) {
    this.#ports = ports;
  }

  /** The restore that has the database; null: none. */
  get restore(): RestoreMark | null {
    return this.#ports.controlStore.control.restore;
  }

  /**
   * Gives the database to a restore. Answers with every writer and its last batch. Throws `Refused`
   * when another restore has it, or an instance does not answer.
   */
  async hold(job: string, backup: string): Promise<CommandOutput<"restore.hold">> {
    const { controlStore, instances, outbox, now } = this.#ports;
    const present = this.restore;
    if (present && present.job !== job && present.phase === "running")
      throw new Refused("conflict", `The restore ${present.job} has the database.`);
    const since = present?.since ?? isoTime(now());
    controlStore.setRestore({ job, backup, since, phase: "running" }, "coordinator");
    await instances.push();
    const answers = await instances.everywhere("restore_hold", controlStore.control, HOLD_MS);
    await outbox.whenIdle();
    const own = { writer: COORDINATOR_NAME, batch: outbox.lastBatch() };
    return [...valuesOf(answers), own];
  }

  /** A restore ended without success. The hold stays: what it left half done must not be seen. */
  async interrupted(job: string): Promise<void> {
    const { controlStore, instances } = this.#ports;
    const { restore } = this;
    if (restore?.job !== job) return;
    controlStore.setRestore({ ...restore, phase: "interrupted" }, "coordinator");
    await instances.push();
  }

  /**
   * Takes the database back: first every instance drops what it knew. Throws `Refused` when one
   * does not answer; then the hold stays.
   */
  async release(
    input: CommandInput<"restore.release">,
    by: string,
  ): Promise<CommandOutput<"restore.release">> {
    const { controlStore, instances, keys } = this.#ports;
    const indexes = Array.from({ length: controlStore.instanceCount }, (_, index) => index);
    const answers = await Promise.all(indexes.map((index) => this.#finishAt(index, input)));
    const done = valuesOf(answers);
    keys.reread();
    keys.resend();
    controlStore.setRestore(null, by);
    await instances.push();
    return {
      replayed: done.reduce((sum, { replayed }) => sum + replayed, 0),
      kept: done.reduce((sum, { kept }) => sum + kept, 0),
    };
  }

  /**
   * Gives back a database that is half restored. Nobody knows what it has now, so instances keep
   * what they hold.
   */
  async releaseHalfRestored(by: string): Promise<void> {
    const everything = { namespace: null, episode: null, outbox: "replay" } as const;
    await this.release({ ...everything, copies: "keep" }, by);
  }

  /**
   * Instances drop what they know of the database, and send what they hold unsent again. Throws
   * `Refused` when one does not answer.
   */
  async refreshInstances(): Promise<void> {
    const { instanceCount } = this.#ports.controlStore;
    const indexes = Array.from({ length: instanceCount }, (_, index) => index);
    const everything = { namespace: null, episode: null, outbox: "replay" } as const;
    valuesOf(await Promise.all(indexes.map((index) => this.#finishAt(index, everything))));
  }

  /** At one instance, a slice after the other. */
  async #finishAt(
    instance: number,
    input: CommandInput<"restore.release">,
  ): Promise<InstanceAnswer<"restore_done">> {
    const sum = { replayed: 0, kept: 0, next: null };
    let after: [string, string] | null = null;
    do {
      const slice: InstanceAnswer<"restore_done"> = await this.#ports.instances.ask(
        instance,
        "restore_done",
        { ...input, after },
        SLICE_MS,
      );
      if ("error" in slice) return slice;
      sum.replayed += slice.value.replayed;
      sum.kept += slice.value.kept;
      after = slice.value.next;
    } while (after !== null);
    return { value: sum };
  }
}

/** What the instances answered. Throws `Refused` that names the first one which did not. */
function valuesOf<T>(
  answers: readonly ({ value: T } | { instance: number; error: string })[],
): T[] {
  return answers.map((answer) => {
    if ("value" in answer) return answer.value;
    const detail = `Instance ${answer.instance} does not answer: ${answer.error}.`;
    throw new Refused("not_ready", detail, { retry_after_s: 5 });
  });
}
