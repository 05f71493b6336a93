/**
 * The owner of the table `claims`: how far this instance has taken each shard over in the running
 * change of the number of instances. Synchronous; what writes is called in a transaction.
 *
 * @module
 */

import type { LocalSql } from "../../../storage/index.ts";
import type { Shard } from "../../shared/instance/placement.ts";

export const CLAIMS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS claims (
    shard TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT`,
];

/**
 * elsewhere: its old home has it, some slices may be here. adopted: all of it is here, and the old
 * home may not have dropped it yet. done: the old home has dropped it, or never had it.
 */
export type ClaimState = "elsewhere" | "adopted" | "done";

/** A shard's name: the same shard has the same. */
export function nameOfShard(shard: Shard): string {
  return JSON.stringify(shard);
}

export class Claims {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
  }

  /** @param version of the topology that the change leads to */
  stateOf(shard: Shard, version: number): ClaimState {
    const [row] = this.#sql.all<{ stage: string }>(
      "SELECT stage FROM claims WHERE shard = ? AND version = ?",
      nameOfShard(shard),
      version,
    );
    return row ? (row.stage as Exclude<ClaimState, "elsewhere">) : "elsewhere";
  }

  set(shard: Shard, version: number, state: Exclude<ClaimState, "elsewhere">): void {
    const text = "INSERT OR REPLACE INTO claims (shard, version, stage) VALUES (?, ?, ?)";
    this.#sql.run(text, nameOfShard(shard), version, state);
  }

  delete(shard: Shard): void {
    this.#sql.run("DELETE FROM claims WHERE shard = ?", nameOfShard(shard));
  }

  /** Forgets those of earlier changes. */
  deleteBefore(version: number): void {
    this.#sql.run("DELETE FROM claims WHERE version < ?", version);
  }
}

/** Takes over what an earlier release kept under another column; after the tables are made. */
export function migrateClaims(sql: LocalSql): void {
  const text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'claims'";
  const [made] = sql.all<{ sql: string }>(text);
  if (!made || !/\bunit\b/.test(made.sql)) return;
  type Row = { shard: string; version: number; stage: string };
  const rows = sql.all<Row>("SELECT unit AS shard, version, stage FROM claims");
  sql.run("DROP TABLE claims");
  for (const statement of CLAIMS_SCHEMA) sql.run(statement);
  for (const { shard, version, stage } of rows) {
    const insert = "INSERT INTO claims (shard, version, stage) VALUES (?, ?, ?)";
    sql.run(insert, shard, version, stage);
  }
}
