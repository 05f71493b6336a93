/**
 * What an instance's alarm does, part by part. Each part is caught, counted, logged and tried again after a wait of its
 * own, so that one that fails, or does not come back, takes nothing with it: not the parts after it, not the next alarm.
 *
 * @module
 */

import type { AlarmPartName, Counting } from "../observability/index.ts";

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
}

/** The wait after the first failure, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 60_000;
/** After this the alarm goes on without the part, which is not begun again before it has ended, ms. */
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
      await withinMs(PART_MS, this.#runPart(part, state));
    }
  }

  /** When a part that waits after a failure may run again, ms since the epoch; 0: it may now. */
  notBefore(name: AlarmPartName): number {
    return this.#stateOf(name).notBefore;
  }

  /** Parts that failed at least so many times in a row. */
  failing(atLeast: number): FailingPart[] {
    return [...this.#states]
      .filter(([, { failures }]) => failures >= atLeast)
      .map(([part, { failures, since, error }]) => ({
        part,
        failures,
        since: new Date(since).toISOString(),
        error,
      }));
  }

  async #runPart({ name, work }: AlarmPart, state: State): Promise<void> {
    const { now, meter, log } = this.#ports;
    state.isRunning = true;
    try {
      await work();
      state.failures = 0;
      state.notBefore = 0;
    } catch (error) {
      if (state.failures === 0) state.since = now();
      state.failures += 1;
      state.error = String(error).slice(0, 300);
      const wait = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(state.failures - 1, 10));
      state.notBefore = now() + wait;
      meter.count("memory_alarm_failures_total", { part: name });
      log({ event: "alarm_part_failed", level: "warn", part: name, failures: state.failures, reason: state.error });
    } finally {
      state.isRunning = false;
    }
  }

  #stateOf(name: AlarmPartName): State {
    const known = this.#states.get(name);
    if (known) return known;
    const state = { failures: 0, since: 0, error: "", notBefore: 0, isRunning: false };
    this.#states.set(name, state);
    return state;
  }
}

/** Resolves when the work has ended, or after this time; the work goes on. */
async function withinMs(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
