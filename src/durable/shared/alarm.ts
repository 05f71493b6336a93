/**
 * The parts that a Durable Object is made of, and its alarm: each part says when it has something
 * to do, and the alarm is set for the least of these times. When it fires, what is due runs part by
 * part, in the order of the list. Each part is caught, counted, logged and tried again after a wait
 * of its own, so that one that fails, or does not come back, takes nothing with it: not the parts
 * after it, not the next alarm.
 *
 * @module
 */

import type { ObjectStorage, Part, PartContext } from "./context.ts";
import type { AlarmPartName, Counting } from "../../observability/index.ts";
import { backoffMs, isWaitOver } from "../../util/backoff.ts";
import { withDeadline } from "../../util/deadline.ts";
import { isoTime } from "../../util/time.ts";

/** When a part wants the alarm, and from when on it may have it. */
export interface PartDue {
  /** ms since the epoch; null: it does not want it. */
  nextAt: number | null;
  /** It failed, and is not run before this, ms since the epoch; 0: it did not. */
  notBefore: number;
  /** It is never run sooner than this from now, ms. */
  minDelayMs: number;
}

/** When the alarm must fire, ms since the epoch; null: no part wants it. Pure. */
export function computeNextAlarm(parts: readonly PartDue[], now: number): number | null {
  let least: number | null = null;
  for (const { nextAt, notBefore, minDelayMs } of parts) {
    if (nextAt === null) continue;
    const at = Math.max(nextAt, notBefore, now + minDelayMs);
    if (least === null || at < least) least = at;
  }
  return least;
}

/** An alarm that only ever moves forward to an earlier time, and is set without waiting. */
export class Alarm {
  readonly #storage: Pick<ObjectStorage, "setAlarm">;
  /** When it fires, as far as this life of the object set it, ms since the epoch. */
  #at: number | null = null;

  constructor(storage: Pick<ObjectStorage, "setAlarm">) {
    this.#storage = storage;
  }

  /** Sees to it that it fires at this time or before, ms since the epoch. */
  wake(at: number): void {
    if (this.#at !== null && this.#at <= at) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }

  /** Call it when the alarm fires, before its work. */
  fired(): void {
    this.#at = null;
  }
}

/** A part in the alarm's list. */
export interface AlarmPart {
  /** Its label value in `memory_alarm_failures_total`, and its name in logs and readiness. */
  name: AlarmPartName;
  part: Pick<Part, "nextAt" | "onAlarm">;
  /** Its `nextAt` never sets the alarm sooner than this from now, ms. */
  minDelayMs: number;
}

interface AlarmRunnerDeps extends Pick<PartContext, "now" | "log"> {
  meter: Counting;
}

/** A part that failed some times in a row, or that does not come back. */
export interface FailingPart {
  part: AlarmPartName;
  failures: number;
  /** Since its first failure, RFC 3339. */
  since: string;
  error: string;
}

interface PartState {
  failures: number;
  since: number;
  error: string;
  /** Not run before this, ms since the epoch. */
  notBefore: number;
  isRunning: boolean;
  /** It runs for longer than an alarm waits for it. */
  isLate: boolean;
}

/** The wait after a part's first failure, doubled with each, and the longest, ms. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
/**
 * After this the alarm goes on without the part, which is not begun again before it has ended, ms.
 */
const PART_DEADLINE_MS = 30_000;
/** Characters of an error that are kept. */
const ERROR_CHARS = 300;

export class AlarmRunner {
  readonly #parts: readonly AlarmPart[];
  readonly #deps: AlarmRunnerDeps;
  readonly #states = new Map<AlarmPartName, PartState>();

  /** @param parts in the order in which they run */
  constructor(parts: readonly AlarmPart[], deps: AlarmRunnerDeps) {
    this.#parts = parts;
    this.#deps = deps;
  }

  /** Runs what may run now. Never throws. */
  async run(): Promise<void> {
    for (const part of this.#parts) {
      const state = this.#stateOf(part.name);
      if (!part.part.onAlarm || state.isRunning || !this.#isDue(state)) continue;

      const run = this.#runPart(part, state).then(() => true);
      if (await withDeadline(run, PART_DEADLINE_MS, () => false)) continue;
      state.isLate = true;
      const reason = `it has not ended after ${PART_DEADLINE_MS} ms, and is not begun again before it has`;
      this.#failed(part.name, state, reason);
    }
  }

  /** When the alarm must fire next, ms since the epoch; null: nothing is to be done. */
  nextAlarm(): number | null {
    const now = this.#deps.now();
    const due = this.#parts.map(({ name, part, minDelayMs }) => ({
      nextAt: part.nextAt?.(now) ?? null,
      notBefore: this.#isDue(this.#stateOf(name)) ? 0 : this.#stateOf(name).notBefore,
      minDelayMs,
    }));
    return computeNextAlarm(due, now);
  }

  /** Parts that failed at least this many times in a row, and those that do not come back. */
  failing(atLeast: number): FailingPart[] {
    return [...this.#states]
      .filter(([, { failures, isLate }]) => failures >= atLeast || isLate)
      .map(([part, { failures, since, error }]) => ({
        part,
        failures,
        since: isoTime(since),
        error,
      }));
  }

  async #runPart({ name, part }: AlarmPart, state: PartState): Promise<void> {
    state.isRunning = true;
    try {
      await part.onAlarm?.(this.#deps.now());
      state.failures = 0;
      state.notBefore = 0;
    } catch (error) {
      this.#failed(name, state, String(error).slice(0, ERROR_CHARS));
      const wait = backoffMs(state.failures, FIRST_WAIT_MS, LONGEST_WAIT_MS);
      state.notBefore = this.#deps.now() + wait;
    } finally {
      state.isRunning = false;
      state.isLate = false;
    }
  }

  #isDue({ notBefore }: PartState): boolean {
    return isWaitOver(notBefore, this.#deps.now(), LONGEST_WAIT_MS);
  }

  #failed(part: AlarmPartName, state: PartState, reason: string): void {
    const { now, meter, log } = this.#deps;
    if (state.failures === 0) state.since = now();
    state.failures += 1;
    state.error = reason;
    meter.count("memory_alarm_failures_total", { part });
    const { failures } = state;
    log({ event: "alarm_part_failed", part, failures, reason });
  }

  #stateOf(name: AlarmPartName): PartState {
    let state = this.#states.get(name);
    if (!state) {
      state = {
        failures: 0,
        since: 0,
        error: "",
        notBefore: 0,
        isRunning: false,
        isLate: false,
      };
      this.#states.set(name, state);
    }
    return state;
  }
}
