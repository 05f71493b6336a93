/**
 * What an agent asks in the middle of a run, and how much it tells of its steps.
 *
 * @module
 */

import type { Run } from "../sets/run-set.ts";

/** everything: messages and parameters, too. results: tool and result alone. */
export type Told = "everything" | "results";

const RECENT_MAX = 50;
const MESSAGE_MAX = 10_000;

type Step = Run["steps"][number];

export function recentSteps(steps: readonly Step[], told: Told): Record<string, unknown>[] {
  return steps.slice(-RECENT_MAX).map(({ tool, args, result, ok }) => {
    const said = result === null ? "unknown" : ok === false ? "error" : "success";
    if (told === "results") return { tool, result: said };
    const message = result === null ? {} : { message: result.slice(0, MESSAGE_MAX) };
    return { tool, parameters: args, result: said, ...message };
  });
}

/** @param done steps of the run that are behind the agent */
export function questionOf(run: Run, done: number, told: Told): Record<string, unknown> {
  return {
    task: run.task,
    context: { domain: run.domain, tags: [run.agent_variant] },
    recent_steps: recentSteps(run.steps.slice(0, done), told),
  };
}
