/**
 * Defines the settings of a circuit breaker, their defaults and their bounds, and checks them.
 *
 * @module
 */

export interface BreakerConfig {
  /** How many of the last calls decide, 1…1,000; 20 by default. */
  window_size: number;
  /** Fewer calls than this decide nothing, 1…100,000; counts as the window's size at most; 5. */
  minimum_calls: number;
  /** Opens at this share of failed calls or above, 0.001…1; 0.5. */
  failure_rate: number;
  /** Opens at this share of slow calls or above, 0.001…1; 0.8. */
  slow_call_rate: number;
  /** A call of this time or more is slow, whether it succeeds or not, ms, 1…600,000; 1,500. */
  slow_call_ms: number;
  /** Trial calls whose results decide, and that may run at once, 1…100; 2. */
  trial_calls: number;
  /** A trial call that has not ended by then frees its permit, ms, 1…600,000; 10,000. */
  trial_lease_ms: number;
  /** How long it stays open the first time, ms, 1…3,600,000; 2,000. */
  open_ms: number;
  /** Factor for each further time in a row, 1…10; 1.5. */
  open_backoff: number;
  /** How long it stays open at most, ms, 1…3,600,000; 5,000. */
  open_max_ms: number;
  /** The share of the open time that is taken off at random, so that instances do not try all at once, 0…1; 0.2. */
  open_jitter: number;
}

export const DEFAULT_BREAKER: BreakerConfig = {
  window_size: 20,
  minimum_calls: 5,
  failure_rate: 0.5,
  slow_call_rate: 0.8,
  slow_call_ms: 1_500,
  trial_calls: 2,
  trial_lease_ms: 10_000,
  open_ms: 2_000,
  open_backoff: 1.5,
  open_max_ms: 5_000,
  open_jitter: 0.2,
};

const BOUNDS: Readonly<
  Record<keyof BreakerConfig, { min: number; max: number; isWhole: boolean }>
> = {
  window_size: { min: 1, max: 1_000, isWhole: true },
  minimum_calls: { min: 1, max: 100_000, isWhole: true },
  failure_rate: { min: 0.001, max: 1, isWhole: false },
  slow_call_rate: { min: 0.001, max: 1, isWhole: false },
  slow_call_ms: { min: 1, max: 600_000, isWhole: true },
  trial_calls: { min: 1, max: 100, isWhole: true },
  trial_lease_ms: { min: 1, max: 600_000, isWhole: true },
  open_ms: { min: 1, max: 3_600_000, isWhole: true },
  open_backoff: { min: 1, max: 10, isWhole: false },
  open_max_ms: { min: 1, max: 3_600_000, isWhole: true },
  open_jitter: { min: 0, max: 1, isWhole: false },
};

/** Throws a RangeError that names every setting out of bounds. */
export function checkBreakerConfig(config: BreakerConfig): void {
  const problems = Object.entries(BOUNDS).flatMap(([name, { min, max, isWhole }]) => {
    const value = config[name as keyof BreakerConfig];
    const isGood = value >= min && value <= max && (!isWhole || Number.isInteger(value));
    return isGood
      ? []
      : [`${name} must be ${isWhole ? "a whole number " : ""}from ${min} to ${max}`];
  });
  if (problems.length > 0) throw new RangeError(problems.join("; "));
}
