/**
 * Gives the latest steps of an episode as a question about it names them, so that an agent that
 * records its steps need not send them again. Within the bounds that a client's own steps have:
 * what is longer is cut, and parameters that are too large are left out, never refused. Reads only.
 *
 * @module
 */

import type { Step } from "../../../contract/episodes/record.ts";
import { answerOf, resultClass } from "../../../contract/episodes/step-result.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Input, Output } from "../../../contract/operations.ts";
import { byteLength } from "../../../util/bytes.ts";
import type { EpisodeDeps } from "./deps.ts";

type RecentStep = Output<"episode.recent">["steps"][number];

/** Throws `Refused` when there is no such episode. */
export async function recentStepsOf(
  { rows, store }: EpisodeDeps,
  namespace: string,
  id: Input<"episode.recent">["id"],
): Promise<Output<"episode.recent">> {
  const { step_count } = await store.get(namespace, id);
  const count = Math.min(LIMITS.recent_steps_max, step_count);
  const numbers = Array.from({ length: count }, (_, i) => step_count - count + 1 + i);
  const steps = rows.stepsByNumber(namespace, id, numbers);
  const recent = numbers.flatMap((number): RecentStep[] => {
    const step = steps.get(number);
    return step ? [recentStepOf(step)] : [];
  });
  return { steps: latestWithin(recent, LIMITS.recent_steps_max_bytes), count: step_count };
}

/**
 * Its answer is always known, if as an empty one: the digest of an ended run takes it so, too.
 */
export function recentStepOf({ tool, result, parameters }: Step): RecentStep {
  const isSmall = byteLength(JSON.stringify(parameters ?? null)) <= LIMITS.parameters_max_bytes;
  const message = (answerOf(result) ?? "").slice(0, LIMITS.text_max).toWellFormed();
  return {
    tool,
    result: resultClass(result),
    message,
    ...(isSmall ? { parameters } : {}),
  };
}

/** The last ones that fit, in their order. */
function latestWithin(steps: readonly RecentStep[], bytes: number): RecentStep[] {
  let [size, from] = [2, steps.length];
  while (from > 0) {
    size += byteLength(JSON.stringify(steps[from - 1])) + 1;
    if (size > bytes) break;
    from -= 1;
  }
  return steps.slice(from);
}
