/**
 * Makes the documents that a search finds an episode or a pattern by. Pure.
 *
 * @module
 */

import { searchDocument, type SearchDocument } from "../text/documents.ts";
import { isGenerated } from "./episode/reflection.ts";
import { definitionOf } from "./patterns/index.ts";
import type { Digest, PatternRow } from "./types.ts";

/** @param tag of the namespace, as `namespaceTag` gives it */
export function episodeDocument(digest: Digest, tag: string): SearchDocument {
  const { namespace, episode_id: id, context, path } = digest;
  // A sentence that is in every document would make its words worthless.
  const insights = digest.insights.filter((insight) => !isGenerated(insight));

  return searchDocument({ namespace, kind: "episode", id }, tag, {
    task_terms: digest.task,
    tag_terms: [
      ...context.tags,
      ...digest.tags,
      context.domain,
      context.language,
      context.framework,
      digest.task_type,
    ].join(" "),
    outcome_terms: [digest.summary, ...insights].join(" "),
    tool_terms: path.map((step) => `${step.tool} ${step.action}`).join(" "),
    error_terms: [...new Set(path.map((step) => step.error))].join(" "),
  });
}

/** @param tag of the namespace, as `namespaceTag` gives it */
export function patternDocument(
  { namespace, id, content }: PatternRow,
  tag: string,
): SearchDocument {
  const definition = definitionOf(content);
  const { tags = "", errors = "" } = definition.searchTexts(content);

  return searchDocument({ namespace, kind: "pattern", id }, tag, {
    tag_terms: tags,
    tool_terms: definition.tools(content).join(" "),
    error_terms: errors,
  });
}
