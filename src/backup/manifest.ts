/**
 * What a backup is: a manifest, and the chunks that it names. The manifest is written last and only once, so a backup is
 * there as a whole or not at all. It carries a sum over its own text, so a single changed bit in it is found too.
 *
 * @module
 */

import { sha256Hex } from "./bytes.ts";

export const FORMAT = "memory-service-backup";
export const FORMAT_VERSION = 1;

export type BackupKind = "full" | "incremental" | "snapshot";

/** An object with rows of one table. */
export interface ChunkEntry {
  /** Its key in the bucket, after the backup's prefix. */
  object: string;
  /** A shared table, or a table that only instances or the Coordinator have. */
  table: string;
  /** put: whole rows. delete: keys of rows that are gone. local: rows of a table that is no shared one, as JSON objects. */
  op: "put" | "delete" | "local";
  /**
   * 0 is the scan of a full backup, in key order; higher layers hold what changed meanwhile or since the parent. A key is
   * in a layer at most once; the highest layer that has it counts.
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
  encryption: { algorithm: "AES-256-GCM"; key_id: string } | null;
  chunks: ChunkEntry[];
}

/** Why a backup cannot be used; names the object that is at fault. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
  readonly object: string;

  constructor(object: string, problem: string) {
    super(`${object}: ${problem}`);
    this.object = object;
  }
}

export const prefixOf = (id: string, kind: BackupKind): string =>
  `${kind === "snapshot" ? "snapshots" : "exports"}/${id}/`;
export const manifestKey = (id: string, kind: BackupKind): string => `${prefixOf(id, kind)}manifest.json`;

/** The text of a manifest with its sum. */
export async function sealManifest(manifest: Manifest): Promise<string> {
  const text = JSON.stringify(manifest);
  return `{"sha256":"${await sha256Hex(text)}","manifest":${text}}`;
}

/** Reads a manifest's text. Throws `BackupFault` for any text but what `sealManifest` wrote for this key. */
export async function openManifest(key: string, text: string): Promise<{ manifest: Manifest; sha256: string }> {
  let sealed: { sha256: string; manifest: Manifest };
  try {
    sealed = JSON.parse(text) as { sha256: string; manifest: Manifest };
  } catch {
    throw new BackupFault(key, "is not JSON");
  }
  const { manifest } = sealed;
  if (typeof manifest !== "object" || manifest === null) throw new BackupFault(key, "is no manifest");
  if ((await sealManifest(manifest)) !== text) throw new BackupFault(key, "its sum is wrong");
  if (manifest.format !== FORMAT) throw new BackupFault(key, "is not a backup of this service");
  if (manifest.format_version > FORMAT_VERSION) {
    throw new BackupFault(key, `has format ${manifest.format_version}; this version reads up to ${FORMAT_VERSION}`);
  }
  if (manifestKey(manifest.id, manifest.kind) !== key) {
    throw new BackupFault(key, `is the manifest of ${manifest.id}`);
  }
  return { manifest, sha256: sealed.sha256 };
}
