/**
 * Where rows live: what moves between instances as a whole, which table belongs to it, and the text
 * whose hash says which instance is its home. Pure.
 *
 * @module
 */

import type { Row, SqlValue, TableName } from "../../storage/index.ts";

/** What lives at one instance and moves as a whole. */
export type Shard =
  | { kind: "episode"; namespace: string; id: string }
  | { kind: "namespace"; namespace: string }
  /** The answers kept for repetitions of a request that names no episode. */
  | { kind: "idempotency"; home: string };

export interface Carried {
  table: TableName;
  key: SqlValue[];
  /** null: deleted here, and the database has not heard yet. */
  row: SqlValue[] | null;
  unsent: boolean;
}

export type LocalName = "pending_tasks" | "idempotency" | "knowledge_pending";

/**
 * Where a part begins: among the rows that the database has not seen, by their number in the
 * outbox; among an episode's others, by the number of the step; among those that only instances
 * have, by their rowid. These come last: what is to be done about an episode must not be there
 * before the episode. A number is what an instance of an earlier version says: it means the outbox,
 * and 0 the beginning.
 */
export type ShardCursor =
  | number
  | { stage: "unsent" | "stored" | "local"; table: number; after: number };

/** A part of a shard, as it goes from instance to instance. */
export interface ShardSlice {
  rows: Carried[];
  /** Rows of tables that only instances have. */
  local: { table: LocalName; row: Row }[];
  /** Where the next part begins; null: this is the last. */
  next: ShardCursor | null;
}

export const OF_EPISODES: readonly TableName[] = ["episodes", "steps", "tombstones"];
export const OF_NAMESPACES: readonly TableName[] = [
  "relationships",
  "recalls",
  "feedback",
  "digests",
  "patterns",
  "domains",
  "search_docs",
  "vectors",
];
/** The text whose hash says where a row lives; null: at the Coordinator. */
export function homeTextOf(table: TableName, key: readonly SqlValue[]): string | null {
  if (table === "api_keys") return null;
  return OF_EPISODES.includes(table) ? String(key[1]) : `ns:${String(key[0])}`;
}

export function homeTextOfShard(shard: Shard): string {
  return shard.kind === "episode"
    ? shard.id
    : shard.kind === "namespace"
      ? `ns:${shard.namespace}`
      : shard.home;
}
