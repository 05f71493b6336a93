/**
 * The kind `error_recovery`: the actions that led from an error to a success.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { actionName } from "../../actions/index.ts";
import { errorOfRecentStep } from "../texts/mask.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { firstPart, lookupKey } from "./lookup-key.ts";

/** A success that comes later than so many steps after an error has little to do with it. */
const STEPS_MAX = 5;
/** The same for the success of the very action that failed, which says that the error is mended. */
const RETRY_STEPS_MAX = 8;

type ErrorRecovery = ContentOf<"error_recovery">;

/**
 * The path from an error to the success that says that it is mended: of the action that failed,
 * where that is more than its tool; else the first one, of the tool that failed or of another.
 */
function mineStep(run: MinedRun, at: number): Sighting<ErrorRecovery>[] {
  const { tools, errors, keys } = run;
  const [tool, error] = [tools[at], errors[at] ?? null];
  if (tool === undefined || error === null) return [];
  const key = keys[at] ?? null;
  const retried = key === null ? null : retryAfter(run, at);
  if (retried === "failed") return [];

  const end = retried ?? firstSuccess(run, at);
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

/**
 * Where the action that failed succeeds, with something else done in between; "failed" where it
 * fails again before: what was done until then did not help. null: it is not tried again.
 */
function retryAfter({ tools, keys, results }: MinedRun, at: number): number | "failed" | null {
  for (let end = at + 1; end <= at + RETRY_STEPS_MAX && end < tools.length; end++) {
    if (tools[end] !== tools[at] || keys[end] !== keys[at]) continue;
    return results[end] === "success" ? end : "failed";
  }
  return null;
}

function firstSuccess({ tools, results }: MinedRun, at: number): number | null {
  for (let end = at + 1; end <= at + STEPS_MAX && end < tools.length; end++)
    if (results[end] === "success") return end;
  return null;
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
