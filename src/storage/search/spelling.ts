/**
 * Finds the indexed term that a misspelt one of a query is probably meant as: the index finds
 * documents that share enough trigrams with it, and of their terms the one with the least edit
 * distance is taken. A term that is too short to be recognised with an error in it gets no
 * spelling.
 *
 * @module
 */

import {
  editDistance,
  errorsForgiven,
  FIELDS,
  taggedTerm,
  taggedTrigram,
  trigrams,
  type QueryTerm,
} from "../../memory/text/index.ts";
import { documentFrequencies, type SearchIndex } from "./statistics.ts";
import type { Row } from "../sql.ts";

/**
 * Documents whose terms are compared with a misspelt one: chosen by id, so that the order in which
 * they were indexed changes nothing.
 */
const COMPARED_DOCUMENTS = 30;
/** The newest documents with the trigrams, of which these are chosen: the store may grow. */
const NEWEST_DOCUMENTS = 500;
/** Trigrams that one error spoils (two swapped letters: 4), less one. */
const SPOILT_BY_ERROR = 3;
/** What a spelling counts in a query, where a term that was asked for counts 1. */
const SPELLING_WEIGHT = 0.7;

/** By a misspelt term: what it is taken for; null: for nothing. */
export type Spellings = Map<string, QueryTerm | null>;

/**
 * Indexed terms that these are taken for, each with the word that was asked.
 *
 * @param misspelt terms that no document of the namespace holds
 * @param total documents that a term can be in at most
 * @param memo filled with what was found, and read before anything is searched
 */
export async function spellingsOf(
  index: SearchIndex,
  misspelt: readonly QueryTerm[],
  total: number,
  memo: Spellings = new Map(),
): Promise<QueryTerm[]> {
  const spellings: QueryTerm[] = [];
  for (const asked of misspelt) {
    let spelling = memo.get(asked.term);
    if (spelling === undefined) {
      spelling = await spellingOf(index, asked);
      memo.set(asked.term, spelling);
    }
    if (spelling) {
      spellings.push({ ...spelling, documents: Math.min(total, spelling.documents) });
    }
  }
  return spellings;
}

async function spellingOf(
  index: SearchIndex,
  { term, word }: QueryTerm,
): Promise<QueryTerm | null> {
  const forgiven = errorsForgiven(term.length);
  if (forgiven === 0) return null;

  const nearest = nearestOf(term, await termsLike(index, term, forgiven), forgiven);
  if (nearest === null) return null;

  const frequencies = await documentFrequencies({ ...index, statistics: undefined }, [nearest]);
  const documents = frequencies.get(nearest) ?? 1;
  return { term: nearest, word, documents, weight: SPELLING_WEIGHT };
}

/** The terms of documents that hold a part of this one without an error. */
async function termsLike(
  { reader, tag, namespace }: SearchIndex,
  term: string,
  forgiven: number,
): Promise<Set<string>> {
  const runs = intactRuns(trigrams(term), forgiven).map(
    (run) => `(${run.map((gram) => `"${taggedTrigram(tag, gram)}"`).join(" AND ")})`,
  );

  // CROSS JOIN and + keep this order, by row number: SQLite's own choice would go through the whole
  // namespace, which grows.
  const rows = await reader.all<Row>(
    `SELECT ${FIELDS.join(", ")} FROM search_docs WHERE docid IN (
      SELECT d.docid FROM
        (SELECT rowid AS docid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?) newest
        CROSS JOIN search_docs d ON d.docid = newest.docid
      WHERE +d.namespace = ? ORDER BY d.id DESC LIMIT ?)`,
    `trigrams : (${runs.join(" OR ")})`,
    NEWEST_DOCUMENTS,
    namespace,
    COMPARED_DOCUMENTS,
  );

  const prefix = taggedTerm(tag, "");
  const tagged = rows.flatMap((row) => FIELDS.flatMap((field) => String(row[field]).split(" ")));
  return new Set(tagged.map((own) => own.slice(prefix.length)));
}

/**
 * Runs of trigrams, so far apart that one error spoils at most one of them: a term with no more
 * errors than are forgiven has one run whole. Few documents hold a run, most hold each trigram.
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

/** The candidate with the fewest errors, of equals the first in the alphabet; null: none is near. */
function nearestOf(term: string, candidates: Iterable<string>, forgiven: number): string | null {
  let nearest: string | null = null;
  let least = forgiven;
  for (const candidate of candidates) {
    const distance = editDistance(term, candidate, forgiven);
    if (distance > least) continue;
    if (distance < least || nearest === null || candidate < nearest) nearest = candidate;
    least = distance;
  }
  return nearest;
}
