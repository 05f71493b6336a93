/**
 * The owner of the table `meta`: single values that an instance keeps of itself, each a text under
 * a name.
 *
 * @module
 */

import type { LocalSql } from "../../storage/index.ts";

const META_SCHEMA = `CREATE TABLE IF NOT EXISTS meta (
  name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`;

/**
 * index: the instance's number. control: its copy of the control document. orders: the number of
 * the last order to circuit breakers that was carried out. breakers: their state. deployment: the
 * id of the deployment.
 */
export type MetaName = "index" | "control" | "orders" | "breakers" | "deployment";

export class Meta {
  readonly #sql: LocalSql;

  /** Makes the table: other parts read from it while they are made. */
  constructor(sql: LocalSql) {
    this.#sql = sql;
    sql.run(META_SCHEMA);
  }

  /** null: nothing is kept under this name. */
  get(name: MetaName): string | null {
    const text = "SELECT value FROM meta WHERE name = ?";
    return this.#sql.all<{ value: string }>(text, name)[0]?.value ?? null;
  }

  set(name: MetaName, value: string): void {
    this.#sql.run(
      `INSERT INTO meta (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      name,
      value,
    );
  }
}
