/**
 * How many documents hold a common term, and how many there are. Counting them takes the longer the
 * more there are, and a few more or less change no ranking, so what is common is counted once in a
 * while; what is rare, every time.
 *
 * @module
 */

import { taggedTerm } from "../../memory/text/index.ts";
import type { SqlReader } from "../sql.ts";
import { BoundedMap } from "../../util/bounded-map.ts";

/** A count below this is not kept: counting again is cheap, and its share changes fast. */
const COMMON = 500;
/** How long a count is used, ms. */
const KEPT_MS = 60_000;
/** Counts that are kept. */
const COUNTS_MAX = 20_000;

export class SearchStatistics {
  readonly #now: () => number;
  readonly #counts = new BoundedMap<string, { n: number; until: number }>(COUNTS_MAX);

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A count of lately; null: count. */
  known(what: string): number | null {
    const kept = this.#counts.get(what);
    return kept && kept.until > this.#now() ? kept.n : null;
  }

  keep(what: string, n: number): void {
    if (n < COMMON) return;
    this.#counts.set(what, { n, until: this.#now() + KEPT_MS });
  }
}

/** @param kind undefined: of both kinds */
export async function countDocuments(
  reader: SqlReader,
  namespace: string,
  kind: "episode" | "pattern" | undefined,
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

/**
 * How many documents of the namespace with this tag hold each of these terms; none for a term that
 * no one holds.
 */
export async function documentFrequencies(
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
