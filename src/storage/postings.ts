/**
 * Which documents are worth scoring: those that hold the most of a query, by the lists of its terms, the rarest first.
 * Reading stops when no document that has not been seen yet could still be among them, so that the work is bounded by
 * the query and not by the store: H. Turtle, J. Flood, "Query evaluation: strategies and optimizations", IPM 31 (1995).
 *
 * @module
 */

import type { SqlReader } from "./sql.ts";

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
 * Row numbers in the index, the most promising first. Terms whose lists do not fit into the bound are not looked for:
 * a document that has none but those has only common words of the query. When even the rarest term is everywhere, the
 * newest of its documents are looked at.
 *
 * @param terms the rarest first
 * @param most documents that are wanted; those behind them are as they were found
 * @param bound documents that the lists which are read may have together
 * @param known lists that were read for the same query before
 */
export async function promising(
  reader: SqlReader,
  terms: readonly Listed[],
  most: number,
  bound: number,
  known: Map<string, readonly string[]> = new Map(),
): Promise<number[]> {
  const readable = fitting(terms, bound);
  const held = new Map<number, number>();
  let unread = readable.reduce((sum, { weight }) => sum + weight, 0);
  for (let next = 0; next < readable.length && leastOf(held, most) < unread;) {
    const round = readable.slice(next, next + roundOf(readable.slice(next)));
    next += round.length;
    await read(
      reader,
      round.flatMap(({ key }) => (known.has(key) ? [] : [key])),
      bound,
      known,
    );
    for (const { key, weight } of round) {
      for (const text of known.get(key) ?? []) {
        const docid = Number(text);
        held.set(docid, (held.get(docid) ?? 0) + weight);
      }
      unread -= weight;
    }
  }
  // Most of what was found is not wanted, and putting it in order takes longer than finding it.
  const least = leastOf(held, most);
  const wanted = [...held].filter(([, value]) => value >= least).sort(([a, x], [b, y]) => y - x || b - a);
  const others = [...held].filter(([, value]) => value < least);
  return [...wanted, ...others].map(([docid]) => docid);
}

/** Puts the lists of these terms, the newest documents of each, with those that are known. */
async function read(
  reader: SqlReader,
  keys: readonly string[],
  bound: number,
  known: Map<string, readonly string[]>,
): Promise<void> {
  if (keys.length === 0) return;
  const lists = await reader.all<{ docids: string | null }>(
    `SELECT (SELECT group_concat(docid) FROM
        (SELECT rowid AS docid FROM search_index WHERE search_index MATCH term.value ORDER BY rowid DESC LIMIT ?)) AS docids
      FROM json_each(?) term ORDER BY term.key`,
    bound,
    JSON.stringify(keys.map((key) => `"${key}"`)),
  );
  for (const [i, key] of keys.entries()) known.set(key, lists[i]?.docids?.split(",") ?? []);
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

/** What the last of so many documents holds; 0 while there are fewer. */
function leastOf(held: ReadonlyMap<number, number>, most: number): number {
  if (held.size < most) return 0;
  return Float64Array.from(held.values()).sort()[held.size - most] ?? 0;
}
