/**
 * Finds the documents that are worth scoring: those whose query terms weigh the most together,
 * by the postings lists of the terms, the rarest first. Reading stops when no document that was
 * not seen yet could still be among them, so the work is bounded by the query and not by the
 * store: H. Turtle, J. Flood, "Query evaluation: strategies and optimizations", IPM 31 (1995).
 *
 * @module
 */

import type { SqlReader } from "../sql.ts";

/** Postings that are read with one statement, before it is decided whether more are needed. */
const POSTINGS_PER_ROUND = 2_000;

export interface WeightedTerm {
  /** As it is in the index, with its tag. */
  key: string;
  /** Documents that hold it. */
  documents: number;
  /** What a document gains by holding it, ≥ 0. */
  weight: number;
}

/** By a term's key: row numbers of documents that hold it, the newest first. */
export type PostingsLists = Map<string, readonly number[]>;

/**
 * Row numbers in the index, the most promising first. A term whose list does not fit into
 * `maxPostings` beside those of rarer ones is not read: a document that has none but such terms has
 * only common words of the query. Of the rarest term the newest documents are taken, however many
 * there are.
 *
 * @param terms the rarest first
 * @param wanted documents that are in order; those behind them are as they were found
 * @param maxPostings documents that the lists which are read may have together
 * @param lists read before anything is asked, and filled with what is asked
 */
export async function topCandidates(
  reader: SqlReader,
  terms: readonly WeightedTerm[],
  wanted: number,
  maxPostings: number,
  lists: PostingsLists = new Map(),
): Promise<number[]> {
  const readable = rarestWithin(terms, maxPostings);
  const accumulators = new Accumulators();
  let unread = readable.reduce((sum, { weight }) => sum + weight, 0);

  for (let next = 0; next < readable.length && accumulators.leastOfTop(wanted) < unread;) {
    const round = readable.slice(next, next + roundLength(readable.slice(next)));
    next += round.length;
    const missing = round.flatMap(({ key }) => (lists.has(key) ? [] : [key]));
    await readLists(reader, missing, maxPostings, lists);

    for (const { key, weight } of round) {
      for (const docid of lists.get(key) ?? []) accumulators.add(docid, weight);
      unread -= weight;
    }
  }
  return accumulators.ranked(wanted);
}

/** The weights of the terms that each document was seen to hold, summed. */
class Accumulators {
  readonly #places = new Map<number, number>();
  readonly #docids: number[] = [];
  readonly #sums: number[] = [];

  add(docid: number, weight: number): void {
    const place = this.#places.get(docid);
    if (place === undefined) {
      this.#places.set(docid, this.#docids.length);
      this.#docids.push(docid);
      this.#sums.push(weight);
    } else this.#sums[place] = (this.#sums[place] ?? 0) + weight;
  }

  /** The sum of the last of the best `count` documents; 0 while there are fewer. */
  leastOfTop(count: number): number {
    const { length } = this.#sums;
    return length < count ? 0 : (Float64Array.from(this.#sums).sort()[length - count] ?? 0);
  }

  /**
   * All documents, the best `count` in order and the others behind them as they were seen: most of
   * them are not wanted, and sorting them takes longer than finding them.
   */
  ranked(count: number): number[] {
    const least = this.leastOfTop(count);
    const best: number[] = [];
    const others: number[] = [];
    for (const [place, sum] of this.#sums.entries()) (sum >= least ? best : others).push(place);

    const [docids, sums] = [this.#docids, this.#sums];
    best.sort((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0) || (docids[b] ?? 0) - (docids[a] ?? 0));
    return [...best, ...others].map((place) => docids[place] ?? 0);
  }
}

/** Adds the lists of these terms, at most `limit` of the newest documents of each. */
async function readLists(
  reader: SqlReader,
  keys: readonly string[],
  limit: number,
  lists: PostingsLists,
): Promise<void> {
  if (keys.length === 0) return;
  const rows = await reader.all<{ docids: string | null }>(
    `SELECT (SELECT group_concat(docid) FROM
        (SELECT rowid AS docid FROM search_index WHERE search_index MATCH term.value ORDER BY rowid DESC LIMIT ?)) AS docids
      FROM json_each(?) term ORDER BY term.key`,
    limit,
    JSON.stringify(keys.map((key) => `"${key}"`)),
  );
  for (const [i, key] of keys.entries()) {
    lists.set(key, rows[i]?.docids?.split(",").map(Number) ?? []);
  }
}

/** The rarest terms whose lists fit into the bound together, and one at least. */
function rarestWithin(terms: readonly WeightedTerm[], maxPostings: number): WeightedTerm[] {
  let sum = 0;
  return terms.filter(({ documents }, i) => {
    sum += documents;
    return i === 0 || sum <= maxPostings;
  });
}

/** How many of the first terms are read with the next statement. */
function roundLength(terms: readonly WeightedTerm[]): number {
  let sum = 0;
  const end = terms.findIndex(({ documents }, i) => {
    sum += documents;
    return i > 0 && sum > POSTINGS_PER_ROUND;
  });
  return end < 0 ? terms.length : end;
}
