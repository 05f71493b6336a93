/**
 * Finds out whether what used to work has stopped working: a Bernoulli CUSUM beside the long
 * memory. Each use moves a sum by how much likelier it is of something that fails than of what it
 * was so far; where the sum passes a bound, it has changed. E. S. Page, "Continuous inspection
 * schemes", Biometrika 41 (1954). Pure, and linear in the uses.
 *
 * @module
 */

/** Uses at one time, in the order of time: those of one time have no order among them. */
export interface Uses {
  success: number;
  failure: number;
}

export interface ChangeSettings {
  /** Evidence at which something has changed, as a logarithm of odds: 4 is about fifty to one. */
  bound: number;
  /** What has changed succeeds this share of what it did before. */
  share: number;
  /** The long-run rate is taken for no more than this, so that a single stray failure says little. */
  rateMax: number;
}

/**
 * Something that always worked has changed after three failures in a row, what worked in seven of
 * ten after four; two failures change nothing.
 */
export const CHANGE: ChangeSettings = { bound: 3.9, share: 0.25, rateMax: 0.8 };

/** Uses before which there is nothing that could have changed. */
const USES_MIN = 4;
/** The sum goes no higher than this many times the bound: it comes back about as fast as it went. */
const SUM_MAX = 1.5;

export interface Change {
  /** It worked, and has stopped. */
  hasChanged: boolean;
  /** Failures since the last success. */
  failuresInRow: number;
  /** Successes before them. */
  successesBefore: number;
}

/** @param uses oldest first */
export function changeIn(uses: Iterable<Uses>, settings: ChangeSettings = CHANGE): Change {
  let [sum, inRow] = [0, 0];
  const before = { success: 0, failure: 0 };
  // While it may have changed, what is seen does not count for how it was.
  let since = { success: 0, failure: 0 };
  for (const { success, failure } of uses) {
    const isKnown = before.success + before.failure >= USES_MIN;
    if (isKnown) sum = moved(sum, { success, failure }, before, settings);
    since.success += success;
    since.failure += failure;
    if (sum <= 0) {
      before.success += since.success;
      before.failure += since.failure;
      since = { success: 0, failure: 0 };
    }
    inRow = success > 0 ? 0 : inRow + failure;
  }
  return {
    hasChanged: sum >= settings.bound,
    failuresInRow: Math.round(inRow),
    successesBefore: Math.round(before.success),
  };
}

/** The sum after uses at one time. @param before what was seen while nothing had changed */
function moved(
  sum: number,
  { success, failure }: Uses,
  before: Uses,
  { bound, share, rateMax }: ChangeSettings,
): number {
  const rate = (before.success + 1) / (before.success + before.failure + 2);
  const was = Math.min(rateMax, rate);
  const now = share * was;
  const step = success * Math.log(now / was) + failure * Math.log((1 - now) / (1 - was));
  return Math.min(SUM_MAX * bound, Math.max(0, sum + step));
}
