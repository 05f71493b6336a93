/**
 * The kind `error_recovery`: the actions that led from an error to a success.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { actionName } from "../../actions/index.ts";
import { wayOutEnd } from "../recoveries/ending.ts";
import { errorOfRecentStep } from "../texts/mask.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { firstPart, lookupKey } from "./lookup-key.ts";

type ErrorRecovery = ContentOf<"error_recovery">;

/** The path from an error to the success that says that it is mended. */
function mineStep(run: MinedRun, at: number): Sighting<ErrorRecovery>[] {
  const { tools, errors, keys } = run;
  const [tool, error] = [tools[at], errors[at] ?? null];
  if (tool === undefined || error === null) return [];
  const key = keys[at] ?? null;
  const end = wayOutEnd(run, at, run.format);
  if (end === null) return [];

  const path = tools.slice(at + 1, end + 1);
  const own = keys.slice(at + 1, end + 1);
  const isKeyed = key !== null || own.some((one) => one !== null);
  const content = {
    kind: "error_recovery",
    tool,
    error,
    path,
    ...(key === null ? {} : { key }),
    ...(isKeyed ? { keys: own } : {}),
  } as const;
  const latencies = run.latencies.slice(at + 1, end + 1);
  return [{ content, latency_ms: latencies.reduce((sum, ms) => sum + ms, 0) }];
}

function recoveryPrefix(tool: string, error: string): string {
  return lookupKey([tool, error]);
}

function actionsIn({ path, keys }: Pick<ErrorRecovery, "path" | "keys">): string[] {
  return path.map((tool, i) => actionName(tool, keys?.[i]));
}

export const errorRecovery: PatternDefinition<ErrorRecovery> = {
  kind: "error_recovery",
  mineStep,
  lookup: ({ tool, error, path }) => ({
    prefix: recoveryPrefix(tool, error),
    suffix: "",
    length: path.length,
  }),
  /** The ways out of every error of a tool are found together. */
  groupOf: firstPart,
  tools: ({ tool, path }) => [tool, ...path],
  actions: (content) => [actionName(content.tool, content.key), ...actionsIn(content)],
  /** That what failed is tried again is no news. */
  proposes(content) {
    const failed = actionName(content.tool, content.key);
    return actionsIn(content).filter((action) => action !== failed);
  },
  condition: ({ tool, error, key }) => ({ tool, error, ...(key === undefined ? {} : { key }) }),
  describe: (content) =>
    `${actionName(content.tool, content.key)} failed with "${content.error}": ` +
    actionsIn(content).join(" → "),
  searchTexts: ({ error, key, keys }) => ({
    errors: error,
    ...(keys ? { calls: [key, ...keys].join(" ") } : {}),
  }),

  heuristic: (content, isAvoided) => ({
    condition: `when ${actionName(content.tool, content.key)} fails with "${content.error}"`,
    action: `${isAvoided ? "do not count on" : "try"} ${actionsIn(content).join(", then ")}`,
  }),

  prefixesAfter(step: RecentStep) {
    const error = errorOfRecentStep(step);
    return error === null ? [] : [recoveryPrefix(step.tool, error)];
  },
};
