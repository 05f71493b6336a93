/**
 * Reads the state of the database in one snapshot: where its change feed is, and how many rows
 * each table has. Both say from where to where a backup has to read.
 *
 * @module
 */

import {
  countQuery,
  FEED_STATE,
  TABLE_NAMES,
  type SnapshotReader,
  type TypedValue,
} from "../../storage/index.ts";

/** The change feed at one moment. */
export interface Feed {
  /** Which feed it is: another database in the same place has another. */
  id: string;
  /** The number of its last change. */
  seq: number;
  /** Changes up to this number are gone. */
  pruned: number;
  /** The version of the database's schema. */
  schema: number;
}

export type RowCounts = Record<string, number>;

/**
 * The feed does not reach back to the parent, or is another database's: only a full backup can be
 * taken.
 */
export class NoParent extends Error {
  override readonly name = "NoParent";
}

/** Throws `DatabaseError`. */
export async function readState(
  snapshots: SnapshotReader,
): Promise<{ feed: Feed; counts: RowCounts }> {
  let feed: Feed | null = null;
  const counts: RowCounts = {};
  const queries = [FEED_STATE, ...TABLE_NAMES.map(countQuery)];
  for await (const { query, rows } of snapshots.read(queries)) {
    const [row] = rows;
    if (query === 0 && row) feed = feedOfRow(row);
    else counts[TABLE_NAMES[query - 1] ?? ""] = integerOf(row?.[0]);
  }
  if (!feed) throw new Error("The database has no change feed.");
  return { feed, counts };
}

/** @param row of `FEED_STATE` */
export function feedOfRow(row: readonly TypedValue[]): Feed {
  const id = row[1];
  return {
    seq: integerOf(row[0]),
    id: id?.type === "text" ? id.value : "",
    pruned: integerOf(row[2]),
    schema: integerOf(row[3]),
  };
}

/** Throws when it is not the feed that the backup began with. */
export function requireSameFeed(feed: Feed, before: Feed): void {
  if (feed.id !== before.id) throw new Error("The database was replaced by another one meanwhile.");
}

/** 0 for what is no integer. */
export function integerOf(value: TypedValue | undefined): number {
  return value?.type === "integer" ? Number(value.value) : 0;
}
