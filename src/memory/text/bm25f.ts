/**
 * BM25F: how well a document of several weighted fields answers a query, with counts of one namespace only.
 * S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", FnTIR 3 (2009), §3.
 *
 * @module
 */

import { FIELDS, taggedTerm, type Field } from "./documents.ts";

const FIELD_WEIGHTS: Readonly<Record<Field, number>> = {
  task_terms: 3,
  tag_terms: 1.5,
  outcome_terms: 1,
  tool_terms: 1,
  error_terms: 1,
};
const K1 = 1.2;
const B = 0.5;

export interface QueryTerm {
  /** As it is indexed, without the tag. */
  term: string;
  /** As it was asked. */
  word: string;
  /** Documents of the namespace that hold it. */
  documents: number;
  /** 1; less for a term that was only guessed. */
  weight: number;
}

export interface Indexed extends Record<Field, string> {
  kind: "episode" | "pattern";
  id: string;
  lengths: string;
}

export interface Candidate {
  kind: "episode" | "pattern";
  id: string;
  /** BM25F. */
  score: number;
  /** The score over the highest that any document could have, 0…1. */
  text: number;
  matched_terms: string[];
}

/** @param total documents of the namespace */
export function scoreDocuments(
  documents: readonly Indexed[],
  terms: readonly QueryTerm[],
  total: number,
  tag: string,
): Candidate[] {
  const lengths = documents.map((document) => JSON.parse(document.lengths) as number[]);
  const means = FIELDS.map((_, f) =>
    Math.max(1, lengths.reduce((sum, own) => sum + (own[f] ?? 0), 0) / Math.max(1, lengths.length)),
  );
  const weights = terms.map(({ documents: df, weight }) => weight * Math.log(1 + (total - df + 0.5) / (df + 0.5)));
  const ideal = weights.reduce((sum, weight) => sum + weight, 0);
  const wanted = new Set(terms.map(({ term }) => taggedTerm(tag, term)));
  return documents.map((document, d) => {
    const frequencies = FIELDS.map((field) => countTerms(document[field], wanted));
    let score = 0;
    const matched: string[] = [];
    for (const [t, { term, word }] of terms.entries()) {
      const key = taggedTerm(tag, term);
      let frequency = 0;
      for (const [f, field] of FIELDS.entries()) {
        const count = frequencies[f]?.get(key) ?? 0;
        if (count === 0) continue;
        const relative = (lengths[d]?.[f] ?? 0) / (means[f] ?? 1);
        frequency += (FIELD_WEIGHTS[field] * count) / (1 - B + B * relative);
      }
      if (frequency === 0) continue;
      score += ((weights[t] ?? 0) * frequency) / (K1 + frequency);
      matched.push(word);
    }
    const { kind, id } = document;
    return { kind, id, score, text: ideal > 0 ? score / ideal : 0, matched_terms: [...new Set(matched)] };
  });
}

/** How often a text has each of the wanted terms. */
function countTerms(text: string, wanted: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of text.split(" ")) if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
