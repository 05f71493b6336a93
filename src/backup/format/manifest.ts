/**
 * Defines what a backup is: a manifest, and the chunks that it names. The manifest is written
 * last and only once, so a backup is there as a whole or not at all. Here are its shape and its
 * place, and the one expected failure of reading backups, an object that cannot be used, which no
 * repetition mends; `sealed-manifest.ts` signs and reads it.
 *
 * @module
 */

import { TABLE_NAMES, type TableName, TABLES } from "../../storage/index.ts";
import { isoTime } from "../../util/time.ts";

export const FORMAT = "memory-service-backup";
/**
 * 1: no MAC, and BACKUP_KEY itself encrypts. 2: a MAC, and keys derived from BACKUP_KEY. 3: each
 * backup is encrypted with a random key of its own, which a key derived from BACKUP_KEY wraps.
 */
export const FORMAT_VERSION = 3;

export type BackupKind = "full" | "incremental" | "snapshot";

/** An object with rows of one table. */
export interface ChunkEntry {
  /** Its key in the bucket, after the backup's prefix. */
  object: string;
  /** A shared table, or a table that only instances or the Coordinator have. */
  table: string;
  /**
   * put: whole rows. delete: keys of rows that are gone. local: rows of a table that is no shared
   * one, as JSON objects.
   */
  op: "put" | "delete" | "local";
  /**
   * 0 is the scan of a full backup, in key order; higher layers hold what changed meanwhile or
   * since the parent. A key is in a layer at most once; the highest layer that has it counts.
   */
  layer: number;
  rows: number;
  /** Bytes of the NDJSON text. */
  bytes: number;
  /** Bytes of the object. */
  stored: number;
  /** Of the object, hex. */
  sha256: string;
  /** Whether some text is written in parts (it contains NULs). */
  parts: boolean;
  /** Key of the last row of a scan's chunk, as a JSON array; "" for others. */
  last: string;
  /** Of a snapshot: which instance; -1: the Coordinator; null: the database. */
  instance: number | null;
  /** Of a snapshot: unsent rows, which the database had not; or cached ones. */
  state: "stored" | "unsent" | "cached" | "local";
}

/** How the chunks of a backup are encrypted. */
export interface Encryption {
  algorithm: "AES-256-GCM";
  /** Which key of BACKUP_KEY. */
  key_id: string;
  /** The backup's own key, wrapped by that key; absent: of the formats before 3. */
  wrapped?: string;
}

export interface Manifest {
  format: typeof FORMAT;
  format_version: number;
  id: string;
  kind: BackupKind;
  /** RFC 3339. */
  started_at: string;
  finished_at: string;
  written_by: { name: string; version: string };
  schema_version: number;
  /** The backup that an incremental continues, and the sum of its manifest. */
  parent: { id: string; sha256: string } | null;
  /** Number of the change feed as of which the database is shown; null for a snapshot. */
  watermark: { feed: string; seq: number; at: string } | null;
  scope: { namespace: string | null; since: string | null };
  /** Columns of the shared tables, keys first, and how many of them are the key. */
  tables: Record<string, { columns: readonly string[]; key: number; rows: number | null }>;
  encryption: Encryption | null;
  chunks: ChunkEntry[];
}

export const prefixOf = (id: string, kind: BackupKind): string =>
  `${kind === "snapshot" ? "snapshots" : "exports"}/${id}/`;
export const manifestKey = (id: string, kind: BackupKind): string =>
  `${prefixOf(id, kind)}manifest.json`;

/** What differs from one manifest that this version writes to another; times in ms. */
interface ManifestContent extends Pick<
  Manifest,
  | "id"
  | "kind"
  | "written_by"
  | "schema_version"
  | "parent"
  | "watermark"
  | "scope"
  | "encryption"
  | "chunks"
> {
  started_at: number;
  finished_at: number;
  /** How many rows each table has; null: the backup does not hold whole tables. */
  rows: Readonly<Partial<Record<TableName, number>>> | null;
}

/** A manifest as this version writes it. */
export function newManifest(content: ManifestContent): Manifest {
  const { rows, started_at, finished_at, encryption, chunks, ...own } = content;
  const tables = TABLE_NAMES.map((name) => {
    const { columns, key } = TABLES[name];
    return [name, { columns, key, rows: rows && (rows[name] ?? 0) }] as const;
  });
  return {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    ...own,
    started_at: isoTime(started_at),
    finished_at: isoTime(finished_at),
    tables: Object.fromEntries(tables),
    encryption,
    chunks,
  };
}

/** Names the object that is at fault. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
  readonly object: string;
  /** Goes on from the object's name. */
  readonly problem: string;

  /**
   * @param object a key in the bucket, or a backup's id
   * @param problem goes on from the object's name
   */
  constructor(object: string, problem: string) {
    super(`${object}: ${problem}`);
    this.object = object;
    this.problem = problem;
  }
}
