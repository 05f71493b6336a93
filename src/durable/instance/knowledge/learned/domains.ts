/**
 * The domains of one namespace, all in memory: the rows of `learned_domains`, and what changed since
 * the last checkpoint.
 *
 * @module
 */

import type { DomainRow } from "../../../../memory/learning/types.ts";
import type { LocalSql } from "../../../../storage/index.ts";

export class Domains {
  readonly #sql: LocalSql;
  readonly #number: number;
  readonly #rows = new Map<string, DomainRow>();
  readonly #changed = new Set<string>();

  /** @param number of the namespace */
  constructor(sql: LocalSql, number: number) {
    this.#sql = sql;
    this.#number = number;
    const rows = sql.all<{ domain: string; body: string }>(
      "SELECT domain, body FROM learned_domains WHERE namespace = ? ORDER BY domain",
      number,
    );
    for (const { domain, body } of rows) this.#rows.set(domain, JSON.parse(body) as DomainRow);
  }

  /** By domain. */
  get all(): ReadonlyMap<string, DomainRow> {
    return this.#rows;
  }

  /** Until the next checkpoint in memory. @param row null: nothing is left of it */
  set(domain: string, row: DomainRow | null): void {
    if (row) this.#rows.set(domain, row);
    else this.#rows.delete(domain);
    this.#changed.add(domain);
  }

  /** Stores what changed; in a transaction. */
  checkpoint(): void {
    for (const domain of this.#changed) {
      const row = this.#rows.get(domain);
      if (row)
        this.#sql.run(
          "INSERT OR REPLACE INTO learned_domains (namespace, domain, body) VALUES (?, ?, ?)",
          this.#number,
          domain,
          JSON.stringify(row),
        );
      else
        this.#sql.run(
          "DELETE FROM learned_domains WHERE namespace = ? AND domain = ?",
          this.#number,
          domain,
        );
    }
    this.#changed.clear();
  }
}
