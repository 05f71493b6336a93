/**
 * Searches the texts of one namespace: a text goes in, the documents that answer it best come
 * out, with their scores. The same statements run in an instance and in the database, so both
 * rank alike. The work is bounded by the query, not by the store.
 *
 * @module
 */

import {
  contentTokens,
  queryExponents,
  queryLength,
  rarity,
  scoreDocuments,
  taggedTerm,
  type Candidate,
  type QueryTerm,
} from "../../memory/text/index.ts";
import { NO_ABLATIONS, type Ablations } from "../../memory/ablations.ts";
import type { SqlReader } from "../sql.ts";
import { topCandidates, type PostingsLists, type WeightedTerm } from "./postings.ts";
import { documentsAt, type DocumentKind } from "./rows.ts";
import { spellingsOf, type Spellings } from "./spelling.ts";
import {
  countDocuments,
  documentFrequencies,
  type SearchIndex,
  type SearchStatistics,
} from "./statistics.ts";

/** Distinct terms of a query that count in a score. */
const SCORED_TERMS_MAX = 200;
/** Terms of a query, the rarest, by which documents are found. */
const FINDING_TERMS_MAX = 48;
/** Unknown terms of a query that are taken for misspelt ones. */
const MISSPELT_MAX = 4;
/** Postings that are read at most: the work does not grow with the store. */
export const POSTINGS_MAX = 4_000;
/** Documents whose score is computed, more only when more are asked for. */
export const CANDIDATES_MAX = 100;
/** Documents that are found for each that is scored: some may be of the other kind. */
const FOUND_PER_SCORED = 3;

export interface SearchOptions {
  /** undefined: both kinds. */
  kind?: DocumentKind;
  /** Documents that are returned at most, ≥ 1. */
  limit: number;
  /** Parts of the score that are left out; by default none is. */
  ablations?: Ablations;
  /** Counts of the last minute, of the same engine; by default everything is counted. */
  statistics?: SearchStatistics;
  /** What the same text was found to be before, in the same engine and namespace. */
  memo?: SearchMemo;
  /** Postings that are read at most; POSTINGS_MAX by default. */
  postings?: number;
  /** Documents whose score is computed; CANDIDATES_MAX by default. */
  candidates?: number;
}

/**
 * What one text was found to be in one engine and namespace. Searching again for another kind with
 * the same memo asks for none of it again.
 */
export class SearchMemo {
  /** By a term: documents that hold it. Empty: not counted yet. */
  readonly frequencies = new Map<string, number>();
  readonly spellings: Spellings = new Map();
  readonly postings: PostingsLists = new Map();
}

/**
 * The best documents of a namespace for a text, best first; none when the namespace holds no term
 * of it. The text is never query syntax: only terms that this code made reach the index. Throws
 * `DatabaseError` when the reader is the database.
 *
 * @param tag the namespace's, see `namespaceTag`
 */
export async function findCandidates(
  reader: SqlReader,
  tag: string,
  namespace: string,
  query: string,
  options: SearchOptions,
): Promise<Candidate[]> {
  const { kind, limit, ablations = NO_ABLATIONS, statistics, memo = new SearchMemo() } = options;
  const index: SearchIndex = { reader, tag, namespace, statistics };
  const tokens = tokensOf(query);
  if (tokens.length === 0) return [];

  const stored = await countDocuments(index, kind);
  if (stored === 0) return [];

  // A term is counted in documents of both kinds. Patterns may be few: against their number alone
  // every term would be common.
  const total = kind === "pattern" ? await countDocuments(index, undefined) : stored;
  const { repetition, damping } = queryExponents(
    ablations.has("recall_query_length") ? 0 : tokens.length,
  );
  const asked = await askedTerms(index, tokens, { total, repetition, memo });
  if (asked.indexed.length === 0) return [];

  const count = Math.max(options.candidates ?? CANDIDATES_MAX, limit);
  const docids = await topCandidates(
    reader,
    findingTerms(asked.indexed, total, damping, tag),
    FOUND_PER_SCORED * count,
    options.postings ?? POSTINGS_MAX,
    memo.postings,
  );
  const documents = await documentsAt(index, docids, { kind, count, stored });
  const scored = scoreDocuments(documents, {
    terms: [...asked.indexed, ...asked.missing],
    total,
    tag,
    damping,
    brevity: 1 - queryLength(tokens.length),
    ablations,
  });
  return bestFirst(scored).slice(0, limit);
}

interface Token {
  term: string;
  word: string;
  /** How often the query has it, ≥ 1. */
  times: number;
}

/** The distinct terms of a text, in its order. */
function tokensOf(query: string): Token[] {
  const byTerm = Map.groupBy(contentTokens(query), (token) => token.term);
  return [...byTerm.values()]
    .flatMap((same) => same.slice(0, 1).map((token) => ({ ...token, times: same.length })))
    .slice(0, SCORED_TERMS_MAX);
}

/**
 * The terms of a query: those that documents hold, the rarest first and spellings of misspelt ones
 * behind them, and those that none holds, which lower how well a document answers.
 */
async function askedTerms(
  index: SearchIndex,
  tokens: readonly Token[],
  { total, repetition, memo }: { total: number; repetition: number; memo: SearchMemo },
): Promise<{ indexed: QueryTerm[]; missing: QueryTerm[] }> {
  const { frequencies } = memo;
  if (frequencies.size === 0) {
    const names = tokens.map(({ term }) => term);
    for (const [term, n] of await documentFrequencies(index, names)) frequencies.set(term, n);
  }

  const terms = tokens.map(({ term, word, times }): QueryTerm => ({
    term,
    word,
    documents: Math.min(total, frequencies.get(term) ?? 0),
    weight: times ** repetition,
  }));
  const held = terms.filter(({ documents }) => documents > 0).sort(rarestFirst);
  const unknown = terms.filter(({ documents }) => documents === 0);
  const spelt = await spellingsOf(index, unknown.slice(0, MISSPELT_MAX), total, memo.spellings);
  const missing = unknown.filter(({ word }) => !spelt.some((spelling) => spelling.word === word));
  return { indexed: [...held, ...spelt], missing };
}

function findingTerms(
  terms: readonly QueryTerm[],
  total: number,
  damping: number,
  tag: string,
): WeightedTerm[] {
  return terms
    .toSorted(rarestFirst)
    .slice(0, FINDING_TERMS_MAX)
    .map(({ term, documents, weight }) => ({
      key: taggedTerm(tag, term),
      documents,
      weight: weight * rarity(total, documents) ** damping,
    }));
}

function rarestFirst(a: QueryTerm, b: QueryTerm): number {
  return a.documents - b.documents || (a.term < b.term ? -1 : 1);
}

function bestFirst(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1));
}
