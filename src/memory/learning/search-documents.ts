/**
 * Makes the texts that a search finds an episode or a pattern by. Pure.
 *
 * @module
 */

import type { PatternContent } from "../../contract/patterns.ts";
import type { DocumentTexts } from "../search/index.ts";
import { isGenerated } from "./episode/reflection.ts";
import { definitionOf } from "./patterns/index.ts";
import type { Digest } from "./types.ts";

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
  };
}

export function patternTexts(content: PatternContent): DocumentTexts {
  const definition = definitionOf(content);
  return { ...definition.searchTexts(content), tools: definition.tools(content).join(" ") };
}
