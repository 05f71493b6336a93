/**
 * What an instance's alarm does, part by part. Each part is caught, counted, logged and tried again
 * after a wait of its own, so that one that fails, or does not come back, takes nothing with it:
 * not the parts after it, not the next alarm.
 *
 * @module
 */

import type { AlarmPartName, Counting } from "../../observability/index.ts";
import { withDeadline } from "../../util/deadline.ts";
import { isoTime } from "../../util/time.ts";
import { backoffMs } from "../../util/backoff.ts";

export interface AlarmPart {
  name: AlarmPartName;
  work: () => Promise<void> | void;
}

export interface AlarmPartsPorts {
  now: () => number;
  meter: Counting;
  log: (event: Record<string, unknown>) => void;
}

/** A part that failed some times in a row. */
export interface FailingPart {
  part: AlarmPartName;
  failures: number;
  since: string;
  error: string;
}

interface State {
  failures: number;
  since: number;
  error: string;
  /** Not run before this, ms since the epoch. */
  notBefore: number;
  isRunning: boolean;
  /** It runs for longer than an alarm waits for it. */
  isLate: boolean;
}

/** The wait after the first failure, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 60_000;
/**
 * After this the alarm goes on without the part, which is not begun again before it has ended, ms.
 */
const PART_MS = 30_000;

export class AlarmParts {
  readonly #parts: readonly AlarmPart[];
  readonly #ports: AlarmPartsPorts;
  readonly #states = new Map<AlarmPartName, State>();

  /** @param parts in the order in which they run */
  constructor(parts: readonly AlarmPart[], ports: AlarmPartsPorts) {
    this.#parts = parts;
    this.#ports = ports;
  }

  /** Runs what may run now. Never throws. */
  async run(): Promise<void> {
    for (const part of this.#parts) {
      const state = this.#stateOf(part.name);
      if (state.isRunning || state.notBefore > this.#ports.now()) continue;
      const ended = this.#runPart(part, state).then(() => true);
      if (await withDeadline(ended, PART_MS, () => false)) continue;
      state.isLate = true;
      this.#failed(
        part.name,
        state,
        `it has not ended after ${PART_MS} ms, and is not begun again before it has`,
      );
    }
  }

  /** When a part that waits after a failure may run again, ms since the epoch; 0: it may now. */
  notBefore(name: AlarmPartName): number {
    return this.#stateOf(name).notBefore;
  }

  /** Parts that failed at least so many times in a row, and those that do not come back. */
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

  async #runPart({ name, work }: AlarmPart, state: State): Promise<void> {
    state.isRunning = true;
    try {
      await work();
      state.failures = 0;
      state.notBefore = 0;
    } catch (error) {
      this.#failed(name, state, String(error).slice(0, 300));
      const wait = backoffMs(state.failures, WAIT_MIN_MS, WAIT_MAX_MS);
      state.notBefore = this.#ports.now() + wait;
    } finally {
      state.isRunning = false;
      state.isLate = false;
    }
  }

  #failed(name: AlarmPartName, state: State, reason: string): void {
    const { now, meter, log } = this.#ports;
    if (state.failures === 0) state.since = now();
    state.failures += 1;
    state.error = reason;
    meter.count("memory_alarm_failures_total", { part: name });
    log({
      event: "alarm_part_failed",
      level: "warn",
      part: name,
      failures: state.failures,
      reason,
    });
  }

  #stateOf(name: AlarmPartName): State {
    const known = this.#states.get(name);
    if (known) return known;
    const state = {
      failures: 0,
      since: 0,
      error: "",
      notBefore: 0,
      isRunning: false,
      isLate: false,
    };
    this.#states.set(name, state);
    return state;
  }
}
