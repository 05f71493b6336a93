/**
 * What counts as the same action: at which level next steps are compared.
 *
 * @module
 */

import type { AdviceView } from "../../../src/contract/recall/answers.ts";
import { actionKey, actionName } from "../../../src/memory/actions/index.ts";
import type { Run } from "../sets/run-set.ts";

type Step = Run["steps"][number];

export interface ActionLevel {
  name: string;
  /** The action of a step, as the memory would call it. */
  of: (step: Step) => string;
  /** What the memory expects next, likeliest first. */
  said: (advice: AdviceView) => readonly { action: string; probability: number }[];
}

/** The levels that the tables have, the coarsest first. */
export const ACTION_LEVELS: readonly ActionLevel[] = [
  {
    name: "tool",
    of: ({ tool }) => tool,
    said: ({ next_tools }) =>
      next_tools.map(({ tool, probability }) => ({ action: tool, probability })),
  },
  {
    name: "action",
    of: ({ tool, args }) => actionName(tool, actionKey(tool, args)),
    said: ({ next_actions }) =>
      (next_actions ?? []).map(({ action, probability }) => ({ action, probability })),
  },
];
