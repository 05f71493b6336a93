/**
 * What an instance does without being asked: which parts its alarm has and in which order, when it
 * rings next, and how all of it goes, for readiness.
 *
 * @module
 */

import type { BackgroundView } from "../../contract/cluster/answers.ts";
import { AlarmParts, type AlarmPart, type AlarmPartsPorts } from "./alarm-parts.ts";
import type { Breakers } from "./database/breakers.ts";
import type { Completion } from "./episodes/completion.ts";
import type { Eviction } from "./episodes/eviction.ts";
import type { RequestPipeline } from "./requests/pipeline.ts";
import type { Rebalance } from "./placement/rebalance.ts";
import type { Knowledge } from "./knowledge/index.ts";
import type { Alarm } from "../shared/sqlite.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { TaskFailures } from "./episodes/task-failures.ts";
import { isoTimeOrNull } from "../../util/time.ts";

/** The least time between two alarms, ms. */
const ALARM_MIN_MS = 500;
/** The same while something is loaded or handed over, ms. */
const BUSY_MS = 50;
/** The same before a trial of the circuit breaker, ms. */
const TRIAL_MS = 100;
/**
 * Tasks that just came up are done by the call that made them; the alarm is there if that is cut
 * short, ms.
 */
const TASK_MS = 1_000;
/** A part of the alarm that failed so many times in a row is named by readiness. */
const FAILING_AFTER = 3;

export interface BackgroundPorts extends AlarmPartsPorts {
  outbox: Outbox;
  breakers: Breakers;
  completion: Completion;
  knowledge: Knowledge;
  rebalance: Rebalance;
  eviction: Eviction;
  gate: RequestPipeline;
  failures: TaskFailures;
  alarm: Alarm;
}

export class Background {
  readonly #ports: BackgroundPorts;
  readonly #parts: AlarmParts;

  constructor(ports: BackgroundPorts) {
    this.#ports = ports;
    this.#parts = new AlarmParts(this.#list(), ports);
  }

  /** What the alarm does. Never throws. */
  run(): Promise<void> {
    return this.#parts.run();
  }

  /** Sets the alarm for what there is to do. */
  schedule(): void {
    const { outbox, breakers, completion, knowledge, rebalance, alarm, now } = this.#ports;
    const at = outbox.nextAt();
    if (at !== null) alarm.wake(Math.max(at, now() + ALARM_MIN_MS));
    const trial = breakers.trialAt();
    if (trial !== null) alarm.wake(Math.max(trial, now() + TRIAL_MS));
    this.#wakeFor("handover", rebalance.nextAt(), BUSY_MS);
    this.#wakeFor("load", knowledge.nextAt(now()), BUSY_MS);
    this.#wakeFor("tasks", completion.nextTaskAt(), TASK_MS);
  }

  view(): BackgroundView {
    const { completion, knowledge, rebalance, failures } = this.#ports;
    const { namespaces, since, last_error } = knowledge.loading();
    const dead = failures.dead();
    const failing = rebalance.failing();
    return {
      tasks: { pending: completion.taskCount(), dead: dead.count, last_error: dead.last_error },
      loading: {
        namespaces,
        since: isoTimeOrNull(since),
        last_error,
      },
      handover: { failing: failing.units, last_error: failing.last_error },
      failing: this.#parts.failing(FAILING_AFTER),
    };
  }

  /** In this order: what is sent first, then what makes more to send. */
  #list(): AlarmPart[] {
    const { outbox, breakers, completion, knowledge, rebalance, eviction, gate, now } = this.#ports;
    return [
      { name: "probe", work: () => breakers.probe() },
      { name: "flush", work: () => outbox.flush() },
      { name: "tasks", work: () => completion.tasks() },
      { name: "abandon", work: () => this.#abandonIdle() },
      { name: "load", work: () => knowledge.load(now()) },
      { name: "embed", work: () => knowledge.embedSlice(now()) },
      { name: "handover", work: () => rebalance.offer() },
      { name: "evict", work: () => eviction.evict() },
      { name: "answers", work: () => gate.forgetAnswers() },
      { name: "breakers", work: () => breakers.save() },
    ];
  }

  #abandonIdle(): void {
    const { completion, alarm, now } = this.#ports;
    const idleAt = completion.abandonIdle();
    if (idleAt !== null) alarm.wake(Math.max(idleAt, now() + ALARM_MIN_MS));
  }

  /** @param at when the part has something to do; null: it has not @param soonest ms from now */
  #wakeFor(part: AlarmPart["name"], at: number | null, soonest: number): void {
    const { alarm, now } = this.#ports;
    if (at !== null) alarm.wake(Math.max(at, this.#parts.notBefore(part), now() + soonest));
  }
}
