/**
 * What a backup is: a manifest, and the chunks that it names. The manifest is written last and only
 * once, so a backup is there as a whole or not at all. It carries a sum over its own text, so a
 * single changed bit in it is found too, and with BACKUP_KEY a MAC, which says that the service
 * wrote it. The chunks' sums and places and the parent's sum are in it, so that the MAC vouches for
 * the whole chain.
 *
 * @module
 */

import { sha256Hex } from "../../util/hash.ts";
import { BackupFault } from "./fault.ts";
import type { BackupKeys } from "./keys.ts";
import { checkShape } from "./shape.ts";
import { trustOf, type Trust } from "./trust.ts";

export const FORMAT = "memory-service-backup";
/** 1: no MAC, and BACKUP_KEY itself encrypts. 2: a MAC, and keys derived from BACKUP_KEY. */
export const FORMAT_VERSION = 2;

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

export const prefixOf = (id: string, kind: BackupKind): string =>
  `${kind === "snapshot" ? "snapshots" : "exports"}/${id}/`;
export const manifestKey = (id: string, kind: BackupKind): string =>
  `${prefixOf(id, kind)}manifest.json`;

/** A manifest that was read, and what is known of who wrote it. */
export interface Loaded {
  manifest: Manifest;
  /** Of the manifest's text, hex. */
  sha256: string;
  trust: Trust;
}

/** The text of a manifest with its sum, and with its MAC where there is a key. */
export async function sealManifest(manifest: Manifest, keys: BackupKeys | null): Promise<string> {
  const text = JSON.stringify(manifest);
  return sealed(text, await sha256Hex(text), keys ? await keys.sign("manifest", text) : null);
}

function sealed(text: string, sha256: string, mac: string | null): string {
  return `{"sha256":"${sha256}",${mac === null ? "" : `"mac":"${mac}",`}"manifest":${text}}`;
}

/**
 * Reads a manifest's text. Throws `BackupFault` for any text that is not in the shape of what
 * `sealManifest` writes for this key; whether the service wrote it is in `trust`, and it is up to
 * the caller to refuse it.
 *
 * @param key the manifest's key in the bucket
 */
export async function openManifest(
  key: string,
  text: string,
  keys: BackupKeys | null,
): Promise<Loaded> {
  let read: { sha256?: unknown; mac?: unknown; manifest?: unknown } | null;
  try {
    read = JSON.parse(text) as typeof read;
  } catch {
    throw new BackupFault(key, "is not JSON");
  }
  const manifest = read?.manifest as Manifest;
  if (typeof manifest !== "object" || manifest === null)
    throw new BackupFault(key, "is no manifest");

  // Only this very text: there is one way to write a manifest, so its sum and its MAC are of all
  // that was read.
  const mac = typeof read?.mac === "string" ? read.mac : null;
  const own = JSON.stringify(manifest);
  const sha256 = await sha256Hex(own);
  if (sealed(own, sha256, mac) !== text) throw new BackupFault(key, "its sum is wrong");

  if (manifest.format !== FORMAT) throw new BackupFault(key, "is not a backup of this service");
  if (!Number.isInteger(manifest.format_version) || manifest.format_version < 1) {
    throw new BackupFault(key, "says no format_version");
  }
  if (manifest.format_version > FORMAT_VERSION) {
    throw new BackupFault(
      key,
      `has format ${manifest.format_version}; this version reads up to ${FORMAT_VERSION}`,
    );
  }
  checkShape(key, manifest);
  if (manifestKey(manifest.id, manifest.kind) !== key) {
    throw new BackupFault(key, `is the manifest of ${manifest.id}`);
  }
  return { manifest, sha256, trust: await trustOf(manifest, own, mac, keys) };
}
