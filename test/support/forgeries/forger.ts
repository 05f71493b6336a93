/**
 * A bucket in an attacker's hands: he reads, writes and deletes what he likes, computes every sum
 * right, and does not have BACKUP_KEY.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createCipher } from "../../../src/backup/format/bytes.ts";
import type { BackupKeys, BackupKind, ChunkEntry, Manifest } from "../../../src/backup/index.ts";
import { manifestKey, prefixOf } from "../../../src/backup/format/manifest.ts";
import { MemoryStore } from "../backups/ports.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const encoder = new TextEncoder();
export const bytesOf = (text: string): Bytes => encoder.encode(text) as Bytes;
export const sumOf = (data: string | Bytes): string =>
  createHash("sha256").update(data).digest("hex");

/** What he writes as the MAC of a manifest: nothing, what was there, or a text of his. */
export type Mac = "none" | "as it was" | { text: string };

export class Forger {
  readonly store: MemoryStore;

  constructor(from: MemoryStore) {
    this.store = new MemoryStore();
    for (const [key, bytes] of from.objects) this.store.objects.set(key, bytes);
  }

  sealed(id: string, kind: BackupKind): { sha256: string; mac?: string; manifest: Manifest } {
    const bytes = this.store.objects.get(manifestKey(id, kind));
    if (!bytes) throw new Error(`there is no ${id}`);
    return JSON.parse(new TextDecoder().decode(bytes)) as {
      sha256: string;
      mac?: string;
      manifest: Manifest;
    };
  }
  manifest(id: string, kind: BackupKind = "full"): Manifest {
    return this.sealed(id, kind).manifest;
  }

  /**
   * Writes a manifest with a right sum.
   *
   * @param as the MAC; "as it was": of the manifest that is in this place
   */
  write(manifest: Manifest, as: Mac = "none"): void {
    const key = manifestKey(manifest.id, manifest.kind);
    const mac =
      as === "none"
        ? undefined
        : as === "as it was"
          ? this.sealed(manifest.id, manifest.kind).mac
          : as.text;
    const text = JSON.stringify(manifest);
    const said = mac === undefined ? "" : `"mac":"${mac}",`;
    this.store.objects.set(key, bytesOf(`{"sha256":"${sumOf(text)}",${said}"manifest":${text}}`));
  }

  /** Changes a manifest in its place; its sum is right, its MAC is the one that it had. */
  change(
    id: string,
    kind: BackupKind,
    how: (manifest: Manifest) => Partial<Manifest> | void,
    as: Mac = "as it was",
  ) {
    const manifest = this.manifest(id, kind);
    const changed = how(manifest);
    this.write({ ...manifest, ...changed }, as);
  }

  /** Writes a chunk that is not encrypted; its entry is right in every respect. */
  chunk(
    of: { id: string; kind: BackupKind },
    lines: readonly string[],
    more: Partial<ChunkEntry> = {},
  ): ChunkEntry {
    return this.packed(of, bytesOf(lines.map((line) => `${line}\n`).join("")), {
      rows: lines.length,
      ...more,
    });
  }
  packed(
    of: { id: string; kind: BackupKind },
    text: Bytes,
    more: Partial<ChunkEntry> = {},
  ): ChunkEntry {
    const bytes = new Uint8Array(gzipSync(text));
    const sha256 = sumOf(bytes);
    const object = `planted-00000-${sha256.slice(0, 16)}.ndjson.gz`;
    this.store.objects.set(prefixOf(of.id, of.kind) + object, bytes);
    return {
      object,
      table: "episodes",
      op: "put",
      layer: 1,
      rows: 1,
      bytes: text.length,
      stored: bytes.length,
      sha256,
      parts: false,
      last: "",
      instance: null,
      state: "stored",
      ...more,
    };
  }
}

/**
 * A backup as the version before wrote it: format 1, no MAC, encrypted with BACKUP_KEY itself.
 *
 * @param plain one that was written without a key @param keys null: it stays unencrypted
 */
export async function writeLegacy(
  store: MemoryStore,
  plain: Manifest,
  keys: BackupKeys | null,
): Promise<Manifest> {
  const prefix = prefixOf(plain.id, plain.kind);
  const key = keys?.newest ?? null;
  const chunks: ChunkEntry[] = [];
  for (const entry of plain.chunks) {
    const bytes = store.objects.get(prefix + entry.object);
    if (!bytes) throw new Error(`there is no ${entry.object}`);
    const place = entry.object.replace(/-[0-9a-f]{16}\.ndjson\.gz$/, "");
    const kept = key
      ? await (await createCipher(key.chunkKeyOf(1))).seal(bytes, prefix + place)
      : bytes;
    const sha256 = sumOf(kept);
    const object = `${place}-${sha256.slice(0, 16)}.ndjson.gz${key ? ".aes" : ""}`;
    store.objects.delete(prefix + entry.object);
    store.objects.set(prefix + object, kept);
    chunks.push({ ...entry, object, stored: kept.length, sha256 });
  }
  const encryption = key ? ({ algorithm: "AES-256-GCM", key_id: key.id } as const) : null;
  const manifest: Manifest = { ...plain, format_version: 1, encryption, chunks };
  const text = JSON.stringify(manifest);
  store.objects.set(
    manifestKey(plain.id, plain.kind),
    bytesOf(`{"sha256":"${sumOf(text)}","manifest":${text}}`),
  );
  return manifest;
}
