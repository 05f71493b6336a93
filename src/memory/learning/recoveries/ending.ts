/**
 * Says where an error was left: at the success that shows that it is mended. What was done until the
 * same error of the same action came again was in vain. Pure; linear in a few steps.
 *
 * @module
 */

import type { MinedRun } from "../patterns/definition.ts";

/** A success that comes later than so many steps after an error has little to do with it. */
const STEPS_MAX = 5;
/** The same for the success of the very action that failed, which says that the error is mended. */
const RETRY_STEPS_MAX = 8;
/** From this format on it is seen how the next try of an action went that its tool alone names. */
const NEXT_TRY_FORMAT = 2;

/** The steps of a run; the lists have an entry for each. */
type Steps = Pick<MinedRun, "tools" | "keys" | "results" | "errors">;

/**
 * The step at which the error of a step was left: the success of the action that failed, where that
 * is more than its tool; else the last success before the tool works again, or the first one where
 * it does not. null: nothing led out of it.
 *
 * @param format the `DIGEST_FORMAT` that the run was learned in
 */
export function wayOutEnd(steps: Steps, at: number, format: number): number | null {
  const again = nextTry(steps, at);
  if (again === null) return firstSuccess(steps, at);
  const isMended = steps.results[again] === "success";
  if ((steps.keys[at] ?? null) !== null) return isMended ? again : null;
  if (format < NEXT_TRY_FORMAT) return firstSuccess(steps, at);
  if (isMended) return lastSuccess(steps, at, again) ?? firstSuccess(steps, at);
  return steps.errors[again] === steps.errors[at] ? null : firstSuccess(steps, at);
}

/** Where the action that failed is taken again; null: it is not, or much later. */
function nextTry({ tools, keys }: Steps, at: number): number | null {
  for (let end = at + 1; end <= at + RETRY_STEPS_MAX && end < tools.length; end++)
    if (tools[end] === tools[at] && keys[end] === keys[at]) return end;
  return null;
}

function firstSuccess({ tools, results }: Steps, at: number): number | null {
  for (let end = at + 1; end <= at + STEPS_MAX && end < tools.length; end++)
    if (results[end] === "success") return end;
  return null;
}

/** The last one between the error and the next try. */
function lastSuccess({ results }: Steps, at: number, again: number): number | null {
  for (let end = again - 1; end > at; end--) if (results[end] === "success") return end;
  return null;
}
