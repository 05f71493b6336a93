/**
 * Which documents are worth scoring: those that hold the most of a query, by the lists of its
 * terms, the rarest first. Reading stops when no document that has not been seen yet could still be
 * among them, so that the work is bounded by the query and not by the store: H. Turtle, J. Flood,
 * "Query evaluation: strategies and optimizations", IPM 31 (1995).
 *
 * @module
 */

import type { SqlReader } from "../sql.ts";

/** Documents of the lists that are read at once, before it is looked whether more are needed. */
const ROUND = 2_000;

export interface Listed {
  /** As it is in the index. */
  key: string;
  /** Documents that hold it. */
  documents: number;
  /** What a document gains by holding it, ≥ 0. */
  weight: number;
}

/**
 * Row numbers in the index, the most promising first. Terms whose lists do not fit into the bound
 * are not looked for: a document that has none but those has only common words of the query. When
 * even the rarest term is everywhere, the newest of its documents are looked at.
 *
 * @param terms the rarest first
 * @param most documents that are wanted; those behind them are as they were found
 * @param bound documents that the lists which are read may have together
 * @param known lists that were read for the same query before
 */
export async function topCandidates(
  reader: SqlReader,
  terms: readonly Listed[],
  most: number,
  bound: number,
  known: Map<string, readonly number[]> = new Map(),
): Promise<number[]> {
  const readable = fitting(terms, bound);
  const held = new Held();
  let unread = readable.reduce((sum, { weight }) => sum + weight, 0);
  for (let next = 0; next < readable.length && held.leastOf(most) < unread;) {
    const round = readable.slice(next, next + roundOf(readable.slice(next)));
    next += round.length;
    await read(
      reader,
      round.flatMap(({ key }) => (known.has(key) ? [] : [key])),
      bound,
      known,
    );
    for (const { key, weight } of round) {
      for (const docid of known.get(key) ?? []) held.add(docid, weight);
      unread -= weight;
    }
  }
  return held.ordered(most);
}

/** What each document that was seen holds. */
class Held {
  readonly #places = new Map<number, number>();
  readonly #docids: number[] = [];
  readonly #values: number[] = [];

  add(docid: number, weight: number): void {
    const place = this.#places.get(docid);
    if (place === undefined) {
      this.#places.set(docid, this.#docids.length);
      this.#docids.push(docid);
      this.#values.push(weight);
    } else this.#values[place] = (this.#values[place] ?? 0) + weight;
  }

  /** What the last of so many documents holds; 0 while there are fewer. */
  leastOf(most: number): number {
    const { length } = this.#values;
    return length < most ? 0 : (Float64Array.from(this.#values).sort()[length - most] ?? 0);
  }

  /**
   * The best of so many in order, the others behind them as they were found: most of what was found
   * is not wanted, and putting it in order takes longer than finding it.
   */
  ordered(most: number): number[] {
    const least = this.leastOf(most);
    const wanted: number[] = [];
    const others: number[] = [];
    for (const [place, value] of this.#values.entries())
      (value >= least ? wanted : others).push(place);
    const [docids, values] = [this.#docids, this.#values];
    wanted.sort(
      (a, b) => (values[b] ?? 0) - (values[a] ?? 0) || (docids[b] ?? 0) - (docids[a] ?? 0),
    );
    return [...wanted, ...others].map((place) => docids[place] ?? 0);
  }
}

/** Puts the lists of these terms, the newest documents of each, with those that are known. */
async function read(
  reader: SqlReader,
  keys: readonly string[],
  bound: number,
  known: Map<string, readonly number[]>,
): Promise<void> {
  if (keys.length === 0) return;
  const lists = await reader.all<{ docids: string | null }>(
    `SELECT (SELECT group_concat(docid) FROM
        (SELECT rowid AS docid FROM search_index WHERE search_index MATCH term.value ORDER BY rowid DESC LIMIT ?)) AS docids
      FROM json_each(?) term ORDER BY term.key`,
    bound,
    JSON.stringify(keys.map((key) => `"${key}"`)),
  );
  for (const [i, key] of keys.entries())
    known.set(key, lists[i]?.docids?.split(",").map(Number) ?? []);
}

/** The rarest terms whose lists fit into the bound together, and one at least. */
function fitting(terms: readonly Listed[], bound: number): Listed[] {
  let sum = 0;
  return terms.filter(({ documents }, i) => {
    sum += documents;
    return i === 0 || sum <= bound;
  });
}

/** How many of the first terms are read at once. */
function roundOf(terms: readonly Listed[]): number {
  let sum = 0;
  const over = terms.findIndex(({ documents }, i) => {
    sum += documents;
    return i > 0 && sum > ROUND;
  });
  return over < 0 ? terms.length : over;
}
