/**
 * Counts documents, and those that hold a term. Counting a common term takes the longer the more
 * documents hold it, and a few more or less change no ranking: large counts are counted once a
 * minute, small ones every time.
 *
 * @module
 */

import { taggedTerm } from "../../memory/text/index.ts";
import { BoundedMap } from "../../util/bounded-map.ts";
import type { SqlReader } from "../sql.ts";

/** A count below this is not remembered: counting again is cheap, and its share changes fast. */
const REMEMBERED_FROM = 500;
/** How long a remembered count is used, ms. */
const USED_FOR_MS = 60_000;
/** Counts that are remembered. */
const COUNTS_MAX = 20_000;

/** Which documents are searched, and where. */
export interface SearchIndex {
  reader: SqlReader;
  /** Stands for the namespace in the index: each of its terms begins with it. */
  tag: string;
  namespace: string;
  /** Counts of the last minute, of this reader; absent: everything is counted. */
  statistics?: SearchStatistics | undefined;
}

/** Large counts of one engine's index, as they were within the last minute. */
export class SearchStatistics {
  readonly #now: () => number;
  readonly #counts = new BoundedMap<string, { n: number; until: number }>(COUNTS_MAX);

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A count of the last minute; null: it must be counted. @param key what was counted */
  recent(key: string): number | null {
    const count = this.#counts.get(key);
    return count && count.until > this.#now() ? count.n : null;
  }

  /** Remembers a count if it is large. */
  remember(key: string, n: number): void {
    if (n >= REMEMBERED_FROM) this.#counts.set(key, { n, until: this.#now() + USED_FOR_MS });
  }
}

/** @param kind undefined: of both kinds */
export async function countDocuments(
  { reader, namespace, statistics }: SearchIndex,
  kind: "episode" | "pattern" | undefined,
): Promise<number> {
  const key = `documents ${namespace} ${kind ?? ""}`;
  const recent = statistics?.recent(key) ?? null;
  if (recent !== null) return recent;

  const [row] = await reader.all<{ n: number }>(
    `SELECT count(*) AS n FROM search_docs WHERE namespace = ?${kind ? " AND kind = ?" : ""}`,
    namespace,
    ...(kind ? [kind] : []),
  );
  const count = row?.n ?? 0;
  statistics?.remember(key, count);
  return count;
}

/**
 * How many documents of the namespace hold each of these terms; no entry for a term that none
 * holds.
 */
export async function documentFrequencies(
  { reader, tag, statistics }: SearchIndex,
  terms: readonly string[],
): Promise<Map<string, number>> {
  const prefix = taggedTerm(tag, "");
  const frequencies = new Map<string, number>();
  const uncounted = terms.filter((term) => {
    const recent = statistics?.recent(prefix + term) ?? null;
    if (recent !== null) frequencies.set(term, recent);
    return recent === null;
  });
  if (uncounted.length === 0) return frequencies;

  const rows = await reader.all<{ term: string; doc: number }>(
    "SELECT term, doc FROM search_terms WHERE term IN (SELECT value FROM json_each(?))",
    JSON.stringify(uncounted.map((term) => prefix + term)),
  );
  for (const { term, doc } of rows) {
    statistics?.remember(term, doc);
    frequencies.set(term.slice(prefix.length), doc);
  }
  return frequencies;
}
