/**
 * The kind `decision_point`: the tool that was chosen after another one had this result.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { lookupKey } from "./lookup-key.ts";

type DecisionPoint = ContentOf<"decision_point">;

function mineStep({ tools, results, latencies }: MinedRun, at: number): Sighting<DecisionPoint>[] {
  const [after_tool, after_result, next_tool] = [tools[at], results[at], tools[at + 1]];
  if (after_tool === undefined || after_result === undefined || next_tool === undefined) return [];

  const content = { kind: "decision_point", after_tool, after_result, next_tool } as const;
  return [{ content, latency_ms: latencies[at + 1] ?? 0 }];
}

/** The lookup prefix of the choices that were made after this step. */
export function choicePrefix({ tool, result }: Pick<RecentStep, "tool" | "result">): string {
  return lookupKey([tool, result]);
}

export const decisionPoint: PatternDefinition<DecisionPoint> = {
  kind: "decision_point",
  mineStep,
  lookup: ({ after_tool, after_result }) => ({
    prefix: choicePrefix({ tool: after_tool, result: after_result }),
    suffix: "",
    length: 2,
  }),
  tools: ({ after_tool, next_tool }) => [after_tool, next_tool],
  condition: ({ after_tool, after_result }) => ({ after_tool, after_result }),
  describe: ({ after_tool, after_result, next_tool }) =>
    `after ${after_tool} (${after_result}): ${next_tool}`,
  searchTexts: () => ({}),

  heuristic: ({ after_tool, after_result, next_tool }, isAvoided) => ({
    condition: `after ${after_tool} with result ${after_result}`,
    action: `${isAvoided ? "avoid" : "use"} ${next_tool}`,
  }),
  prefixAfter: choicePrefix,
};
