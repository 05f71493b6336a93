/**
 * Makes the texts that a search finds an episode or a pattern by. Pure.
 *
 * @module
 */

import type { PatternContent } from "../../contract/patterns.ts";
import type { DocumentTexts } from "../search/index.ts";
import { isGenerated } from "./episode/reflection.ts";
import { definitionOf } from "./patterns/index.ts";
import type { Digest, PathStep } from "./types.ts";

export function episodeTexts(digest: Digest): DocumentTexts {
  const { context, path } = digest;
  // A sentence that is in every document would make its words worthless.
  const insights = digest.insights.filter((insight) => !isGenerated(insight));
  return {
    task: digest.task,
    tags: [
      ...context.tags,
      ...digest.tags,
      context.domain,
      context.language,
      context.framework,
      digest.task_type,
    ].join(" "),
    outcome: [digest.summary, ...insights].join(" "),
    tools: path.map((step) => `${step.tool} ${step.action}`).join(" "),
    errors: [...new Set(path.map((step) => step.error))].join(" "),
    calls: path.map(callText).join(" "),
  };
}

/** What a step was called with, and the beginning of what it answered. */
function callText({ key, parameters, told }: PathStep): string {
  const values = parameters?.flatMap(({ value }) => value ?? []) ?? [];
  return [key, ...values, told].filter((text) => text !== undefined).join(" ");
}

export function patternTexts(content: PatternContent): DocumentTexts {
  const definition = definitionOf(content);
  return { ...definition.searchTexts(content), tools: definition.tools(content).join(" ") };
}
