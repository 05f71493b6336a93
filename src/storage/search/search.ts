/**
 * Full-text search, with the same statements in an instance and in the database, and hence the same
 * ranking.
 *
 * @module
 */

import {
  contentTokens,
  FIELDS,
  queryExponents,
  queryLength,
  rarity,
  scoreDocuments,
  taggedTerm,
  type Candidate,
  type Indexed,
  type QueryTerm,
} from "../../memory/text/index.ts";
import { NO_ABLATIONS, type Ablations } from "../../memory/ablations.ts";
import { spellingVariants } from "./spelling.ts";
import { topCandidates, type Listed } from "./postings.ts";
import { countDocuments, documentFrequencies, type SearchStatistics } from "./statistics.ts";
import { readByKeys } from "../slices.ts";
import type { Row, SqlReader } from "../sql.ts";

/** Terms of a query that find candidates; the rarest first. */
const TERMS_MAX = 48;
/**
 * Documents that the lists of terms which are read may have together: the work does not grow with
 * the store.
 */
export const POSTINGS_MAX = 4_000;
/** Terms of a query that count in their scores. */
const SCORED_MAX = 200;
/** Documents whose score is computed, more only when more are asked for. */
export const CANDIDATES_MAX = 100;
/** Documents that lists are read for, for each that is scored. */
const KINDS = 3;
/**
 * Where documents of the other kind are among the best, so many times as many are looked at next.
 */
const WIDER = 4;
/**
 * A kind with no more documents than this for each that was found is told by its list, any other by
 * the rows.
 */
const FEW = 4;
/** Rows that are looked at when most of them are of the other kind. */
const LOOKED_AT_MAX = 1_000;
/** Unknown terms that are taken for typing errors. */
const GUESSED_MAX = 4;

export interface SearchOptions {
  kind?: "episode" | "pattern";
  limit: number;
  /** Parts of the score that are left out; by default none is. */
  ablations?: Ablations;
  /** Counts of lately, of the same engine; by default everything is counted. */
  statistics?: SearchStatistics;
  /** What unknown terms of this query were taken for, when it was asked before. */
  guesses?: Map<string, QueryTerm | null>;
  /** Bound on the documents of the lists that are read; see POSTINGS_MAX. */
  postings?: number;
  /** How many documents hold the terms of this query, when it was asked before. */
  frequencies?: Map<string, number>;
  /** Lists of terms that were read for this query before. */
  lists?: Map<string, readonly number[]>;
  /** Documents whose score is computed; see CANDIDATES_MAX. */
  candidates?: number;
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
  options: SearchOptions,
): Promise<Candidate[]> {
  const { kind, limit, ablations = NO_ABLATIONS, postings = POSTINGS_MAX, statistics } = options;
  const repeated = Map.groupBy(contentTokens(query), (token) => token.term);
  const tokens = [...repeated.values()].flatMap(([token]) => token ?? []).slice(0, SCORED_MAX);
  if (tokens.length === 0) return [];
  const { repetition, damping } = queryExponents(
    ablations.has("recall_query_length") ? 0 : tokens.length,
  );
  const count = await countDocuments(reader, namespace, kind, statistics);
  if (count === 0) return [];
  // A term's frequency is that of both kinds, and patterns may be few: among themselves every term
  // would be common.
  const total =
    kind === "pattern" ? await countDocuments(reader, namespace, undefined, statistics) : count;
  const frequencies = options.frequencies ?? new Map<string, number>();
  if (frequencies.size === 0) {
    const words = tokens.map((token) => token.term);
    for (const [term, n] of await documentFrequencies(reader, tag, words, statistics))
      frequencies.set(term, n);
  }
  const terms = tokens.map(({ term, word }): QueryTerm => ({
    term,
    word,
    documents: Math.min(total, frequencies.get(term) ?? 0),
    weight: (repeated.get(term)?.length ?? 1) ** repetition,
  }));
  const known = terms.filter((term) => term.documents > 0);
  const unknown = terms.filter((term) => term.documents === 0);
  const guessed = await spellingVariants(
    reader,
    tag,
    namespace,
    unknown.slice(0, GUESSED_MAX),
    total,
    options.guesses,
  );
  const scored = [
    ...known.sort((a, b) => a.documents - b.documents || (a.term < b.term ? -1 : 1)),
    ...guessed,
  ];
  if (scored.length === 0) return [];
  const weight = ({ documents, weight: own }: QueryTerm): number =>
    own * rarity(total, documents) ** damping;
  const listed = [...scored]
    .sort((a, b) => a.documents - b.documents || (a.term < b.term ? -1 : 1))
    .slice(0, TERMS_MAX)
    .map((term): Listed => ({
      key: taggedTerm(tag, term.term),
      documents: term.documents,
      weight: weight(term),
    }));
  const most = Math.max(options.candidates ?? CANDIDATES_MAX, limit);
  // Some of them may be of the other kind.
  const docids = await topCandidates(reader, listed, KINDS * most, postings, options.lists);
  const documents = await documentsAt(reader, docids, namespace, kind, most, count);
  // What no document holds still lowers how well the query is answered.
  const missing = unknown.filter((term) => !guessed.some((other) => other.word === term.word));
  const ranked = scoreDocuments(documents, {
    terms: [...scored, ...missing],
    total,
    tag,
    damping,
    brevity: 1 - queryLength(tokens.length),
    ablations,
  });
  return best(ranked).slice(0, limit);
}

/**
 * The first documents of this kind among these rows. Patterns are in the same index: some rows may
 * be of the other kind.
 *
 * @param count documents of this kind
 */
async function documentsAt(
  reader: SqlReader,
  docids: readonly number[],
  namespace: string,
  kind: SearchOptions["kind"],
  most: number,
  count: number,
): Promise<Indexed[]> {
  const few = count <= FEW * docids.length;
  // Most of what is found are episodes: only for patterns it is worth it to ask at once which rows
  // are theirs.
  let left = kind === "pattern" && few ? await ofKind(reader, docids, namespace, kind) : docids;
  const found: Indexed[] = [];
  const bound = Math.max(most, LOOKED_AT_MAX);
  for (
    let looked = 0, next = most;
    left.length > 0 && found.length < most && looked < bound;
    next *= WIDER
  ) {
    const now = left.slice(0, Math.min(next, bound - looked));
    found.push(...(await rowsAt(reader, now, namespace, kind)));
    left = left.slice(now.length);
    if (kind === "episode" && few && looked === 0 && found.length < most) {
      left = await ofKind(reader, left, namespace, kind);
    }
    looked += now.length;
  }
  return found.slice(0, most);
}

/** Those of these rows that are of this namespace and kind. */
async function rowsAt(
  reader: SqlReader,
  docids: readonly number[],
  namespace: string,
  kind: SearchOptions["kind"],
): Promise<Indexed[]> {
  const columns = ["kind", "id", ...FIELDS, "lengths"];
  if (!reader.isLocal) {
    const rows = await readByKeys(reader, {
      name: "search_docs",
      namespace,
      column: "docid",
      ids: docids,
      select: columns.map((column) => `t.${column}`).join(", "),
      counted: FIELDS,
    });
    return rows.filter((row) => kind === undefined || row["kind"] === kind) as unknown as Indexed[];
  }
  // By row number: with an index of its own choice SQLite goes through the whole namespace, which
  // grows.
  const rows = await reader.all<Row>(
    `SELECT ${columns.join(", ")} FROM search_docs
      WHERE docid IN (SELECT value FROM json_each(?)) AND +namespace = ?${kind ? " AND +kind = ?" : ""}`,
    JSON.stringify(docids),
    namespace,
    ...(kind ? [kind] : []),
  );
  return rows as unknown as Indexed[];
}

/**
 * Those of these rows that are of this kind, in their order. Goes through all documents of the
 * kind.
 */
async function ofKind(
  reader: SqlReader,
  docids: readonly number[],
  namespace: string,
  kind: string,
): Promise<number[]> {
  const rows = await reader.all<{ docid: number }>(
    "SELECT docid FROM search_docs WHERE namespace = ? AND kind = ?",
    namespace,
    kind,
  );
  const all = new Set(rows.map(({ docid }) => docid));
  return docids.filter((docid) => all.has(docid));
}

function best(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter((candidate) => candidate.score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1));
}
