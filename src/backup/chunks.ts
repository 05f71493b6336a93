/**
 * Chunks: objects of NDJSON, compressed, and encrypted when there is a key. A chunk's name ends with its sum: a try that
 * was given up and still writes can never change what a manifest names.
 *
 * @module
 */

import { bytesOf, gunzip, gzip, sha256Hex, type Cipher } from "./bytes.ts";
import { BackupFault, prefixOf, type ChunkEntry, type Manifest } from "./manifest.ts";
import type { ObjectStore } from "./ports.ts";

/** Text of a chunk, characters; a longer row is a chunk of its own. */
const CHUNK_CHARS = 4_000_000;

export type ChunkHead = Pick<ChunkEntry, "table" | "op" | "layer" | "instance" | "state">;

export interface ChunkContext {
  /** The backup's prefix in the bucket. */
  prefix: string;
  store: ObjectStore;
  cipher: Cipher | null;
}

/** Collects lines and writes a chunk whenever there are enough. */
export class ChunkWriter {
  readonly #context: ChunkContext;
  readonly #head: ChunkHead;
  readonly #name: string;
  #lines: string[] = [];
  #chars = 0;
  #parts = false;
  #last = "";
  readonly entries: ChunkEntry[] = [];

  /** @param name unique in the backup; chunks are numbered behind it */
  constructor(context: ChunkContext, head: ChunkHead, name: string) {
    this.#context = context;
    this.#head = head;
    this.#name = name;
  }

  get chars(): number {
    return this.#chars;
  }

  /**
   * @param parts whether some text of the line is written in parts @param key the row's key as a JSON array, for a scan
   * @returns true when the chunk was full and is written
   */
  async add(line: string, parts: boolean, key = ""): Promise<boolean> {
    this.#lines.push(line);
    this.#chars += line.length + 1;
    this.#parts ||= parts;
    this.#last = key;
    if (this.#chars < CHUNK_CHARS) return false;
    await this.flush();
    return true;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const { prefix, store, cipher } = this.#context;
    const plain = bytesOf(`${this.#lines.join("\n")}\n`);
    const rows = this.#lines.length;
    this.#lines = [];
    this.#chars = 0;
    const place = `${this.#name}-${String(this.entries.length).padStart(5, "0")}`;
    let bytes = await gzip(plain);
    if (cipher) bytes = await cipher.seal(bytes, prefix + place);
    const sha256 = await sha256Hex(bytes);
    const object = `${place}-${sha256.slice(0, 16)}.ndjson.gz${cipher ? ".aes" : ""}`;
    await store.put(prefix + object, bytes, sha256);
    this.entries.push({
      object,
      ...this.#head,
      rows,
      bytes: plain.length,
      stored: bytes.length,
      sha256,
      parts: this.#parts,
      last: this.#last,
    });
    this.#parts = false;
  }
}

/** A chunk's lines, checked against everything that its manifest says. Throws `BackupFault`. */
export async function readChunk(
  store: ObjectStore,
  cipher: Cipher | null,
  manifest: Manifest,
  entry: ChunkEntry,
): Promise<string[]> {
  const prefix = prefixOf(manifest.id, manifest.kind);
  const key = prefix + entry.object;
  const bytes = await store.get(key);
  if (!bytes) throw new BackupFault(key, "is missing");
  if (bytes.length !== entry.stored) {
    throw new BackupFault(key, `has ${bytes.length} bytes, the manifest says ${entry.stored}`);
  }
  if ((await sha256Hex(bytes)) !== entry.sha256) throw new BackupFault(key, "its sum is wrong");
  let plain: Uint8Array<ArrayBuffer>;
  try {
    plain = await gunzip(manifest.encryption ? await opened(cipher, manifest, prefix, entry, bytes) : bytes);
  } catch (error) {
    if (error instanceof BackupFault) throw error;
    throw new BackupFault(key, "cannot be decrypted or unpacked");
  }
  if (plain.length !== entry.bytes) throw new BackupFault(key, "its text has another length than the manifest says");
  const lines = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain).split("\n");
  if (lines.pop() !== "" || lines.length !== entry.rows) {
    throw new BackupFault(key, `has ${lines.length} rows, the manifest says ${entry.rows}`);
  }
  return lines;
}

async function opened(
  cipher: Cipher | null,
  manifest: Manifest,
  prefix: string,
  entry: ChunkEntry,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const needed = manifest.encryption?.key_id ?? "";
  if (cipher?.id !== needed) {
    throw new BackupFault(prefix + entry.object, `is encrypted with the key ${needed}, which BACKUP_KEY is not`);
  }
  const place = entry.object.replace(/-[0-9a-f]{16}\.ndjson\.gz\.aes$/, "");
  return cipher.open(bytes, prefix + place);
}
