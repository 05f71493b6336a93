/**
 * What an unknown word of a query may have been meant as: trigrams find the documents, edit
 * distance confirms the word.
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
import { documentFrequencies } from "./statistics.ts";
import type { Row, SqlReader } from "../sql.ts";

/**
 * Documents that are looked at for a term that may have been meant: by id, so that the order they
 * came in does not tell.
 */
const GUESS_DOCUMENTS = 30;
/** Documents, the newest, that these are chosen from: the work does not grow with the store. */
const GUESS_POSTINGS = 500;
/** Trigrams that one error spoils, two letters that were swapped, less one. */
const SPOILT_BY_ERROR = 3;
/** What a guessed term counts. */
const GUESS_WEIGHT = 0.7;

/**
 * Runs of trigrams, apart so far that one error spoils one run at most: a term with no more errors
 * than are forgiven has one of the runs whole. A run is in few documents, its trigrams one by one
 * are in most.
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

/**
 * Known terms that unknown ones may have been meant as.
 *
 * @param total documents that a term can be in
 * @param known what these were taken for before; null: for nothing. What is found is put there
 */
export async function spellingVariants(
  reader: SqlReader,
  tag: string,
  namespace: string,
  unknown: readonly QueryTerm[],
  total: number,
  known = new Map<string, QueryTerm | null>(),
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
    // In this order, and by row number: SQLite's own choice goes through the whole namespace, which
    // grows.
    const rows = await reader.all<Row>(
      `SELECT ${FIELDS.join(", ")} FROM search_docs WHERE docid IN (
        SELECT d.docid FROM
          (SELECT rowid AS docid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?) found
          CROSS JOIN search_docs d ON d.docid = found.docid
        WHERE +d.namespace = ? ORDER BY d.id DESC LIMIT ?)`,
      `trigrams : (${runs.join(" OR ")})`,
      GUESS_POSTINGS,
      namespace,
      GUESS_DOCUMENTS,
    );
    const prefix = taggedTerm(tag, "");
    const vocabulary = new Set(
      rows.flatMap((row) => FIELDS.flatMap((field) => String(row[field]).split(" "))),
    );
    let nearest: { term: string; distance: number } | null = null;
    for (const tagged of vocabulary) {
      const candidate = tagged.slice(prefix.length);
      const distance = editDistance(term, candidate, forgiven);
      if (
        distance <= forgiven &&
        (!nearest ||
          distance < nearest.distance ||
          (distance === nearest.distance && candidate < nearest.term))
      ) {
        nearest = { term: candidate, distance };
      }
    }
    if (!nearest) continue;
    const documents =
      (await documentFrequencies(reader, tag, [nearest.term])).get(nearest.term) ?? 1;
    const guessed = { term: nearest.term, word, documents, weight: GUESS_WEIGHT };
    known.set(term, guessed);
    guesses.push({ ...guessed, documents: Math.min(total, documents) });
  }
  return guesses;
}
