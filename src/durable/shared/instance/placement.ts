/**
 * Says which instance has which rows. A shard is what one instance has and what moves as a whole. A
 * shard and each of its rows have a home text, and the instance that this hashes to
 * (`memory/rendezvous.ts`) is their home. Pure.
 *
 * @module
 */

import {
  TABLE_NAMES,
  TABLES,
  type SqlValue,
  type TableName,
  type Row,
} from "../../../storage/index.ts";
import type { MovingTableName } from "../tables/instance-tables.ts";

/** What one instance has, and what moves as a whole. */
export type Shard =
  | { kind: "episode"; namespace: string; id: string }
  | { kind: "namespace"; namespace: string }
  /** The answers kept for repetitions of a request that names no episode. */
  | { kind: "idempotency"; home: string };

/** A shard that has rows of `TABLES`. */
export type RowShard = Exclude<Shard, { kind: "idempotency" }>;

/** A row of `TABLES` on its way to another instance. */
export interface MovedRow {
  table: TableName;
  key: SqlValue[];
  /** null: deleted here, and the database has not heard yet. */
  row: SqlValue[] | null;
  /** The database does not have it as it is. */
  isUnsent: boolean;
}

/**
 * Where a slice begins: among the rows that the database has not seen, behind a number in the
 * outbox; among an episode's others, behind the number of a step; among those that only instances
 * have, behind a rowid of the `table`-th of them. These come last: what is to be done about an
 * episode must not be there before the episode.
 */
export interface ShardCursor {
  stage: "unsent" | "stored" | "local";
  table: number;
  after: number;
}

/** A part of a shard, as it goes from instance to instance: at most `slice_bytes`, or one row. */
export interface ShardSlice {
  rows: MovedRow[];
  /** Rows of tables that only instances have. */
  local: { table: MovingTableName; row: Row }[];
  /** Where the next slice begins; null: this is the last. */
  next: ShardCursor | null;
  /**
   * Nothing of the shard is there any more: the database has it in full, and may have had more to
   * tell than the slices before.
   */
  isGone?: boolean;
}

/** The tables of `TABLES` whose rows belong to shards of this kind. */
export function tablesOfShards(kind: RowShard["kind"]): TableName[] {
  return TABLE_NAMES.filter((name) => TABLES[name].home === kind);
}

/** The home text of a namespace. */
export function homeTextOfNamespace(namespace: string): string {
  return `ns:${namespace}`;
}

/** The home text of a row; null: no instance is its home. */
export function homeTextOf(table: TableName, key: readonly SqlValue[]): string | null {
  const { home } = TABLES[table];
  if (home === "coordinator" || home === "database") return null;
  return home === "episode" ? String(key[1]) : homeTextOfNamespace(String(key[0]));
}

/** The home text of a shard. */
export function homeTextOfShard(shard: Shard): string {
  if (shard.kind === "episode") return shard.id;
  return shard.kind === "namespace" ? homeTextOfNamespace(shard.namespace) : shard.home;
}
