/**
 * Does what an instance does without being asked: sets its alarm for the earliest thing that is due
 * and runs the alarm's parts when it fires, sends what a call wrote soon after the call, and reports
 * to the Coordinator while the instance serves: how the backends look from here, and which control
 * document it has. A newer version in the answer makes it fetch the document.
 *
 * @module
 */

import type { Outbox } from "../outbox/outbox.ts";
import type { AlarmRunner, Alarm } from "../shared/alarm.ts";
import type { InstanceContext } from "./context.ts";
import type { Breakers } from "./database/breakers.ts";
import type { Loading } from "./knowledge/loading/loading.ts";
import type { InstancePlatform } from "./platform.ts";
import type { Position } from "./position.ts";

/**
 * What becomes dirty within this time goes to the database together, and no answer waits while a
 * batch is made, ms.
 */
const GATHER_MS = 10;
/**
 * It reports no more often than this, ms, unless there is news; where there are many instances less
 * often, so that the Coordinator hears at most 250 reports a second of all of them.
 */
const REPORT_INTERVAL_MS = 1_000;
/** After writes that leave nothing to do the alarm is looked after no more often than this, ms. */
const QUIET_INTERVAL_MS = 1_000;
const REPORT_INTERVAL_PER_INSTANCE_MS = 4;

interface BackgroundDeps {
  platform: InstancePlatform;
  context: InstanceContext;
  position: Position;
  breakers: Breakers;
  outbox: Outbox;
  loading: Pick<Loading, "resetBackoff">;
  runner: AlarmRunner;
  alarm: Alarm;
  /** How many statements wrote to the storage; `quiet`: of those that leave nothing to do. */
  writes: { readonly count: number; readonly quiet: number };
}

export class Background {
  readonly #deps: BackgroundDeps;
  /** How many writes there had been when the next alarm was last computed. */
  #scheduledAtWrite = -1;
  #scheduledAtQuiet = -1;
  /** When that was, ms since the epoch. */
  #scheduledAt = 0;
  /** A flush is about to begin. */
  #isGathering = false;
  #reportedAt = 0;

  constructor(deps: BackgroundDeps) {
    this.#deps = deps;
  }

  /** What the alarm does. Never throws. */
  async onAlarm(): Promise<void> {
    this.#deps.alarm.fired();
    await this.#deps.runner.run();
    this.schedule();
    this.#reportIfDue();
  }

  /**
   * Sees to what a call left to do. What there is to do is in the storage: without a write, none.
   */
  afterCall(): void {
    if (this.#mayBeMoreToDo()) this.scheduleFlush();
    this.#reportIfDue();
  }

  /** Since the next alarm was last computed. */
  #mayBeMoreToDo(): boolean {
    const { writes, context } = this.#deps;
    if (writes.count !== this.#scheduledAtWrite) return true;
    const isQuiet = writes.quiet === this.#scheduledAtQuiet;
    return !isQuiet && context.now() - this.#scheduledAt >= QUIET_INTERVAL_MS;
  }

  /** Sees to what a transition of the circuit breaker left to do, which is news. */
  afterTransition(): void {
    const { breakers, outbox, loading } = this.#deps;
    // However it closed, what waited for it need not wait longer.
    if (breakers.states().turso === "closed") {
      outbox.resetBackoff();
      loading.resetBackoff();
    }
    this.schedule();
    void this.#report();
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
    const { writes, runner, alarm, context } = this.#deps;
    this.#scheduledAtWrite = writes.count;
    this.#scheduledAtQuiet = writes.quiet;
    this.#scheduledAt = context.now();
    const at = runner.nextAlarm();
    if (at !== null) alarm.wake(at);
  }

  #reportIfDue(): void {
    const { now, instanceCount } = this.#deps.context;
    const ofAllMs = instanceCount() * REPORT_INTERVAL_PER_INSTANCE_MS;
    if (now() - this.#reportedAt >= Math.max(REPORT_INTERVAL_MS, ofAllMs)) void this.#report();
  }

  /** Never throws. */
  async #report(): Promise<void> {
    const { platform, context, outbox, position, breakers } = this.#deps;
    const { now, log, meter } = context;
    if (position.index === null) return;
    this.#reportedAt = now();
    try {
      const newest = await platform.coordinator().report({
        instance: position.index,
        control_version: position.control.version,
        breakers: breakers.states(),
        dead: outbox.state().dead,
        overloaded: meter.value("memory_refused_total", { code: "overloaded" }),
      });
      if (newest > position.control.version) await position.pull();
    } catch (error) {
      log({ event: "report_failed", level: "debug", reason: String(error) });
    }
  }
}
