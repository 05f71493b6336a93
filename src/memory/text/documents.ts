/**
 * What is indexed of an episode or a pattern. Each term carries a tag of its namespace, so that a
 * term's list holds one tenant's documents only, and its length is that namespace's document
 * frequency.
 *
 * @module
 */

import { isGenerated } from "../learning/reflection.ts";
import { toolsOf } from "../learning/view.ts";
import type { Digest, PatternRow } from "../learning/types.ts";
import { tokenize, trigrams, type Token } from "./tokens.ts";
import { sha256Hex } from "../../util/hash.ts";

/** Terms kept of one field. */
const FIELD_TERMS_MAX = 600;
/** Distinct terms whose trigrams are kept. */
const TRIGRAM_TERMS_MAX = 300;

export const FIELDS = [
  "task_terms",
  "tag_terms",
  "outcome_terms",
  "tool_terms",
  "error_terms",
] as const;
export type Field = (typeof FIELDS)[number];

/** A row of `search_docs`. */
export interface SearchDocument extends Record<Field, string> {
  namespace: string;
  kind: "episode" | "pattern";
  id: string;
  trigrams: string;
  /**
   * JSON: number of terms of each field, in the order of FIELDS, then of the task's first line when
   * it has more.
   */
  lengths: string;
}

/** Ten hexadecimal digits that stand for the namespace in the index. */
export async function namespaceTag(namespace: string): Promise<string> {
  return (await sha256Hex(namespace)).slice(0, 10);
}

export function taggedTerm(tag: string, term: string): string {
  return `${tag}x${term}`;
}

export function taggedTrigram(tag: string, gram: string): string {
  return `${tag}y${gram}`;
}

export function episodeDocument(digest: Digest, tag: string): SearchDocument {
  const { namespace, episode_id: id, context } = digest;
  return document(namespace, "episode", id, tag, {
    task_terms: digest.task,
    tag_terms: [
      ...context.tags,
      ...digest.tags,
      context.domain,
      context.language,
      context.framework,
      digest.task_type,
    ].join(" "),
    // A sentence that is in every document would make its words worthless.
    outcome_terms: [
      digest.summary,
      ...digest.insights.filter((insight) => !isGenerated(insight)),
    ].join(" "),
    tool_terms: digest.path.map((step) => `${step.tool} ${step.action}`).join(" "),
    error_terms: [...new Set(digest.path.map((step) => step.error))].join(" "),
  });
}

export function patternDocument(row: PatternRow, tag: string): SearchDocument {
  const { content } = row;
  return document(row.namespace, "pattern", row.id, tag, {
    task_terms: "",
    tag_terms: content.kind === "context_pattern" ? Object.values(content.features).join(" ") : "",
    outcome_terms: "",
    tool_terms: toolsOf(content).join(" "),
    error_terms: content.kind === "error_recovery" ? content.error : "",
  });
}

function document(
  namespace: string,
  kind: SearchDocument["kind"],
  id: string,
  tag: string,
  texts: Record<Field, string>,
): SearchDocument {
  const tokens = (field: Field): Token[] => tokenize(texts[field]).slice(0, FIELD_TERMS_MAX);
  const terms = (field: Field): string =>
    tokens(field)
      .map(({ term }) => taggedTerm(tag, term))
      .join(" ");
  const [lead = "", more] = texts.task_terms.trim().split(/\n(.*)/s);
  const leading = more === undefined ? 0 : Math.min(FIELD_TERMS_MAX, tokenize(lead).length);
  const distinct = [...new Set(FIELDS.flatMap((field) => tokens(field).map(({ term }) => term)))];
  const grams = new Set(distinct.slice(0, TRIGRAM_TERMS_MAX).flatMap(trigrams));
  return {
    namespace,
    kind,
    id,
    task_terms: terms("task_terms"),
    tag_terms: terms("tag_terms"),
    outcome_terms: terms("outcome_terms"),
    tool_terms: terms("tool_terms"),
    error_terms: terms("error_terms"),
    trigrams: Array.from(grams, (gram) => taggedTrigram(tag, gram)).join(" "),
    lengths: JSON.stringify([...FIELDS.map((field) => tokens(field).length), leading]),
  };
}
