/**
 * Documents of the search index: texts by field, as the terms and trigrams that are indexed. Each
 * carries a tag of its namespace, so that a term's list holds one tenant's documents only, and its
 * length is that namespace's document frequency.
 *
 * @module
 */

import { sha256Hex } from "../../util/hash.ts";
import { tokenize, trigrams } from "./tokens.ts";

/** Terms kept of one field. */
const FIELD_TERMS_MAX = 600;
/** Distinct terms of a document whose trigrams are kept. */
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

/**
 * Makes the document of an episode or a pattern. Linear in the texts; what is beyond the bounds is
 * not found by a search.
 *
 * @param tag what `namespaceTag` gives
 * @param texts by field; those that are absent are empty
 */
export function searchDocument(
  { namespace, kind, id }: Pick<SearchDocument, "namespace" | "kind" | "id">,
  tag: string,
  texts: Partial<Record<Field, string>>,
): SearchDocument {
  const terms = FIELDS.map((field) =>
    tokenize(texts[field] ?? "")
      .slice(0, FIELD_TERMS_MAX)
      .map(({ term }) => term),
  );
  const indexed = FIELDS.map((field, f): [Field, string] => [
    field,
    (terms[f] ?? []).map((term) => taggedTerm(tag, term)).join(" "),
  ]);
  const distinct = [...new Set(terms.flat())];
  const grams = new Set(distinct.slice(0, TRIGRAM_TERMS_MAX).flatMap(trigrams));

  return {
    namespace,
    kind,
    id,
    ...(Object.fromEntries(indexed) as Record<Field, string>),
    trigrams: Array.from(grams, (gram) => taggedTrigram(tag, gram)).join(" "),
    lengths: JSON.stringify([
      ...terms.map(({ length }) => length),
      leadLength(texts.task_terms ?? ""),
    ]),
  };
}

/** Terms of the first line of a task; 0 where it is the only one. */
function leadLength(task: string): number {
  const [lead = "", more] = task.trim().split(/\n(.*)/s);
  return more === undefined ? 0 : Math.min(FIELD_TERMS_MAX, tokenize(lead).length);
}
