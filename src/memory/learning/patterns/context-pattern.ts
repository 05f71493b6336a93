/**
 * The kind `context_pattern`: a tool that is used in a context, described by its domain alone, and
 * by its domain, language, framework and type of task together.
 *
 * @module
 */

import { canonicalJson } from "../../canonical.ts";
import type { ContentOf } from "../../../contract/patterns.ts";
import type { MinedRun, PatternDefinition, Sighting } from "./definition.ts";

/** Distinct tools of a run that its context is tied to, the first ones. */
const TOOLS_MAX = 12;

type ContextPattern = ContentOf<"context_pattern">;

function mineWhole({ tools, context, taskType }: MinedRun): Sighting<ContextPattern>[] {
  const { domain, language, framework } = context;
  const named = Object.entries({ domain, language, framework, task_type: taskType });
  const features = Object.fromEntries(
    named.filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== ""),
  );
  const descriptions = domain === "" ? [features] : [features, { domain }];

  return [...new Set(tools)].slice(0, TOOLS_MAX).flatMap((tool) =>
    descriptions.map((description): Sighting<ContextPattern> => ({
      content: { kind: "context_pattern", features: description, tool },
      latency_ms: 0,
    })),
  );
}

export const contextPattern: PatternDefinition<ContextPattern> = {
  kind: "context_pattern",
  mineWhole,
  lookup: ({ features }) => ({ prefix: canonicalJson(features), suffix: "", length: 1 }),
  tools: ({ tool }) => [tool],
  proposes: ({ tool }) => [tool],
  condition: ({ features }) => features,

  describe({ features, tool }) {
    const context = Object.entries(features).map(([name, value]) => `${name} ${value}`);
    return `${context.join(", ")}: ${tool}`;
  },
  searchTexts: ({ features }) => ({ tags: Object.values(features).join(" ") }),

  /** With the same support, the shorter description is the more general one. */
  isImpliedBy: ({ features, tool }, other) =>
    other.tool === tool &&
    Object.keys(other.features).length < Object.keys(features).length &&
    Object.entries(other.features).every(([name, value]) => features[name] === value),
};
