/**
 * Scans a table for a full backup: all of its rows in key order, in pieces that see different
 * moments of the database.
 *
 * @module
 */

import {
  scanQuery,
  TABLES,
  type ExportScope,
  type SnapshotReader,
  type TableName,
} from "../../storage/index.ts";
import { ChunkWriter, type ChunkContext } from "../format/chunks.ts";
import type { ChunkEntry } from "../format/manifest.ts";
import { encodeRow, isInParts, keyOfRow, type RowKey } from "../format/rows.ts";

export interface ScanPiece {
  table: TableName;
  /** The number of the piece, from 0. */
  piece: number;
  /** The last key of the piece before it; null: it is the first. */
  after: RowKey | null;
  scope: ExportScope;
  /** Chunks after which the piece ends. */
  chunksMax: number;
}

/**
 * Writes the next rows of a table. `after` is the last key that was written, null when the table is
 * at its end. Throws `DatabaseError`.
 */
export async function scanPiece(
  snapshots: SnapshotReader,
  context: ChunkContext,
  { table, piece, after, scope, chunksMax }: ScanPiece,
): Promise<{ entries: ChunkEntry[]; after: RowKey | null }> {
  const head = { table, op: "put", layer: 0, instance: null, state: "stored" } as const;
  const writer = new ChunkWriter(context, head, `${table}-scan-${String(piece).padStart(5, "0")}`);
  for await (const { rows } of snapshots.read([scanQuery(table, after, scope)])) {
    for (const row of rows) {
      const key = keyOfRow(row, TABLES[table].key);
      const isFull = await writer.add(encodeRow(row), isInParts(row), JSON.stringify(key));
      if (isFull && writer.entries.length >= chunksMax) {
        return { entries: writer.entries, after: key };
      }
    }
  }
  await writer.flush();
  return { entries: writer.entries, after: null };
}
