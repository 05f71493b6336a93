/**
 * The kind `decision_point`: the tool that was chosen after another one had this result.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { actionKey, actionName } from "../../actions/index.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { KEYED_STEPS_MAX } from "./keyed-steps.ts";
import { lookupKey } from "./lookup-key.ts";

type DecisionPoint = ContentOf<"decision_point">;

function mineStep(
  { tools, keys, results, latencies }: MinedRun,
  at: number,
): Sighting<DecisionPoint>[] {
  const [after_tool, after_result, next_tool] = [tools[at], results[at], tools[at + 1]];
  if (after_tool === undefined || after_result === undefined || next_tool === undefined) return [];

  const content = { kind: "decision_point", after_tool, after_result, next_tool } as const;
  const latency_ms = latencies[at + 1] ?? 0;
  const [after_key, next_key] = [keys[at] ?? null, keys[at + 1] ?? null];
  const isKeyed = after_key !== null || next_key !== null;
  if (!isKeyed || at >= KEYED_STEPS_MAX) return [{ content, latency_ms }];
  const keyed = {
    ...content,
    ...(after_key === null ? {} : { after_key }),
    ...(next_key === null ? {} : { next_key }),
  };
  return [
    { content, latency_ms },
    { content: keyed, latency_ms },
  ];
}

const isKeyed = ({ after_key, next_key }: DecisionPoint): boolean =>
  after_key !== undefined || next_key !== undefined;

/** The lookup prefix of the choices that were made after this step. */
export function choicePrefix({ tool, result }: Pick<RecentStep, "tool" | "result">): string {
  return lookupKey([tool, result]);
}

/** The lookup prefix of the same, told by what was done: other than that of the tool alone. */
function keyedPrefix(tool: string, key: string | null, result: string): string {
  return lookupKey([actionName(tool, key), result, "key"]);
}

export const decisionPoint: PatternDefinition<DecisionPoint> = {
  kind: "decision_point",
  mineStep,
  lookup: (content) => ({
    prefix: isKeyed(content)
      ? keyedPrefix(content.after_tool, content.after_key ?? null, content.after_result)
      : choicePrefix({ tool: content.after_tool, result: content.after_result }),
    suffix: "",
    length: 2,
  }),
  tools: ({ after_tool, next_tool }) => [after_tool, next_tool],
  actions: ({ after_tool, after_key, next_tool, next_key }) => [
    actionName(after_tool, after_key),
    actionName(next_tool, next_key),
  ],
  proposes: ({ next_tool, next_key }) => [actionName(next_tool, next_key)],
  condition: ({ after_tool, after_result, after_key }) => ({
    after_tool,
    after_result,
    ...(after_key === undefined ? {} : { after_key }),
  }),
  describe: ({ after_tool, after_key, after_result, next_tool, next_key }) =>
    `after ${actionName(after_tool, after_key)} (${after_result}): ${actionName(next_tool, next_key)}`,
  searchTexts: ({ after_key, next_key }) =>
    after_key === undefined && next_key === undefined
      ? {}
      : { calls: [after_key, next_key].join(" ") },

  heuristic: ({ after_tool, after_key, after_result, next_tool, next_key }, isAvoided) => ({
    condition: `after ${actionName(after_tool, after_key)} with result ${after_result}`,
    action: `${isAvoided ? "avoid" : "use"} ${actionName(next_tool, next_key)}`,
  }),

  prefixesAfter({ tool, result, parameters }: RecentStep) {
    return [keyedPrefix(tool, actionKey(tool, parameters), result), choicePrefix({ tool, result })];
  },

  /** With the same support, the choice of the tool was the choice of what it did. */
  isImpliedBy: (content, other) =>
    !isKeyed(content) &&
    isKeyed(other) &&
    other.after_tool === content.after_tool &&
    other.after_result === content.after_result &&
    other.next_tool === content.next_tool,
};
