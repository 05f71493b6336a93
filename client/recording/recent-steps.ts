/**
 * The latest steps of a run as a question names them, for a memory that does not hold them yet: what
 * a step failed with is known without waiting. Bounded, so that no question is refused for them.
 *
 * @module
 */

import { jsonOf } from "../calls/values.ts";
import type { Operations } from "../schema.ts";
import type { Step } from "../step.ts";

export type RecentStep = NonNullable<Operations["advise"]["body"]["recent_steps"]>[number];

/** As many stay below a megabyte, which is what the service takes, whatever they hold. */
const STEPS_MAX = 40;
const MESSAGE_MAX = 2_000;
/** Characters of parameters as JSON, three bytes each at most; larger ones are left out. */
const PARAMETERS_MAX = 2_730;

/** A step whose tool has a name that the service takes. */
export function recentStep(step: Pick<Step, "tool" | "parameters" | "result">): RecentStep {
  const { tool, parameters, result } = step;
  const isSmall = parameters !== undefined && jsonOf(parameters).length <= PARAMETERS_MAX;
  const message = result?.type === "error" ? result.message : outputOf(result);
  return {
    tool,
    result: result?.type ?? "unknown",
    ...(message === undefined ? {} : { message: message.slice(0, MESSAGE_MAX).toWellFormed() }),
    ...(isSmall ? { parameters } : {}),
  };
}

function outputOf(result: Step["result"]): string | undefined {
  return result?.type === "success" ? result.output : undefined;
}

/** Of one run. */
export class RecentSteps {
  /** Oldest first. */
  #latest: RecentStep[] = [];
  #count = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Oldest first, at most 40. */
  get latest(): readonly RecentStep[] {
    return this.#latest;
  }

  add(step: Step): void {
    this.#count += 1;
    this.#latest = [...this.#latest, recentStep(step)].slice(-STEPS_MAX);
  }
}
