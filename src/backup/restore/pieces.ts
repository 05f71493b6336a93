/**
 * Divides a chain of backups into pieces, in the order in which they are brought in: table by
 * table, the newest layer first and the scan last, so that each key is decided once. Reads a
 * piece as portions, which are slices.
 *
 * @module
 */

import { TABLES, takeSlice, type TableName } from "../../storage/index.ts";
import { byteLength } from "../../util/bytes.ts";
import { keyOfLine, readChunk } from "../format/chunks.ts";
import type { ChunkEntry, Manifest } from "../format/manifest.ts";
import { LAYERS_MAX } from "../format/shape.ts";
import type { BackupPlace } from "../ports.ts";
import type { Portion } from "./portion-sql.ts";

/** A chunk, or what lies behind the last chunk of a scan. */
export interface Piece {
  manifest: Manifest;
  /** null: there are no rows behind the scan, and what the database has there is surplus. */
  entry: ChunkEntry | null;
  table: TableName;
  layer: number;
  /** Of a scan: the last key of the chunk before it, as a JSON array; null: it is the first. */
  after: string | null;
}

/** Rows of a portion, which is a slice: far below what a request may carry and take. */
const PORTION_ROWS = 2_000;

/** @param instance only rows of this instance, of a snapshot; null: all */
export function piecesOf(
  chain: readonly Manifest[],
  tables: readonly TableName[],
  instance: number | null,
): Piece[] {
  const [full] = chain;
  return tables.flatMap((table) => [
    ...changesOf(chain, table, instance),
    ...(full && full.kind !== "snapshot" ? scanOf(full, table) : []),
  ]);
}

/** What changed after the scan, the newest link and layer first. */
function changesOf(chain: readonly Manifest[], table: TableName, instance: number | null): Piece[] {
  const isWanted = (entry: ChunkEntry): boolean =>
    entry.table === table &&
    entry.op !== "local" &&
    entry.layer > 0 &&
    (instance === null || entry.instance === instance);
  const ordered = chain.flatMap((manifest, link) =>
    manifest.chunks
      .filter(isWanted)
      .map((entry) => ({ manifest, entry, order: link * LAYERS_MAX + entry.layer })),
  );
  ordered.sort((a, b) => b.order - a.order);
  return ordered.map(({ manifest, entry }) => ({
    manifest,
    entry,
    table,
    layer: entry.layer,
    after: null,
  }));
}

function scanOf(manifest: Manifest, table: TableName): Piece[] {
  const entries = manifest.chunks.filter((entry) => entry.table === table && entry.layer === 0);
  const pieces: Piece[] = [];
  let after: string | null = null;
  for (const entry of entries) {
    pieces.push({ manifest, entry, table, layer: 0, after });
    after = entry.last;
  }
  return [...pieces, { manifest, entry: null, table, layer: 0, after }];
}

/**
 * The rows of a piece. Throws `BackupFault` and what the store throws.
 *
 * @param lineBytesMax longer lines are left out, UTF-8 bytes
 */
export async function* portionsOf(
  place: BackupPlace,
  { manifest, entry, table, layer, after }: Piece,
  lineBytesMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<Portion> {
  const { columns, key } = manifest.tables[table] ?? TABLES[table];
  const op = entry?.op === "delete" ? "delete" : "put";
  const shape = { table, columns, key, layer, op } as const;
  if (!entry) {
    yield { ...shape, lines: [], parts: false, after, through: null };
    return;
  }

  let rest: readonly string[] = await readChunk(place, manifest, entry);
  let above = after;
  while (rest.length > 0) {
    const { rows } = takeSlice(rest, { rows: PORTION_ROWS }, byteLength);
    const through = layer === 0 ? keyOfLine(rows.at(-1) ?? "[]", key) : null;
    const lines = linesWithin(rows, lineBytesMax);
    yield { ...shape, lines, parts: entry.parts, after: above, through };
    above = through;
    rest = rest.slice(rows.length);
  }
}

/** The lines of at most this many bytes; a character has at most three. */
function linesWithin(lines: readonly string[], bytesMax: number): readonly string[] {
  return lines.every((line) => line.length * 3 <= bytesMax)
    ? lines
    : lines.filter((line) => byteLength(line) <= bytesMax);
}
