/**
 * The kind `error_recovery`: the tools that led from an error to a success.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { errorOfRecentStep } from "../texts/mask.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { firstPart, lookupKey } from "./lookup-key.ts";

/** A success that comes later than so many steps after an error has little to do with it. */
const STEPS_MAX = 5;

type ErrorRecovery = ContentOf<"error_recovery">;

/** The path from an error to the first success, of the tool that failed or of another. */
function mineStep(
  { tools, results, errors, latencies }: MinedRun,
  at: number,
): Sighting<ErrorRecovery>[] {
  const [tool, error] = [tools[at], errors[at] ?? null];
  if (tool === undefined || error === null) return [];

  for (let end = at + 1; end <= at + STEPS_MAX && end < tools.length; end++) {
    if (results[end] !== "success") continue;
    const path = tools.slice(at + 1, end + 1);
    const latency_ms = latencies.slice(at + 1, end + 1).reduce((sum, ms) => sum + ms, 0);
    return [{ content: { kind: "error_recovery", tool, error, path }, latency_ms }];
  }
  return [];
}

function recoveryPrefix(tool: string, error: string): string {
  return lookupKey([tool, error]);
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
  condition: ({ tool, error }) => ({ tool, error }),
  describe: ({ tool, error, path }) => `${tool} failed with "${error}": ${path.join(" → ")}`,
  searchTexts: ({ error }) => ({ errors: error }),

  heuristic: ({ tool, error, path }, isAvoided) => ({
    condition: `when ${tool} fails with "${error}"`,
    action: `${isAvoided ? "do not count on" : "try"} ${path.join(", then ")}`,
  }),

  prefixAfter(step: RecentStep) {
    const error = errorOfRecentStep(step);
    return error === null ? null : recoveryPrefix(step.tool, error);
  },
};
