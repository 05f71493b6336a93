/**
 * A circuit breaker as a pure state machine: no clock, no timer, no I/O. `now` is passed in, in ms.
 *
 * Closed, it watches the last calls. Too many failures or slow calls open it, and calls are
 * refused. After a while trial calls are let through, of which each holds a lease; they close it or
 * open it again, for longer each time. After M. Nygard, "Release It!" (2007), ch. 5, and
 * resilience4j's rates over a sliding window.
 *
 * @module
 */

import { checkBreakerConfig, type BreakerConfig } from "./breaker-config.ts";
import {
  addCall,
  EMPTY_WINDOW,
  ratesOf,
  restoredWindow,
  type Rates,
  type Window,
} from "./window.ts";

export type BreakerState = "closed" | "open" | "half_open" | "forced_open" | "disabled";

/** Why it opened, and the calls that decided. */
export interface Opened {
  cause: TransitionCause;
  rates: Rates;
}

type State =
  | { kind: "closed"; window: Window }
  | Open
  | HalfOpen
  | { kind: "forced_open"; until: number | null; reason: string }
  | { kind: "disabled"; until: number | null; reason: string };

interface Open {
  kind: "open";
  until: number;
  /** How often in a row it has opened, from 1. */
  attempt: number;
  /** Absent: stored by release 0.1. */
  opened?: Opened;
}

interface HalfOpen {
  kind: "half_open";
  attempt: number;
  opened?: Opened;
  leases: { id: number; expires_at: number }[];
  results: Rates;
}

/** Allows one call, and tells its result apart from those of an earlier state. */
export interface Permit {
  epoch: number;
  /** The lease of a trial call. */
  trial: number | null;
}

export type Admission =
  | { ok: true; permit: Permit }
  | { ok: false; state: BreakerState; retry_after_ms: number };

/** failure: the backend is at fault. ignored: it counts as neither, because it was given up. */
export type CallResult = "success" | "failure" | "ignored";

/**
 * What moved a breaker. cluster: most instances found the backend down. expired: a forced state
 * ended. manual: an operator.
 */
export type TransitionCause =
  | "failure_rate"
  | "slow_call_rate"
  | "wait_over"
  | "trial_succeeded"
  | "trial_failed"
  | "cluster"
  | "expired"
  | "manual";

export interface Transition {
  from: BreakerState;
  to: BreakerState;
  /** Rises by one with each transition. */
  epoch: number;
  at: number;
  cause: TransitionCause;
  /** The calls that decided. */
  rates: Rates;
}

/** What is stored, so that eviction does not reset the breaker. */
export interface BreakerSnapshot {
  epoch: number;
  last_now: number;
  state: State;
}

/**
 * A clock that steps back by less is waited for, ms. By more it was set back: then what is waited
 * for moves along with it.
 */
const STEP_BACK_MAX_MS = 5_000;
/** After which to ask again where a forced state has no end, ms. */
const FORCED_RETRY_MS = 60_000;
const NO_RATES: Rates = { calls: 0, failed: 0, slow: 0 };

export class Breaker {
  #config: BreakerConfig;
  readonly #random: () => number;
  readonly #notify: (transition: Transition) => void;
  #state: State;
  #epoch = 0;
  #lastNow = 0;
  #nextLease = 1;

  /**
   * @param random 0…1, for the jitter
   * @param notify called once with each transition; what it throws is ignored
   */
  constructor(
    config: BreakerConfig,
    random: () => number,
    notify: (transition: Transition) => void = () => undefined,
  ) {
    checkBreakerConfig(config);
    this.#config = config;
    this.#random = random;
    this.#notify = notify;
    this.#state = { kind: "closed", window: EMPTY_WINDOW };
  }

  /** The state that a call would meet now. */
  state(now: number): BreakerState {
    this.#expire(now);
    return this.#state.kind;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Takes over new settings; what was seen so far stays. Throws as the constructor does. */
  configure(config: BreakerConfig): void {
    checkBreakerConfig(config);
    this.#config = config;
  }

  /**
   * Asks for one call. Whoever is admitted records the call's result with the permit.
   *
   * @param purpose a trial is let through when it is time for one; an ordinary call never is one
   */
  acquire(now: number, purpose: "call" | "trial"): Admission {
    this.#expire(now);
    const state = this.#state;
    switch (state.kind) {
      case "closed":
      case "disabled":
        return { ok: true, permit: { epoch: this.#epoch, trial: null } };
      case "forced_open":
        return this.#refuse(state.until === null ? FORCED_RETRY_MS : state.until - this.#lastNow);
      case "open": {
        const left = state.until - this.#lastNow;
        if (left > 0) return this.#refuse(left);
        if (purpose === "call") return this.#refuse(0);
        const { attempt, opened } = state;
        const why = opened ? { opened } : {};
        this.#move(
          { kind: "half_open", attempt, ...why, leases: [], results: NO_RATES },
          "wait_over",
          NO_RATES,
        );
        return this.acquire(now, purpose);
      }
      case "half_open": {
        const free = this.#config.trial_calls - state.leases.length - state.results.calls;
        if (purpose === "call" || free <= 0) {
          const first = Math.min(...state.leases.map((lease) => lease.expires_at));
          return this.#refuse(Number.isFinite(first) ? first - this.#lastNow : 0);
        }
        const lease = {
          id: this.#nextLease++,
          expires_at: this.#lastNow + this.#config.trial_lease_ms,
        };
        state.leases.push(lease);
        return { ok: true, permit: { epoch: this.#epoch, trial: lease.id } };
      }
    }
  }

  /**
   * Takes a call's result. One that began in an earlier state, or whose lease has lapsed, changes
   * nothing.
   */
  record(permit: Permit, result: CallResult, durationMs: number, now: number): void {
    this.#expire(now);
    const state = this.#state;
    if (permit.epoch !== this.#epoch) return;

    const call = { failed: result === "failure", slow: durationMs >= this.#config.slow_call_ms };
    if (state.kind === "closed" && result !== "ignored") {
      state.window = addCall(state.window, call, this.#config.window_size);
      this.#judge(state.window);
    } else if (state.kind === "half_open") {
      const lease = state.leases.findIndex(({ id }) => id === permit.trial);
      if (lease < 0) return;
      state.leases.splice(lease, 1);
      if (result !== "ignored") this.#judgeTrial(state, call);
    }
  }

  /** Closes it and forgets what was seen; ends a forced state as well. */
  reset(now: number): void {
    this.#expire(now);
    if (this.#state.kind === "closed") this.#state = { kind: "closed", window: EMPTY_WINDOW };
    else this.#close("manual", NO_RATES);
  }

  /** Refuses every call until then; null: until it is reset. */
  forceOpen(until: number | null, reason: string, now: number): void {
    this.#expire(now);
    this.#force({ kind: "forced_open", until, reason });
  }

  /** Lets every call through and records nothing until then; null: until it is reset. */
  disable(until: number | null, reason: string, now: number): void {
    this.#expire(now);
    this.#force({ kind: "disabled", until, reason });
  }

  /** Opens a closed breaker because most of the cluster found the backend down. */
  openForCluster(now: number): void {
    this.#expire(now);
    if (this.#state.kind === "closed") this.#open(1, "cluster", NO_RATES);
  }

  /** When the next trial is due, ms; null when none is: closed, forced, or all permits are out. */
  trialAt(now: number): number | null {
    this.#expire(now);
    const state = this.#state;
    if (state.kind === "open") return state.until;
    if (state.kind !== "half_open") return null;
    if (state.leases.length + state.results.calls < this.#config.trial_calls) return this.#lastNow;
    return Math.min(...state.leases.map((lease) => lease.expires_at));
  }

  /** What is seen of the calls in the window, or of the trials. */
  rates(now: number): Rates {
    this.#expire(now);
    if (this.#state.kind === "half_open") return this.#state.results;
    if (this.#state.kind !== "closed") return NO_RATES;
    return ratesOf(this.#state.window, this.#config.window_size);
  }

  /** Why a forced state holds, and until when. */
  forced(now: number): { until: number | null; reason: string } | null {
    this.#expire(now);
    const state = this.#state;
    return state.kind === "forced_open" || state.kind === "disabled"
      ? { until: state.until, reason: state.reason }
      : null;
  }

  /** Why it is open or half-open; null: it is neither, or release 0.1 stored it. */
  opened(now: number): Opened | null {
    this.#expire(now);
    const state = this.#state;
    return (state.kind === "open" || state.kind === "half_open") && state.opened
      ? state.opened
      : null;
  }

  toJSON(): BreakerSnapshot {
    return { epoch: this.#epoch, last_now: this.#lastNow, state: structuredClone(this.#state) };
  }

  /** Goes on where a stored breaker stopped. Time that passed meanwhile counts. */
  restore(snapshot: BreakerSnapshot): void {
    this.#epoch = snapshot.epoch;
    this.#lastNow = snapshot.last_now;
    this.#state = structuredClone(snapshot.state);
    if (this.#state.kind === "half_open") {
      this.#nextLease = Math.max(0, ...this.#state.leases.map((lease) => lease.id)) + 1;
    }
    if (this.#state.kind === "closed") {
      this.#state = { kind: "closed", window: restoredWindow(this.#state.window) };
    }
  }

  #judge(window: Window): void {
    const { window_size, minimum_calls, failure_rate, slow_call_rate } = this.#config;
    const rates = ratesOf(window, window_size);
    if (rates.calls < Math.min(minimum_calls, window_size)) return;
    if (rates.failed / rates.calls >= failure_rate) this.#open(1, "failure_rate", rates);
    else if (rates.slow / rates.calls >= slow_call_rate) this.#open(1, "slow_call_rate", rates);
  }

  /** Takes a trial's result, and decides as soon as the missing ones could not change it. */
  #judgeTrial(state: HalfOpen, { failed, slow }: { failed: boolean; slow: boolean }): void {
    const results = {
      calls: state.results.calls + 1,
      failed: state.results.failed + (failed ? 1 : 0),
      slow: state.results.slow + (slow ? 1 : 0),
    };
    state.results = results;

    const { trial_calls, failure_rate, slow_call_rate } = this.#config;
    const isUnwell =
      results.failed / trial_calls >= failure_rate || results.slow / trial_calls >= slow_call_rate;
    if (isUnwell) this.#open(state.attempt + 1, "trial_failed", results);
    else if (results.calls >= trial_calls) this.#close("trial_succeeded", results);
  }

  #open(attempt: number, cause: TransitionCause, rates: Rates): void {
    const { open_ms, open_backoff, open_max_ms, open_jitter } = this.#config;
    const longest = Math.min(open_max_ms, open_ms * open_backoff ** Math.min(attempt - 1, 50));
    const wait = Math.max(1, Math.round(longest * (1 - open_jitter * this.#random())));
    const opened = { cause, rates };
    this.#move({ kind: "open", until: this.#lastNow + wait, attempt, opened }, cause, rates);
  }

  #close(cause: TransitionCause, rates: Rates): void {
    this.#move({ kind: "closed", window: EMPTY_WINDOW }, cause, rates);
  }

  #force(state: Extract<State, { kind: "forced_open" | "disabled" }>): void {
    // The same state again only moves its end.
    if (this.#state.kind === state.kind) this.#state = state;
    else this.#move(state, "manual", NO_RATES);
  }

  #refuse(left: number): Admission {
    return { ok: false, state: this.#state.kind, retry_after_ms: Math.max(1, Math.ceil(left)) };
  }

  /**
   * What the passing of time alone does. The clock may stand still or step back a little; time here
   * does not.
   */
  #expire(now: number): void {
    if (now < this.#lastNow - STEP_BACK_MAX_MS) this.#setBack(this.#lastNow - now);
    this.#lastNow = Math.max(this.#lastNow, now);
    const state = this.#state;
    if (state.kind === "half_open") {
      state.leases = state.leases.filter((lease) => lease.expires_at > this.#lastNow);
    } else if (
      state.kind === "forced_open" &&
      state.until !== null &&
      state.until <= this.#lastNow
    ) {
      // Nobody knows how the backend is: a trial finds out.
      const opened: Opened = { cause: "expired", rates: NO_RATES };
      this.#move({ kind: "open", until: this.#lastNow, attempt: 1, opened }, "expired", NO_RATES);
    } else if (state.kind === "disabled" && state.until !== null && state.until <= this.#lastNow) {
      this.#close("expired", NO_RATES);
    }
  }

  /** What is left of a wait stays. A forced state ends by the clock, as the operator said. */
  #setBack(ms: number): void {
    this.#lastNow -= ms;
    const state = this.#state;
    if (state.kind === "open") state.until -= ms;
    else if (state.kind === "half_open") for (const lease of state.leases) lease.expires_at -= ms;
  }

  #move(next: State, cause: TransitionCause, rates: Rates): void {
    const from = this.#state.kind;
    this.#state = next;
    this.#epoch += 1;
    try {
      this.#notify({ from, to: next.kind, epoch: this.#epoch, at: this.#lastNow, cause, rates });
    } catch {
      // A listener's failure must not leave the machine half moved.
    }
  }
}
