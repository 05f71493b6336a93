/**
 * Writes one layer of a backup: the rows that the change feed names between two of its numbers, as
 * they are when they are read. A row that is gone is written as its key. One snapshot of the
 * database says from where to where to read: where its feed is, and how many rows each table has.
 *
 * @module
 */

import { type ChunkContext, ChunkWriter } from "../format/chunks.ts";
import type { ChunkEntry } from "../format/manifest.ts";
import { encodeRow, isInParts } from "../format/rows.ts";
import {
  changedQuery,
  countQuery,
  type ExportScope,
  FEED_STATE,
  type Query,
  type SnapshotReader,
  TABLE_NAMES,
  type TableName,
  TABLES,
  type TypedValue,
} from "../../storage/index.ts";

interface ChangesRange {
  /** The layer's number in the backup, ≥ 1. */
  layer: number;
  /** Changes above this number. */
  from: number;
  scope: ExportScope;
}

/** Writes what changed up to the number `to`. Throws `DatabaseError`. */
export async function writeChanges(
  snapshots: SnapshotReader,
  context: ChunkContext,
  { layer, from, scope }: ChangesRange,
  to: number,
): Promise<{ entries: ChunkEntry[] }> {
  const queries = TABLE_NAMES.map((name) => changedQuery(name, from, to, scope));
  return { entries: await writeLayer(snapshots, new LayerWriter(context, layer), queries) };
}

/**
 * Writes all that changed, and reads the watermark and the counts of rows in the same snapshot.
 * Throws `DatabaseError`, and an Error when the feed is not `before`'s any more.
 */
export async function writeLastChanges(
  snapshots: SnapshotReader,
  context: ChunkContext,
  { layer, from, scope }: ChangesRange,
  before: Feed,
): Promise<{ entries: ChunkEntry[]; feed: Feed; counts: RowCounts }> {
  let feed = before;
  const counts: RowCounts = {};
  const queries = [
    ...TABLE_NAMES.map((name) => changedQuery(name, from, Number.MAX_SAFE_INTEGER, scope)),
    FEED_STATE,
    ...TABLE_NAMES.map(countQuery),
  ];
  const writer = new LayerWriter(context, layer);
  const entries = await writeLayer(snapshots, writer, queries, (query, row) => {
    const table = query - TABLE_NAMES.length - 1;
    if (table < 0) feed = feedOfRow(row);
    else counts[TABLE_NAMES[table] ?? ""] = integerOf(row[0]);
  });
  requireSameFeed(feed, before);
  return { entries, feed, counts };
}

/** @param onOther is given the rows of queries behind those of the tables */
async function writeLayer(
  snapshots: SnapshotReader,
  writer: LayerWriter,
  queries: readonly Query[],
  onOther: (query: number, row: TypedValue[]) => void = () => undefined,
): Promise<ChunkEntry[]> {
  for await (const { query, rows } of snapshots.read(queries)) {
    const table = TABLE_NAMES[query];
    if (table) await writer.add(table, rows);
    else for (const row of rows) onOther(query, row);
  }
  return writer.finish();
}

/** Writes rows of `changedQuery`, table by table: chunks of rows, and chunks of keys that are gone. */
class LayerWriter {
  readonly #context: ChunkContext;
  readonly #layer: number;
  readonly #entries: ChunkEntry[] = [];
  #current: { table: TableName; put: ChunkWriter; gone: ChunkWriter } | null = null;

  constructor(context: ChunkContext, layer: number) {
    this.#context = context;
    this.#layer = layer;
  }

  async add(table: TableName, rows: readonly TypedValue[][]): Promise<void> {
    if (this.#current && this.#current.table !== table) await this.finish();
    this.#current ??= {
      table,
      put: this.#writer(table, "put"),
      gone: this.#writer(table, "delete"),
    };

    const { put, gone } = this.#current;
    const width = TABLES[table].key;
    for (const row of rows) {
      const isThere = integerOf(row[width]) !== 0;
      const isInScope = integerOf(row[width + 1]) !== 0;
      const values = row.slice(width + 2);
      const key = row.slice(0, width);
      if (isThere && isInScope) await put.add(encodeRow(values), isInParts(values));
      else if (!isThere) await gone.add(encodeRow(key), isInParts(key));
    }
  }

  /** Writes what is left. Returns all chunks of the layer so far. */
  async finish(): Promise<ChunkEntry[]> {
    if (this.#current) {
      const { put, gone } = this.#current;
      await put.flush();
      await gone.flush();
      this.#entries.push(...put.entries, ...gone.entries);
      this.#current = null;
    }
    return this.#entries;
  }

  #writer(table: TableName, op: "put" | "delete"): ChunkWriter {
    const head = { table, op, layer: this.#layer, instance: null, state: "stored" } as const;
    const name = `${table}-${op}-${String(this.#layer).padStart(5, "0")}`;
    return new ChunkWriter(this.#context, head, name);
  }
}

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
function feedOfRow(row: readonly TypedValue[]): Feed {
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
function integerOf(value: TypedValue | undefined): number {
  return value?.type === "integer" ? Number(value.value) : 0;
}
