/**
 * BM25F: how well a document of several weighted fields answers a query, with counts of one namespace only.
 * S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", FnTIR 3 (2009), §3.
 *
 * @module
 */

import type { Parts } from "../parts.ts";
import { FIELDS, taggedTerm, type Field } from "./documents.ts";
import { bestWindow, isVariant } from "./proximity.ts";

const FIELD_WEIGHTS: Readonly<Record<Field, number>> = {
  task_terms: 1,
  tag_terms: 0.5,
  outcome_terms: 0.35,
  tool_terms: 0.35,
  error_terms: 0.35,
};
const K1 = 1.2;
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

/** A document taken apart, so that it can be scored more than once. */
export interface Parsed {
  kind: "episode" | "pattern";
  id: string;
  /** Terms of the task in order, tagged. */
  task: string[];
  counts: ReadonlyMap<string, number>[];
  lengths: number[];
}

export function parseDocument(document: Indexed): Parsed {
  const { kind, id } = document;
  const lengths = JSON.parse(document.lengths) as number[];
  const task = document.task_terms.split(" ");
  return { kind, id, task, counts: FIELDS.map((field) => countTerms(document[field])), lengths };
}

/** Robertson/Spärck Jones weight of a term: rare terms tell more. ≥ 0. */
function rarity(total: number, documents: number): number {
  return Math.log(1 + (total - documents + 0.5) / (documents + 0.5));
}

/**
 * @param total documents of the namespace
 * @param damping exponent of rarity, 1 for the usual
 * @param brevity 1 for a short query, 0 for a description: it is not about what its first words or neighbouring words say,
 * but about what all of them do
 */
export function scoreDocuments(
  documents: readonly Parsed[],
  terms: readonly QueryTerm[],
  total: number,
  tag: string,
  parts: Parts,
  damping = 1,
  brevity = 1,
): Candidate[] {
  const proximity = parts.recall_proximity ? brevity * PROXIMITY : 0;
  const lead = parts.recall_lead ? brevity * LEAD : 0;
  const means = FIELDS.map((_, f) =>
    Math.max(1, documents.reduce((sum, own) => sum + (own.lengths[f] ?? 0), 0) / Math.max(1, documents.length)),
  );
  const weights = terms.map(({ documents: df, weight }) => weight * rarity(total, df) ** damping);
  const ideal = weights.reduce((sum, weight) => sum + weight, 0) * (1 + proximity);
  const prefix = taggedTerm(tag, "").length;
  const variants = parts.recall_variants ? variantsIn(documents, terms, prefix) : [];
  const keys = terms.map(({ term }) => taggedTerm(tag, term));
  return documents.map((document) => {
    let score = 0;
    const matched: string[] = [];
    for (const [t, key] of keys.entries()) {
      let frequency = 0;
      for (const [f, field] of FIELDS.entries()) {
        const counts = document.counts[f];
        let count = counts?.get(key) ?? 0;
        let varied = 0;
        // Summed as whole numbers first: the order of the variants is that of the documents, and must not tell.
        for (const variant of variants[t] ?? []) varied += counts?.get(variant) ?? 0;
        count += VARIANT * varied;
        if (count === 0) continue;
        if (field === "task_terms" && lead > 0) count += lead * leads(document, key);
        const relative = (document.lengths[f] ?? 0) / (means[f] ?? 1);
        frequency += (FIELD_WEIGHTS[field] * count) / (1 - B + B * relative);
      }
      if (frequency === 0) continue;
      score += ((weights[t] ?? 0) * frequency) / (K1 + frequency);
      matched.push(terms[t]?.word ?? "");
    }
    if (proximity > 0 && score > 0) score += proximity * bestWindow(document.task, keys, weights);
    const { kind, id } = document;
    return { kind, id, score, text: ideal > 0 ? score / ideal : 0, matched_terms: [...new Set(matched)] };
  });
}

/** How often a term is in the first line; 0 when the task has one line only. */
function leads({ task, lengths }: Parsed, key: string): number {
  const end = lengths[FIELDS.length] ?? 0;
  let found = 0;
  for (let i = 0; i < end; i++) if (task[i] === key) found += 1;
  return found;
}

/** For each query term the terms of the documents that are variants of it. */
function variantsIn(documents: readonly Parsed[], terms: readonly QueryTerm[], prefix: number): string[][] {
  const vocabulary = new Set<string>();
  for (const { counts } of documents) for (const map of counts) for (const term of map.keys()) vocabulary.add(term);
  const byStart = Map.groupBy(vocabulary, (term) => term.slice(prefix, prefix + 4));
  return terms.map(({ term }) =>
    (byStart.get(term.slice(0, 4)) ?? []).filter((other) => isVariant(term, other.slice(prefix))),
  );
}

function countTerms(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  if (text === "") return counts;
  for (const term of text.split(" ")) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
