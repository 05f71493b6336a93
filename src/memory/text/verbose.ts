/**
 * Long queries: a task description of many sentences repeats what it is about and names much that it is not about.
 * M. Gupta, M. Bendersky, "Information retrieval with verbose queries", FnTIR 9 (2015).
 *
 * @module
 */

import { rarity, type Parsed } from "./bm25f.ts";

/** Distinct terms up to which a query is short, and from which it is as long as can be. */
const SHORT = 14;
const LONG = 22;
/** A long query repeats a term on purpose: exponent of the repetitions. */
const REPETITION = 1.5;
/** Its rare words are names rather than topics: what rarity's exponent loses. */
const RARITY_LOSS = 0.75;
/** Best answers that are believed, the terms taken of them, and what these weigh against the query's own. */
const FEEDBACK_DOCUMENTS = 15;
const FEEDBACK_TERMS = 20;
const FEEDBACK_WEIGHT = 0.3;
/** A term of more than this share of the documents tells nothing. */
const COMMON = 0.5;

/** 0 for a short query, 1 for a long one. */
export function verbosity(distinct: number): number {
  return Math.min(1, Math.max(0, (distinct - SHORT) / (LONG - SHORT)));
}

/** How a query of this many distinct terms weighs repetition and rarity. */
export function exponents(distinct: number): { repetition: number; damping: number } {
  const long = verbosity(distinct);
  return { repetition: REPETITION * long, damping: 1 - RARITY_LOSS * long };
}

/**
 * The terms that the best answers share, with weights relative to the query's own sum of 1: a relevance model, V. Lavrenko,
 * W. B. Croft, "Relevance based language models", SIGIR 2001, interpolated as RM3.
 *
 * @param best scored documents, best first
 * @param frequencies documents of the namespace that hold a (tagged) term
 */
export function feedbackTerms(
  best: readonly { document: Parsed; score: number }[],
  frequencies: ReadonlyMap<string, number>,
  total: number,
  long: number,
): { key: string; weight: number }[] {
  const top = best.slice(0, FEEDBACK_DOCUMENTS);
  const sum = top.reduce((all, { score }) => all + score, 0);
  if (sum <= 0) return [];
  const model = relevanceModel(top, sum);
  const chosen = [...model]
    .flatMap(([key, share]) => {
      const documents = frequencies.get(key) ?? 0;
      if (documents === 0 || documents > COMMON * total) return [];
      return [{ key, weight: share * rarity(total, documents) }];
    })
    .sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1))
    .slice(0, FEEDBACK_TERMS);
  const all = chosen.reduce((whole, { weight }) => whole + weight, 0);
  return chosen.map(({ key, weight }) => ({ key, weight: (FEEDBACK_WEIGHT * long * weight) / all }));
}

/** The terms that feedback may choose from. */
export function feedbackVocabulary(best: readonly { document: Parsed }[]): string[] {
  const terms = new Set<string>();
  for (const { document } of best.slice(0, FEEDBACK_DOCUMENTS)) for (const term of document.task) terms.add(term);
  terms.delete("");
  return [...terms];
}

function relevanceModel(top: readonly { document: Parsed; score: number }[], sum: number): Map<string, number> {
  const model = new Map<string, number>();
  for (const { document, score } of top) {
    const share = score / sum / Math.max(1, document.task.length);
    for (const term of document.task) if (term !== "") model.set(term, (model.get(term) ?? 0) + share);
  }
  return model;
}
