/**
 * BM25F: how well a document of several weighted fields answers a query, by the counts of one
 * namespace only. S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and
 * beyond", FnTIR 3 (2009), §3. Pure.
 *
 * @module
 */

import type { Ablations } from "../ablations.ts";
import { FIELDS, type Field, type IndexedDocument } from "./document.ts";
import { Occurrences } from "./occurrences.ts";
import { bestWindow } from "./proximity.ts";
import { standoutFactors } from "./standouts.ts";

/**
 * With 0.7 or more for errors the runs that met the same error are found about equally well, of
 * either half of the kinds of coding errors; with more than that, what is found for a task differs.
 */
const FIELD_WEIGHTS: Readonly<Record<Field, number>> = {
  task: 1,
  tags: 0.5,
  outcome: 0.35,
  tools: 0.35,
  errors: 0.7,
  calls: 0.15,
};
/** How slowly repetitions of a term lose their worth; chosen on the labelled sets. */
const K1 = 1.8;
/** How much a field that is longer than the mean counts less; the usual value. */
const B = 0.75;
/** What an occurrence in the first line of a task counts beyond one: it is the task's title. */
const LEAD = 1.5;
/** What an occurrence of a variant of a query term counts: it is seldom the same word. */
const VARIANT = 0.2;
/** Weight of the best window against the terms themselves. */
const PROXIMITY = 0.15;

export interface QueryTerm {
  /** As it is indexed. */
  term: string;
  /** As it was asked. */
  word: string;
  /** Indexed terms that begin like it; see `isVariant`. */
  variants: readonly string[];
  /** Documents of the namespace that hold it. */
  documents: number;
  /**
   * 1; less for a term that a spelling was corrected to, more for one that a long query repeats.
   */
  weight: number;
  /** What it weighs however often the query has it. */
  onceWeight: number;
}

export interface DocumentScore {
  /** BM25F. */
  score: number;
  /** The score over the highest that any document could have, 0…1. */
  text: number;
  matched_terms: string[];
  /** How many terms of the query one of its fields holds as they are, the field with the most. */
  inOneField: number;
}

/** Robertson/Spärck Jones weight of a term: the rarer a term, the more a match means. ≥ 0. */
export function rarity(total: number, documents: number): number {
  return Math.log(1 + (total - documents + 0.5) / (documents + 0.5));
}

/** A query as documents are scored by it. */
export interface ScoredQuery {
  terms: readonly QueryTerm[];
  /** Documents of the namespace. */
  total: number;
  /** Exponent of rarity, 1 for the usual. */
  damping: number;
  /**
   * 1 for a short query, 0 for a description: it is not about what its first words or neighbouring
   * words say, but about what all of them do.
   */
  brevity: number;
  ablations: Ablations;
}

/** For each document, in their order. Linear in the documents' lengths. */
export function scoreDocuments(
  documents: readonly IndexedDocument[],
  query: ScoredQuery,
): DocumentScore[] {
  const scorer = new Scorer(query, meanLengths(documents));
  const scored = documents.map((document) => scorer.score(document));
  const length = query.ablations.has("recall_query_length") ? 0 : 1 - query.brevity;
  if (length <= 0) return scored.map(({ plain: _plain, ...score }) => score);

  const factors = standoutFactors(
    scored.map(({ plain }) => plain),
    length,
  );
  return scored.map(({ score, text, plain: _plain, ...more }, i) => {
    const factor = factors[i] ?? 1;
    return { ...more, score: factor * score, text: Math.min(1, factor * text) };
  });
}

/** Of each field over the documents; at least 1. */
function meanLengths(documents: readonly IndexedDocument[]): number[] {
  return FIELDS.map((_, f) => {
    const sum = documents.reduce((all, { fields }) => all + (fields[f]?.length ?? 0), 0);
    return Math.max(1, sum / Math.max(1, documents.length));
  });
}

class Scorer {
  readonly #terms: readonly QueryTerm[];
  readonly #weights: readonly number[];
  /** The same with rarity in full. */
  readonly #plainWeights: readonly number[];
  readonly #means: readonly number[];
  /** Weight of terms that stand together, and of an occurrence in the first line. */
  readonly #proximity: number;
  readonly #lead: number;
  /** The highest score that a document could have. */
  readonly #ideal: number;
  readonly #occurrences: Occurrences;

  constructor({ terms, total, damping, brevity, ablations }: ScoredQuery, means: number[]) {
    this.#terms = terms;
    this.#means = means;
    this.#proximity = ablations.has("recall_proximity") ? 0 : brevity * PROXIMITY;
    this.#lead = ablations.has("recall_lead") ? 0 : brevity * LEAD;
    this.#weights = terms.map(
      ({ documents, weight }) => weight * rarity(total, documents) ** damping,
    );
    this.#plainWeights = terms.map(
      ({ documents, onceWeight }) => onceWeight * rarity(total, documents),
    );
    this.#ideal = this.#weights.reduce((sum, weight) => sum + weight, 0) * (1 + this.#proximity);
    this.#occurrences = new Occurrences(terms, !ablations.has("recall_variants"));
  }

  score(document: IndexedDocument): DocumentScore & { plain: number } {
    const { frequencies, together, inOneField } = this.#read(document);
    let [score, plain] = [0, 0];
    const matched = new Set<string>();
    for (let t = 0; t < frequencies.length; t++) {
      const frequency = frequencies[t] ?? 0;
      if (frequency === 0) continue;
      const saturated = frequency / (K1 + frequency);
      score += (this.#weights[t] ?? 0) * saturated;
      plain += (this.#plainWeights[t] ?? 0) * saturated;
      matched.add(this.#terms[t]?.word ?? "");
    }
    if (score > 0) score += this.#proximity * together;

    const text = this.#ideal > 0 ? score / this.#ideal : 0;
    return { score, plain, text, matched_terms: [...matched], inOneField };
  }

  /**
   * How often each term occurs in the fields, each weighted and brought to the mean length, the
   * weight of the terms that stand together in the task, and how many one field holds.
   */
  #read({ fields, lead }: IndexedDocument): {
    frequencies: Float64Array;
    together: number;
    inOneField: number;
  } {
    const frequencies = new Float64Array(this.#terms.length);
    let [together, inOneField] = [0, 0];
    for (let f = 0; f < FIELDS.length; f++) {
      const hashes = fields[f];
      const field = FIELDS[f];
      if (!field || !hashes || hashes.length === 0) continue;
      const isTask = field === "task";
      this.#occurrences.read(hashes, isTask && this.#lead > 0 ? lead : 0);
      const { exact, variants, leads, touched } = this.#occurrences;
      if (touched.length === 0) continue;

      const relative = hashes.length / (this.#means[f] ?? 1);
      const share = FIELD_WEIGHTS[field] / (1 - B + B * relative);
      let held = 0;
      for (const t of touched) {
        if (exact[t]) held += 1;
        const count = (exact[t] ?? 0) + VARIANT * (variants[t] ?? 0) + this.#lead * (leads[t] ?? 0);
        frequencies[t] = (frequencies[t] ?? 0) + share * count;
      }
      inOneField = Math.max(inOneField, held);
      if (isTask && this.#proximity > 0) {
        const { places, termsAt } = this.#occurrences;
        together = bestWindow(places, termsAt, this.#weights);
      }
    }
    return { frequencies, together, inOneField };
  }
}
