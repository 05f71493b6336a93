/**
 * The settings and the operator's view of circuit breakers, for an instance (before the database)
 * and the Coordinator (before R2). Pure.
 *
 * @module
 */

import type { BreakerView } from "../../contract/cluster/answers.ts";
import type { Settings } from "../../contract/settings.ts";
import {
  type Breaker,
  type BreakerConfig,
  type BreakerState,
  DEFAULT_BREAKER,
  type Opened,
} from "../../resilience/index.ts";
import { isoTimeOrNull } from "../../util/time.ts";

/** The settings of the breaker before the database. */
export function breakerConfigOf(settings: Settings): BreakerConfig {
  return {
    ...DEFAULT_BREAKER,
    window_size: settings.breaker_window_size,
    minimum_calls: settings.breaker_minimum_calls,
    failure_rate: settings.breaker_failure_rate,
    slow_call_rate: settings.breaker_slow_call_rate,
    slow_call_ms: settings.breaker_slow_call_ms,
    trial_calls: settings.breaker_trial_calls,
    open_ms: settings.breaker_open_ms,
    open_max_ms: Math.max(settings.breaker_open_ms, settings.breaker_open_max_ms),
  };
}

/** As the metric `memory_circuit_breaker_state` says it. */
export const STATE_NUMBERS: Readonly<Record<BreakerState, number>> = {
  closed: 0,
  disabled: 0,
  open: 1,
  forced_open: 1,
  half_open: 2,
};

/**
 * A breaker as an operator sees it: the calls are those in the window, those of the trial, or,
 * while it is open, those that opened it.
 *
 * @param lastFault what the last failed call met; null: nobody knows
 */
export function breakerViewOf(
  breaker: Breaker,
  now: number,
  lastFault: string | null = null,
): BreakerView {
  const state = breaker.state(now);
  const forced = breaker.forced(now);
  const opened = breaker.opened(now);
  const until = forced ? forced.until : state === "open" ? breaker.trialAt(now) : null;
  const rates = state === "open" && opened ? opened.rates : breaker.rates(now);
  const { calls, failed, slow } = rates;
  return {
    state,
    until: isoTimeOrNull(until),
    reason: forced ? forced.reason : opened ? reasonOf(opened, lastFault) : null,
    calls,
    failed,
    slow,
  };
}

/** Why a breaker opened by itself, in a sentence. */
function reasonOf({ cause, rates }: Opened, lastFault: string | null): string {
  const { calls, failed, slow } = rates;
  const fault = lastFault === null ? "" : `: ${lastFault}`;
  switch (cause) {
    case "failure_rate":
      return `${failed} of ${calls} calls failed${fault}`;
    case "slow_call_rate":
      return `${slow} of ${calls} calls were slow`;
    case "trial_failed":
      return `a trial call failed or was slow${fault}`;
    case "cluster":
      return "most instances found the backend down";
    default:
      return "a forced state has ended, and a trial call is due";
  }
}
