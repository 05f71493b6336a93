/**
 * BM25F: how well a document of several weighted fields answers a query, with counts of one
 * namespace only. S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and
 * beyond", FnTIR 3 (2009), §3.
 *
 * @module
 */

import type { Ablations } from "../ablations.ts";
import { FIELDS, taggedTerm, type Field } from "./documents.ts";
import { Occurrences } from "./occurrences.ts";
import { bestWindow } from "./proximity.ts";

const FIELD_WEIGHTS: Readonly<Record<Field, number>> = {
  task_terms: 1,
  tag_terms: 0.5,
  outcome_terms: 0.35,
  tool_terms: 0.35,
  error_terms: 0.35,
};
const K1 = 1.8;
const B = 0.75;
/** What an occurrence in the first line of a task counts beyond one. */
const LEAD = 1.5;
/** What an occurrence of a variant of a query term counts. */
const VARIANT = 0.2;
/** Weight of the best window against the terms themselves. */
const PROXIMITY = 0.15;

export interface QueryTerm {
  /** As it is indexed, without the tag. */
  term: string;
  /** As it was asked. */
  word: string;
  /** Documents of the namespace that hold it. */
  documents: number;
  /** 1; less for a term that was only guessed, more for one that a long query repeats. */
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

/** Robertson/Spärck Jones weight of a term: rare terms tell more. ≥ 0. */
export function rarity(total: number, documents: number): number {
  return Math.log(1 + (total - documents + 0.5) / (documents + 0.5));
}

/**
 * @param total documents of the namespace
 * @param damping exponent of rarity, 1 for the usual
 * @param brevity 1 for a short query, 0 for a description: it is not about what its first words or
 *   neighbouring words say, but about what all of them do
 */
export function scoreDocuments(
  documents: readonly Indexed[],
  terms: readonly QueryTerm[],
  total: number,
  tag: string,
  parts: Ablations,
  damping = 1,
  brevity = 1,
): Candidate[] {
  const proximity = parts.recall_proximity ? brevity * PROXIMITY : 0;
  const lead = parts.recall_lead ? brevity * LEAD : 0;
  const lengths = documents.map((document) => JSON.parse(document.lengths) as number[]);
  const means = FIELDS.map((_, f) =>
    Math.max(
      1,
      lengths.reduce((sum, own) => sum + (own[f] ?? 0), 0) / Math.max(1, documents.length),
    ),
  );
  const weights = terms.map(({ documents: df, weight }) => weight * rarity(total, df) ** damping);
  const ideal = weights.reduce((sum, weight) => sum + weight, 0) * (1 + proximity);
  const occurrences = new Occurrences(
    terms.map(({ term }) => term),
    taggedTerm(tag, "").length,
    parts.recall_variants,
  );
  return documents.map((document, d) => {
    const own = lengths[d] ?? [];
    const frequencies = new Float64Array(terms.length);
    let together = 0;
    for (const [f, field] of FIELDS.entries()) {
      if (document[field] === "") continue;
      const relative = (own[f] ?? 0) / (means[f] ?? 1);
      const share = FIELD_WEIGHTS[field] / (1 - B + B * relative);
      const isTask = field === "task_terms";
      occurrences.read(document[field], isTask && lead > 0 ? (own[FIELDS.length] ?? 0) : 0);
      const { exact, variants, leads } = occurrences;
      for (const t of occurrences.touched) {
        const count = (exact[t] ?? 0) + VARIANT * (variants[t] ?? 0) + lead * (leads[t] ?? 0);
        frequencies[t] = (frequencies[t] ?? 0) + share * count;
      }
      if (isTask && proximity > 0)
        together = bestWindow(occurrences.places, occurrences.termsAt, weights);
    }
    let score = 0;
    const matched = new Set<string>();
    for (const [t, frequency] of frequencies.entries()) {
      if (frequency === 0) continue;
      score += ((weights[t] ?? 0) * frequency) / (K1 + frequency);
      matched.add(terms[t]?.word ?? "");
    }
    if (score > 0) score += proximity * together;
    const { kind, id } = document;
    return { kind, id, score, text: ideal > 0 ? score / ideal : 0, matched_terms: [...matched] };
  });
}
