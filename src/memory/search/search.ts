/**
 * Searches the texts of one namespace: a text goes in, the documents that answer it best come
 * out, with their scores. The work is bounded by the query, not by the store. Pure.
 *
 * @module
 */

import { NO_ABLATIONS, type Ablations } from "../ablations.ts";
import { contentTokens } from "../text/tokens.ts";
import { rarity, scoreDocuments, type DocumentScore, type QueryTerm } from "./bm25f.ts";
import { topCandidates, type WeightedTerm } from "./candidates.ts";
import type { IndexedDocument } from "./document.ts";
import { isVariant, startOf } from "./proximity.ts";
import { queryExponents, queryLength } from "./query-length.ts";
import { spellingOf } from "./spelling.ts";
import type { FoundTerm, TermIndex } from "./inverted/term-index.ts";

/** Distinct terms of a query that count in a score. */
const SCORED_TERMS_MAX = 200;
/** Terms of a query, the rarest, by which documents are found. */
const FINDING_TERMS_MAX = 48;
/** Unknown terms of a query that are taken for misspelt ones, and what a spelling counts. */
const MISSPELT_MAX = 4;
const SPELLING_WEIGHT = 0.7;
/** Terms that are compared to find variants, for all of a query; the terms behind have none. */
const COMPARED_MAX = 50_000;
/** Postings that are read at most: the work does not grow with the store. */
export const POSTINGS_MAX = 4_000;
/** Documents whose score is computed, more only when more are asked for. */
export const CANDIDATES_MAX = 100;
/** Documents that are found for each that is scored. */
const FOUND_PER_SCORED = 3;

export type DocumentKind = "episode" | "pattern";

/** The documents of a namespace, by their numbers in its index. */
export interface SearchedDocuments<D extends FoundDocument = FoundDocument> {
  index: TermIndex;
  /** How many there are. */
  count: (kind: DocumentKind) => number;
  kindOf: (document: number) => DocumentKind;
  /** In their order; without those that are gone. */
  read: (documents: readonly number[]) => D[];
}

export interface FoundDocument {
  kind: DocumentKind;
  id: string;
  document: IndexedDocument;
}

export interface Candidate {
  kind: DocumentKind;
  id: string;
  /** BM25F. */
  score: number;
  /** The score over the highest that any document could have, 0…1. */
  text: number;
  /** The words of the query, as they were asked. */
  matched_terms: string[];
  /** How many terms of the query one of its texts holds as they are, the one with the most. */
  inOneField: number;
  /** It means nearly the same, whatever its words are; absent: that is not known. */
  isMeant?: boolean;
}

export interface SearchOptions {
  /** undefined: both kinds. */
  kind?: DocumentKind;
  /** Documents that may be found, by their numbers; undefined: all. */
  isAdmitted?: ((document: number) => boolean) | undefined;
  /** Documents that are returned at most, ≥ 1. */
  limit: number;
  /** Parts of the score that are left out; by default none is. */
  ablations?: Ablations;
  /** Postings that are read at most; POSTINGS_MAX by default. */
  postings?: number;
  /** Documents whose score is computed; CANDIDATES_MAX by default. */
  candidates?: number;
}

/** A text as one namespace's index knows it: asked for one kind and then for another, once. */
export class Query {
  readonly #index: TermIndex;
  readonly #tokens: readonly Token[];
  #terms: AskedTerm[] | null = null;

  constructor(index: TermIndex, text: string) {
    this.#index = index;
    this.#tokens = tokensOf(text);
  }

  /** Distinct terms of the text. */
  get length(): number {
    return this.#tokens.length;
  }

  /** The terms, looked up, spellings of misspelt ones among them. */
  terms(): readonly AskedTerm[] {
    this.#terms ??= lookedUp(this.#index, this.#tokens);
    return this.#terms;
  }
}

interface Token {
  term: string;
  word: string;
  /** How often the query has it, ≥ 1. */
  times: number;
}

/** A term of a query. */
interface AskedTerm extends Token {
  /**
   * null: no document holds it, nor a term that it may be a misspelling of; variants of it may be
   * held.
   */
  found: FoundTerm | null;
  /** It stands for a misspelt one. */
  isSpelling: boolean;
  documents: number;
  variants: readonly string[];
}

/**
 * The best documents of a namespace for a text, as they were read and with their scores, best
 * first; none when the namespace holds no term of it.
 */
export function findCandidates<D extends FoundDocument>(
  documents: SearchedDocuments<D>,
  query: Query,
  options: SearchOptions,
): (D & Candidate)[] {
  const { kind, limit, isAdmitted = () => true, ablations = NO_ABLATIONS } = options;
  if (query.length === 0) return [];
  const both = documents.count("episode") + documents.count("pattern");
  const stored = kind ? documents.count(kind) : both;
  if (stored === 0) return [];

  // A term is counted in documents of both kinds. Patterns may be few: against their number alone
  // every term would be common.
  const total = kind === "episode" ? stored : both;
  const exponents = queryExponents(ablations.has("recall_query_length") ? 0 : query.length);
  const { indexed, missing, terms } = weighted(query.terms(), total, exponents.repetition);
  if (indexed.length === 0) return [];

  const count = Math.max(options.candidates ?? CANDIDATES_MAX, limit);
  const isWanted = (document: number): boolean =>
    (kind === undefined || documents.kindOf(document) === kind) && isAdmitted(document);
  const finding = [...terms].sort(([a], [b]) => rarestFirst(a, b)).slice(0, FINDING_TERMS_MAX);
  const numbers = topCandidates(
    finding.map(([term, found]): WeightedTerm => ({
      documents: term.documents,
      weight: term.weight * rarity(total, term.documents) ** exponents.damping,
      read: () => found.all().filter(isWanted),
    })),
    FOUND_PER_SCORED * count,
    options.postings ?? POSTINGS_MAX,
  );

  const read = documents.read(numbers.slice(0, count));
  const scores = scoreDocuments(
    read.map(({ document }) => document),
    {
      terms: [...indexed, ...missing],
      total,
      damping: exponents.damping,
      brevity: 1 - queryLength(query.length),
      ablations,
    },
  );
  const scored: { own: D; score: DocumentScore }[] = [];
  for (const [i, own] of read.entries()) {
    const score = scores[i];
    if (score && score.score > 0) scored.push({ own, score });
  }
  return scored
    .sort((a, b) => b.score.score - a.score.score || (a.own.id < b.own.id ? 1 : -1))
    .slice(0, limit)
    .map(({ own, score }) => ({ ...own, ...score }));
}

/** The distinct terms of a text, in its order. */
function tokensOf(query: string): Token[] {
  const byTerm = new Map<string, Token>();
  for (const { term, word } of contentTokens(query)) {
    const token = byTerm.get(term);
    if (token) token.times += 1;
    else byTerm.set(term, { term, word, times: 1 });
  }
  return [...byTerm.values()].slice(0, SCORED_TERMS_MAX);
}

function lookedUp(index: TermIndex, tokens: readonly Token[]): AskedTerm[] {
  const variants = new Variants(index);
  let misspelt = 0;
  return tokens.map((token): AskedTerm => {
    const asked = index.find(token.term);
    const isHeld = asked.documents > 0;
    const spelling = !isHeld && misspelt++ < MISSPELT_MAX ? spellingOf(index, token.term) : null;
    const term = spelling ?? token.term;
    const found = spelling === null ? asked : index.find(spelling);
    return {
      ...token,
      term,
      found: found.documents > 0 ? found : null,
      isSpelling: spelling !== null,
      documents: found.documents,
      variants: variants.of(term),
    };
  });
}

/** Finds the variants of a query's terms; what begins alike is looked up once. */
class Variants {
  readonly #index: TermIndex;
  readonly #alike = new Map<string, readonly string[]>();
  #left = COMPARED_MAX;

  constructor(index: TermIndex) {
    this.#index = index;
  }

  of(term: string): string[] {
    if (this.#left <= 0 || !/^[a-z]{4}/.test(term)) return [];
    const start = startOf(term);
    const alike = this.#alike.get(start) ?? [...this.#index.beginningWith(start)];
    this.#alike.set(start, alike);
    this.#left -= alike.length;
    return alike.filter((other) => isVariant(term, other));
  }
}

/**
 * The terms of a query as they are scored: those that documents hold, the rarest first and
 * spellings of misspelt ones behind them, and those that none holds, which lower how well a
 * document answers.
 */
function weighted(
  asked: readonly AskedTerm[],
  total: number,
  repetition: number,
): { indexed: QueryTerm[]; missing: QueryTerm[]; terms: Map<QueryTerm, FoundTerm> } {
  const terms = new Map<QueryTerm, FoundTerm>();
  const [held, spelt, missing]: [QueryTerm[], QueryTerm[], QueryTerm[]] = [[], [], []];
  for (const { term, word, times, found, isSpelling, documents, variants } of asked) {
    const scored: QueryTerm = {
      term,
      word,
      variants,
      documents: Math.min(total, documents),
      weight: isSpelling ? SPELLING_WEIGHT : times ** repetition,
      onceWeight: isSpelling ? SPELLING_WEIGHT : 1,
    };
    if (!found) missing.push(scored);
    else {
      (isSpelling ? spelt : held).push(scored);
      terms.set(scored, found);
    }
  }
  return { indexed: [...held.sort(rarestFirst), ...spelt], missing, terms };
}

function rarestFirst(a: QueryTerm, b: QueryTerm): number {
  return a.documents - b.documents || (a.term < b.term ? -1 : 1);
}
