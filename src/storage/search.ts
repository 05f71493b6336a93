/**
 * Full-text search, with the same statements in an instance and in the database, and hence the same ranking.
 *
 * @module
 */

import {
  editDistance,
  errorsForgiven,
  FIELDS,
  queryTokens,
  scoreDocuments,
  taggedTerm,
  taggedTrigram,
  trigrams,
  type Candidate,
  type Indexed,
  type QueryTerm,
} from "../memory/text/index.ts";
import type { SearchStatistics } from "./search-statistics.ts";
import type { Row, SqlReader } from "./sql.ts";

/** Terms of a query that are looked up; the rarest count first. */
const TERMS_MAX = 48;
/** Documents whose score is computed, for each that is wanted: the index ranks a little otherwise. */
const SCORED_SHARE = 1.5;
/**
 * Documents that are looked at to find those. What is common in a store says little of a document and is in most of
 * them: the rarest terms find the candidates, and every term scores them.
 */
const POSTINGS_MAX = 3_000;
/** Unknown terms that are taken for typing errors. */
const GUESSED_MAX = 4;
/** Documents, the newest, that are looked at for a term that may have been meant. */
const GUESS_DOCUMENTS = 30;
/** Trigrams that one error spoils, two letters that were swapped, less one. */
const SPOILT_BY_ERROR = 3;
/** What a guessed term counts. */
const GUESS_WEIGHT = 0.7;

export interface SearchOptions {
  kind?: "episode" | "pattern";
  limit: number;
  /** Counts of lately, of the same engine; by default everything is counted. */
  statistics?: SearchStatistics;
  /** What unknown terms of this query were taken for, when it was asked before. */
  guesses?: Map<string, QueryTerm | null>;
  /** Documents that are looked at, instead of the usual bound: without one, the ranking is not pruned. */
  postings?: number;
}

/**
 * The best documents of a namespace for a text, best first; none when no term of it is known.
 * Query text is never query syntax: only terms that we made reach the index.
 */
export async function findCandidates(
  reader: SqlReader,
  tag: string,
  namespace: string,
  query: string,
  { kind, limit, statistics, guesses = new Map<string, QueryTerm | null>(), postings = POSTINGS_MAX }: SearchOptions,
): Promise<Candidate[]> {
  const tokens = queryTokens(query);
  if (tokens.length === 0) return [];
  const total = await countDocuments(reader, namespace, kind, statistics);
  if (total === 0) return [];
  const frequencies = await documentFrequencies(
    reader,
    tag,
    tokens.map((token) => token.term),
    statistics,
  );
  const terms = tokens.map(({ term, word }): QueryTerm => ({
    term,
    word,
    documents: Math.min(total, frequencies.get(term) ?? 0),
    weight: 1,
  }));
  const known = terms.filter((term) => term.documents > 0);
  const unknown = terms.filter((term) => term.documents === 0);
  const guessed = await guess(reader, tag, namespace, unknown.slice(0, GUESSED_MAX), total, guesses);
  const rarest = known.sort((a, b) => a.documents - b.documents).slice(0, TERMS_MAX);
  const asked = [...rarest, ...guessed].sort((a, b) => a.documents - b.documents);
  if (asked.length === 0) return [];
  const finding = selective(asked, postings);
  const match = `{${FIELDS.join(" ")}} : (${finding.map(({ term }) => `"${taggedTerm(tag, term)}"`).join(" OR ")})`;
  // When even the rarest is everywhere, the newest of its documents are looked at.
  const rows = await reader.all<Row>(
    `SELECT d.kind, d.id, ${FIELDS.map((field) => `d.${field}`).join(", ")}, d.lengths
      FROM (SELECT k.docid FROM
          (SELECT rowid AS docid, bm25(search_index, 3.0, 1.5, 1.0, 1.0, 1.0, 0.0) AS rank FROM search_index
            WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?) found
          JOIN search_docs k ON k.docid = found.docid
          WHERE k.namespace = ?${kind ? " AND k.kind = ?" : ""}
          ORDER BY found.rank, k.id LIMIT ?) best
        JOIN search_docs d ON d.docid = best.docid`,
    match,
    postings,
    namespace,
    ...(kind ? [kind] : []),
    Math.ceil(limit * SCORED_SHARE),
  );
  // What no document holds still lowers how well the query is answered.
  const missing = unknown.filter((term) => !guessed.some((other) => other.word === term.word));
  return scoreDocuments(rows as unknown as Indexed[], [...asked, ...missing], total, tag)
    .filter((candidate) => candidate.score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/**
 * Runs of trigrams, apart so far that one error spoils one run at most: a term with no more errors than are forgiven has
 * one of the runs whole. A run is in few documents, its trigrams one by one are in most.
 */
function intactRuns(grams: readonly string[], forgiven: number): string[][] {
  const parts = forgiven + 1;
  const gap = Math.min(SPOILT_BY_ERROR, Math.floor((grams.length - parts) / forgiven));
  const length = Math.floor((grams.length - forgiven * gap) / parts);
  return Array.from({ length: parts }, (_, i) => {
    const from = i * (length + gap);
    return grams.slice(from, i === forgiven ? undefined : from + length);
  });
}

async function countDocuments(
  reader: SqlReader,
  namespace: string,
  kind: SearchOptions["kind"],
  statistics?: SearchStatistics,
): Promise<number> {
  const what = `documents ${namespace} ${kind ?? ""}`;
  const known = statistics?.known(what) ?? null;
  if (known !== null) return known;
  const [count] = await reader.all<{ n: number }>(
    `SELECT count(*) AS n FROM search_docs WHERE namespace = ?${kind ? " AND kind = ?" : ""}`,
    namespace,
    ...(kind ? [kind] : []),
  );
  statistics?.keep(what, count?.n ?? 0);
  return count?.n ?? 0;
}

/** The rarest terms, given in that order, whose documents are together no more than so many; the rarest in any case. */
function selective(terms: readonly QueryTerm[], most: number): QueryTerm[] {
  let documents = 0;
  const chosen = terms.filter((term, i) => {
    documents += term.documents;
    return i === 0 || documents <= most;
  });
  return chosen;
}

async function documentFrequencies(
  reader: SqlReader,
  tag: string,
  terms: readonly string[],
  statistics?: SearchStatistics,
): Promise<Map<string, number>> {
  const prefix = taggedTerm(tag, "");
  const found = new Map<string, number>();
  const unknown = terms.filter((term) => {
    const known = statistics?.known(prefix + term) ?? null;
    if (known !== null) found.set(term, known);
    return known === null;
  });
  if (unknown.length === 0) return found;
  const rows = await reader.all<{ term: string; doc: number }>(
    "SELECT term, doc FROM search_terms WHERE term IN (SELECT value FROM json_each(?))",
    JSON.stringify(unknown.map((term) => prefix + term)),
  );
  for (const { term, doc } of rows) {
    statistics?.keep(term, doc);
    found.set(term.slice(prefix.length), doc);
  }
  return found;
}

/** Known terms that unknown ones may have been meant as: trigrams find them, edit distance confirms. */
async function guess(
  reader: SqlReader,
  tag: string,
  namespace: string,
  unknown: readonly QueryTerm[],
  total: number,
  known: Map<string, QueryTerm | null>,
): Promise<QueryTerm[]> {
  const guesses: QueryTerm[] = [];
  for (const { term, word } of unknown) {
    const forgiven = errorsForgiven(term.length);
    if (forgiven === 0) continue;
    const before = known.get(term);
    if (before) guesses.push({ ...before, documents: Math.min(total, before.documents) });
    if (before !== undefined) continue;
    known.set(term, null);
    const runs = intactRuns(trigrams(term), forgiven).map(
      (run) => `(${run.map((gram) => `"${taggedTrigram(tag, gram)}"`).join(" AND ")})`,
    );
    const rows = await reader.all<Row>(
      `SELECT ${FIELDS.map((field) => `d.${field}`).join(", ")}
        FROM (SELECT rowid AS docid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?) found
        JOIN search_docs d ON d.docid = found.docid WHERE d.namespace = ?`,
      `trigrams : (${runs.join(" OR ")})`,
      GUESS_DOCUMENTS,
      namespace,
    );
    const prefix = taggedTerm(tag, "");
    const vocabulary = new Set(rows.flatMap((row) => FIELDS.flatMap((field) => String(row[field]).split(" "))));
    let nearest: { term: string; distance: number } | null = null;
    for (const tagged of vocabulary) {
      const candidate = tagged.slice(prefix.length);
      const distance = editDistance(term, candidate, forgiven);
      if (
        distance <= forgiven &&
        (!nearest || distance < nearest.distance || (distance === nearest.distance && candidate < nearest.term))
      ) {
        nearest = { term: candidate, distance };
      }
    }
    if (!nearest) continue;
    const documents = (await documentFrequencies(reader, tag, [nearest.term])).get(nearest.term) ?? 1;
    const guessed = { term: nearest.term, word, documents, weight: GUESS_WEIGHT };
    known.set(term, guessed);
    guesses.push({ ...guessed, documents: Math.min(total, documents) });
  }
  return guesses;
}
