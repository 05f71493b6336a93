/**
 * How many documents hold a common term, and how many there are. Counting them takes the longer the more there are, and
 * a few more or less change no ranking, so what is common is counted once in a while; what is rare, every time.
 *
 * @module
 */

/** A count below this is not kept: counting again is cheap, and its share changes fast. */
const COMMON = 500;
/** How long a count is used, ms. */
const KEPT_MS = 60_000;
/** Counts that are kept. */
const COUNTS_MAX = 20_000;

export class SearchStatistics {
  readonly #now: () => number;
  readonly #counts = new Map<string, { n: number; until: number }>();

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
    if (this.#counts.size >= COUNTS_MAX) this.#counts.clear();
    this.#counts.set(what, { n, until: this.#now() + KEPT_MS });
  }
}
