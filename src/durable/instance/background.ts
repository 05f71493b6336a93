/**
 * Starts the work that an instance does without being asked: sets its alarm for the earliest thing
 * that is due, runs the alarm's parts when it rings, and sends what a call wrote soon after the
 * call.
 *
 * @module
 */

import type { Outbox } from "../outbox/outbox.ts";
import type { AlarmRunner } from "../shared/parts/alarm-runner.ts";
import type { Alarm } from "../shared/parts/alarm.ts";
import type { InstanceContext } from "./context.ts";

/**
 * What becomes dirty within this time goes to the database together, and no answer waits while a
 * batch is made, ms.
 */
const GATHER_MS = 10;

interface BackgroundDeps {
  context: InstanceContext;
  outbox: Outbox;
  runner: AlarmRunner;
  alarm: Alarm;
  /** How many statements wrote to the storage. */
  writes: { readonly count: number };
}

export class Background {
  readonly #deps: BackgroundDeps;
  /** How many writes there had been when the next alarm was last computed. */
  #scheduledAtWrite = -1;
  /** A flush is about to begin. */
  #isGathering = false;

  constructor(deps: BackgroundDeps) {
    this.#deps = deps;
  }

  /** What the alarm does. Never throws. */
  async onAlarm(): Promise<void> {
    this.#deps.alarm.fired();
    await this.#deps.runner.run();
    this.schedule();
  }

  /**
   * Sees to what a call left to do. What there is to do is in the storage: without a write, none.
   */
  afterCall(): void {
    if (this.#deps.writes.count !== this.#scheduledAtWrite) this.scheduleFlush();
  }

  /** Starts a flush without waiting for it; the alarm is there in case it is cut short. */
  scheduleFlush(): void {
    const { outbox, context } = this.#deps;
    // schedule() runs after the pending flush.
    if (this.#isGathering) return;
    const at = outbox.nextAt();
    if (at === null || at > context.now()) return this.schedule();
    this.#isGathering = true;
    setTimeout(() => {
      this.#isGathering = false;
      void outbox.flush().finally(() => this.schedule());
    }, GATHER_MS);
  }

  /** Sets the alarm for what there is to do. */
  schedule(): void {
    const { writes, runner, alarm } = this.#deps;
    this.#scheduledAtWrite = writes.count;
    const at = runner.nextAlarm();
    if (at !== null) alarm.wake(at);
  }
}
