/**
 * Writes and reads chunks: objects of NDJSON, compressed, and encrypted when there is a key. A
 * chunk's name ends with its sum, so a try that was given up and still writes can never change what
 * a manifest names. What is read is checked against all that the manifest says of it.
 *
 * @module
 */

import { sha256Hex, utf8, type Bytes } from "../../util/hashing/hash.ts";
import { gunzip, gzip, textOf } from "./bytes.ts";
import type { BackupPlace } from "../ports.ts";
import { cipherOf } from "./data-key.ts";
import {
  BackupFault,
  type ChunkEntry,
  type Encryption,
  FORMAT_VERSION,
  type Manifest,
  prefixOf,
} from "./manifest.ts";
import { isLocalRow } from "./local-rows.ts";
import { CHUNK_STORED_MAX, CHUNK_TEXT_MAX } from "./shape.ts";

/** Text of a chunk, characters; a longer row is a chunk of its own. */
const CHUNK_CHARS = 4_000_000;

export type ChunkHead = Pick<ChunkEntry, "table" | "op" | "layer" | "instance" | "state">;

export interface ChunkContext extends BackupPlace {
  /** The backup's prefix in the bucket. */
  prefix: string;
  /** null: what is written is not encrypted. */
  encryption: Encryption | null;
}

/** Collects lines and writes a chunk whenever there are enough. */
export class ChunkWriter {
  readonly #context: ChunkContext;
  readonly #head: ChunkHead;
  readonly #name: string;
  #lines: string[] = [];
  #chars = 0;
  #hasParts = false;
  #lastKey = "";
  readonly entries: ChunkEntry[] = [];

  /** @param name unique in the backup; chunks are numbered behind it */
  constructor(context: ChunkContext, head: ChunkHead, name: string) {
    this.#context = context;
    this.#head = head;
    this.#name = name;
  }

  /**
   * Adds a line. Returns true when the chunk was full and is written.
   *
   * @param parts whether some text of the line is written in parts
   * @param key the row's key as a JSON array, for a scan
   */
  async add(line: string, parts: boolean, key = ""): Promise<boolean> {
    this.#lines.push(line);
    this.#chars += line.length + 1;
    this.#hasParts ||= parts;
    this.#lastKey = key;
    if (this.#chars < CHUNK_CHARS) return false;
    await this.flush();
    return true;
  }

  /** Writes what is left; nothing when nothing is. Throws what the store throws. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const { prefix, store, keys, encryption } = this.#context;
    const sealed = { prefix, encryption, format_version: FORMAT_VERSION };
    const cipher = encryption && (await cipherOf(keys, sealed, prefix));
    const plain = utf8(`${this.#lines.join("\n")}\n`);
    if (plain.length > CHUNK_TEXT_MAX) {
      throw new Error(
        `A row of ${this.#head.table} has ${plain.length} bytes; a backup holds at most ${CHUNK_TEXT_MAX}.`,
      );
    }
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
      parts: this.#hasParts,
      last: this.#lastKey,
    });
    this.#hasParts = false;
  }
}

/**
 * A chunk's lines, checked against everything that its manifest says, each of them a row of its
 * table. Throws `BackupFault`. Never more is unpacked than the manifest says, and that is bounded.
 */
export async function readChunk(
  place: BackupPlace,
  manifest: Manifest,
  entry: ChunkEntry,
): Promise<string[]> {
  const prefix = prefixOf(manifest.id, manifest.kind);
  const key = prefix + entry.object;
  const bytes = await place.store.get(key, CHUNK_STORED_MAX);
  if (!bytes) throw new BackupFault(key, "is missing");
  if (bytes.length !== entry.stored) {
    throw new BackupFault(key, `has ${bytes.length} bytes, the manifest says ${entry.stored}`);
  }
  if ((await sha256Hex(bytes)) !== entry.sha256) throw new BackupFault(key, "its sum is wrong");

  const packed = manifest.encryption ? await decrypted(place, manifest, entry, bytes) : bytes;
  let plain: Bytes;
  try {
    plain = await gunzip(packed, entry.bytes);
  } catch (error) {
    const problem = error instanceof RangeError ? error.message : "cannot be unpacked";
    throw new BackupFault(key, `${problem}; the manifest says ${entry.bytes} bytes`);
  }
  const text = textOf(plain);
  if (text === null) throw new BackupFault(key, "is not UTF-8");
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length !== entry.rows) {
    throw new BackupFault(key, `has ${lines.length} rows, the manifest says ${entry.rows}`);
  }
  checkLines(key, lines, manifest, entry);
  return lines;
}

async function decrypted(
  { keys }: BackupPlace,
  manifest: Manifest,
  entry: ChunkEntry,
  bytes: Bytes,
): Promise<Bytes> {
  const prefix = prefixOf(manifest.id, manifest.kind);
  const { encryption, format_version } = manifest;
  const cipher = await cipherOf(
    keys,
    { prefix, encryption, format_version },
    prefix + entry.object,
  );
  const place = entry.object.replace(/-[0-9a-f]{16}\.ndjson\.gz\.aes$/, "");
  try {
    return await cipher.open(bytes, prefix + place);
  } catch {
    throw new BackupFault(
      prefix + entry.object,
      "cannot be decrypted: it is not what was written in this place",
    );
  }
}

/**
 * Every line is a row, or a row's key, of the right width; the last of a scan is the one that the
 * manifest names.
 */
function checkLines(
  key: string,
  lines: readonly string[],
  manifest: Manifest,
  entry: ChunkEntry,
): void {
  const table = manifest.tables[entry.table];
  const width = entry.op === "put" ? table?.columns.length : table?.key;
  for (const [i, line] of lines.entries()) {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      row = null;
    }
    const good =
      entry.op === "local"
        ? isLocalRow(entry.table, row)
        : isSharedRow(row, width, table?.key ?? 0);
    if (!good) throw new BackupFault(key, `line ${i + 1} is no row of ${entry.table}`);
  }
  if (entry.last !== "" && keyOfLine(lines.at(-1) ?? "[]", table?.key ?? 0) !== entry.last) {
    throw new BackupFault(key, "its last key is not the one that the manifest says");
  }
}

/**
 * Values are NULL, numbers, text, or arrays: text in parts and reals. Keys are text and numbers.
 */
function isSharedRow(row: unknown, width: number | undefined, key: number): boolean {
  if (!Array.isArray(row) || row.length !== width) return false;
  const isScalar = (value: unknown): boolean =>
    value === null || typeof value === "string" || typeof value === "number";
  const isValue = (value: unknown): boolean =>
    isScalar(value) || (Array.isArray(value) && value.every(isScalar));
  return row.every(isValue) && row.slice(0, key).every((value) => value !== null);
}

/** Keys hold text and small whole numbers only. */
export function keyOfLine(line: string, width: number): string {
  const values = (JSON.parse(line) as unknown[]).slice(0, width);
  return JSON.stringify(values.map((value) => (Array.isArray(value) ? value.join("\0") : value)));
}
