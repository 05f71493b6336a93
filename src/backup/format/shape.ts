/**
 * Checks what a manifest says: types, ranges, and what follows from what. A manifest comes from
 * the bucket, and names in it become keys of objects, columns of SQL, and sizes of memory; so
 * nothing of it is used before this check.
 *
 * @module
 */

import { LIMITS } from "../../contract/limits.ts";
import { RETIRED_TABLES, TABLES, type Table } from "../../storage/index.ts";
import { BackupFault, type ChunkEntry, type Manifest } from "./manifest.ts";
import { LOCAL_TABLES } from "./local-rows.ts";

/** A manifest's text, bytes. */
export const MANIFEST_BYTES_MAX = 16 << 20;
/**
 * A chunk's text when it is unpacked, bytes; and its object, which may be that much where nothing
 * can be packed.
 */
export const CHUNK_TEXT_MAX = 32 << 20;
export const CHUNK_STORED_MAX = CHUNK_TEXT_MAX + (1 << 20);
/** Layers of one backup; they are ordered within a chain by link and layer. */
export const LAYERS_MAX = 1_000_000;
const TEXT_MAX = 200;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const SUM = /^[0-9a-f]{64}$/;
const OBJECT = /^[a-z0-9][a-z0-9_-]{0,150}-([0-9a-f]{16})\.ndjson\.gz(\.aes)?$/;
const KEY_ID = /^[0-9a-f]{16}$/;
/** A nonce of 12 bytes, a key of 32 and a tag of 16. */
const WRAPPED = /^[0-9a-f]{120}$/;
/** The formats whose backups have a key of their own begin here. */
const WRAPPED_FORMAT = 3;
const KINDS: readonly unknown[] = ["full", "incremental", "snapshot"];
/** Of a snapshot: which layer rows of a state are in. */
const LAYER_OF_STATE: Readonly<Record<string, number>> = { unsent: 2, cached: 1, local: 0 };

const isCount = (value: unknown, max = Number.MAX_SAFE_INTEGER): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max;
const isText = (value: unknown, max = TEXT_MAX): value is string =>
  typeof value === "string" && value.length <= max;
const isTime = (value: unknown): boolean => isText(value, 40) && !Number.isNaN(Date.parse(value));
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Throws `BackupFault` that names what is wrong. @param key the manifest's key in the bucket */
export function checkShape(key: string, manifest: Manifest): void {
  const problem = problemOf(manifest);
  if (problem !== null) throw new BackupFault(key, problem);
}

function problemOf(manifest: Manifest): string | null {
  const { id, kind, started_at, finished_at, written_by, schema_version, scope, tables, chunks } =
    manifest;
  if (!isText(id) || !ID.test(id)) return "its id is no name of a backup";
  if (!KINDS.includes(kind)) return "its kind is not known";
  if (!isTime(started_at) || !isTime(finished_at)) return "says no time";
  if (!isRecord(written_by) || !isText(written_by.name) || !isText(written_by.version))
    return "does not say its writer";
  if (!isCount(schema_version)) return "says no schema_version";
  if (!isRecord(scope) || !isScope(scope)) return "its scope is none";
  if (!isRecord(tables)) return "names no tables";
  if (!Array.isArray(chunks)) return "names no chunks";
  return (
    linkProblem(manifest) ??
    encryptionProblem(manifest) ??
    tablesProblem(manifest) ??
    chunksProblem(manifest)
  );
}

function isScope({ namespace, since }: Record<string, unknown>): boolean {
  return (namespace === null || isText(namespace)) && (since === null || isTime(since));
}

/** How it hangs together with others: its parent and its watermark. */
function linkProblem({ kind, parent, watermark }: Manifest): string | null {
  if ((kind === "incremental") !== (parent !== null))
    return "an incremental, and no other, has a parent";
  if (
    parent !== null &&
    !(isRecord(parent) && isText(parent.id) && ID.test(parent.id) && SUM.test(parent.sha256))
  ) {
    return "its parent is not named by id and sum";
  }
  if ((kind === "snapshot") !== (watermark === null))
    return "a snapshot, and no other, has no watermark";
  if (watermark === null) return null;
  const good =
    isRecord(watermark) && isText(watermark.feed) && isCount(watermark.seq) && isTime(watermark.at);
  return good ? null : "its watermark is none";
}

/** Whether it is a key as `BackupKey.wrap` writes it. */
export const isWrapped = (value: unknown): value is string => isText(value) && WRAPPED.test(value);

/** Whether it is the id of a key of BACKUP_KEY. */
export const isKeyId = (value: unknown): value is string => isText(value) && KEY_ID.test(value);

function encryptionProblem({ encryption, format_version }: Manifest): string | null {
  if (encryption === null) return null;
  if (!isRecord(encryption) || !isText(encryption.key_id, 64))
    return "does not say which key encrypts it";
  const { algorithm } = encryption as { algorithm: unknown };
  if (algorithm !== "AES-256-GCM") return "is encrypted in a way that is not known";
  const { wrapped } = encryption;
  if (format_version < WRAPPED_FORMAT)
    return wrapped === undefined ? null : "has a wrapped key, which its format does not know";
  return isWrapped(wrapped) ? null : "has no wrapped key";
}

const KNOWN_TABLES: Readonly<Record<string, Pick<Table, "columns" | "key">>> = {
  ...RETIRED_TABLES,
  ...TABLES,
};

/**
 * Names, columns and keys are those of the schema: they go into SQL. A column that came later may
 * be missing.
 */
function tablesProblem({ tables }: Manifest): string | null {
  for (const [name, described] of Object.entries(tables)) {
    const table = Object.hasOwn(KNOWN_TABLES, name) ? KNOWN_TABLES[name] : null;
    if (!table)
      return `holds the table ${name.slice(0, TEXT_MAX)}, which this version does not know`;
    if (!isRecord(described) || !Array.isArray(described.columns))
      return `does not describe the table ${name}`;
    const columns: readonly unknown[] = described.columns;
    const unknown = columns.find(
      (column) => !(table.columns as readonly unknown[]).includes(column),
    );
    if (unknown !== undefined) {
      return `holds ${name}.${typeof unknown === "string" ? unknown.slice(0, TEXT_MAX) : "?"}, which this version does not know`;
    }
    if (new Set(columns).size !== columns.length) return `names a column of ${name} twice`;
    const keys = table.columns.slice(0, table.key);
    if (described.key !== table.key || keys.some((column, i) => columns[i] !== column)) {
      return `the key of ${name} is not ${keys.join(", ")}`;
    }
    if (described.rows !== null && !isCount(described.rows))
      return `does not count the rows of ${name}`;
  }
  return null;
}

function chunksProblem(manifest: Manifest): string | null {
  const objects = new Set<string>();
  for (const [n, entry] of manifest.chunks.entries()) {
    const problem = isRecord(entry) ? chunkProblem(manifest, entry) : "is none";
    if (problem !== null) return `its chunk ${n + 1} ${problem}`;
    if (objects.has(entry.object)) return `names ${entry.object} twice`;
    objects.add(entry.object);
  }
  return null;
}

function chunkProblem(manifest: Manifest, entry: ChunkEntry): string | null {
  const name = typeof entry.object === "string" ? OBJECT.exec(entry.object) : null;
  if (!name) return "has no name of a chunk";
  if (!isText(entry.sha256) || !SUM.test(entry.sha256) || name[1] !== entry.sha256.slice(0, 16)) {
    return "is not named by its sum";
  }
  if ((name[2] !== undefined) !== (manifest.encryption !== null))
    return "is not encrypted as the backup says";
  if (!isCount(entry.rows) || entry.rows < 1) return "counts no rows";
  if (!isCount(entry.bytes, CHUNK_TEXT_MAX)) return `unpacks to more than ${CHUNK_TEXT_MAX} bytes`;
  if (!isCount(entry.stored, CHUNK_STORED_MAX)) return `has more than ${CHUNK_STORED_MAX} bytes`;
  if (typeof entry.parts !== "boolean" || !isText(entry.last, CHUNK_TEXT_MAX))
    return "is not described";
  return manifest.kind === "snapshot"
    ? snapshotProblem(manifest, entry)
    : exportProblem(manifest, entry);
}

function exportProblem(
  { kind, tables }: Manifest,
  { table, op, layer, instance, state, last }: ChunkEntry,
) {
  if (!isText(table) || !Object.hasOwn(tables, table)) return "is of a table that is not described";
  if (op !== "put" && op !== "delete") return "says an op that such a backup does not have";
  if (instance !== null || state !== "stored") return "is of an instance";
  if (!isCount(layer, LAYERS_MAX - 1)) return "says no layer";
  if (layer > 0) return last === "" ? null : "says a last key without being a scan's";
  if (kind === "incremental" || op === "delete")
    return "is of a scan that such a backup does not have";
  return isKey(last, tables[table]?.key ?? 0) ? null : "does not say its last key";
}

function snapshotProblem(
  { tables }: Manifest,
  { table, op, layer, instance, state, last }: ChunkEntry,
) {
  if (!isText(state) || LAYER_OF_STATE[state] !== layer)
    return "says a state that its layer is not of";
  if (
    !Number.isInteger(instance) ||
    (instance ?? -2) < -1 ||
    (instance ?? 0) >= LIMITS.instances_max
  ) {
    return "says no instance";
  }
  if (last !== "") return "says a last key without being a scan's";
  if (!isText(table)) return "says no table";
  if ((op === "local") !== (state === "local")) return "says an op that its state does not have";
  if (op === "local")
    return LOCAL_TABLES.includes(table) ? null : `is of the table ${table}, which is not known`;
  if (!Object.hasOwn(tables, table)) return "is of a table that is not described";
  return op === "put" || (op === "delete" && state === "unsent")
    ? null
    : "says an op that its state does not have";
}

/** Whether the text is a key of so many columns, as a JSON array. */
function isKey(text: string, width: number): boolean {
  try {
    const values = JSON.parse(text) as unknown;
    return (
      Array.isArray(values) &&
      values.length === width &&
      values.every((value) => typeof value === "string" || Number.isSafeInteger(value))
    );
  } catch {
    return false;
  }
}
