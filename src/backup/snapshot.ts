/**
 * Writes a snapshot: what each instance and the Coordinator hold themselves. Rows that the database
 * has not seen come with the mark that names them, so they can be merged into a database; the rest
 * is there to be looked at or put back.
 *
 * @module
 */

import { type Row, type SqlValue, type TypedValue } from "../storage/index.ts";
import { ChunkWriter, type ChunkContext } from "./format/chunks.ts";
import { newEncryption } from "./format/data-key.ts";
import {
  type ChunkEntry,
  type Manifest,
  manifestKey,
  newManifest,
  prefixOf,
} from "./format/manifest.ts";
import { encodeRow, isInParts } from "./format/rows.ts";
import type { BackupPlace, Progress, Steps } from "./ports.ts";
import { createManifest, loadWritten } from "./store/chain.ts";

/**
 * unsent: the database has not seen it. cached: it has. local: of a table that only instances or
 * the Coordinator have.
 */
type RowState = "unsent" | "cached" | "local";

/** Where a page begins; null: at the beginning, or behind the end. */
type PageCursor = { stage: number; after: number } | null;

/** A page of what an instance or the Coordinator holds. */
export interface SnapshotPage {
  rows: {
    table: string;
    state: RowState;
    /** Of a shared table; null: of a local one. */
    key: SqlValue[] | null;
    /** Values in the table's order, or a local row with its names; null: the row is gone. */
    row: SqlValue[] | Row | null;
  }[];
  next: PageCursor;
}

export interface SnapshotPorts extends BackupPlace {
  steps: Steps;
  now: () => number;
  /** A page of an instance; -1: the Coordinator. */
  page(instance: number, cursor: PageCursor): Promise<SnapshotPage>;
  report: (progress: Progress) => Promise<void>;
}

export interface SnapshotPlan {
  id: string;
  /** How many instances there are. */
  instances: number;
  schema_version: number;
  written_by: { name: string; version: string };
}

const PAGES_PER_STEP = 20;
const COORDINATOR = -1;
/** The layer of a state: what is unsent counts above what is cached. */
const LAYERS: Readonly<Record<RowState, number>> = { unsent: 2, cached: 1, local: 0 };

/**
 * Takes the snapshot, or goes on where an earlier try stopped. Returns the manifest that is in the
 * store afterwards. Throws what the ports throw.
 */
export async function takeSnapshot(ports: SnapshotPorts, plan: SnapshotPlan): Promise<Manifest> {
  const { steps, keys, now } = ports;
  const started_at = await steps.run("begin", async () => now());
  const prefix = prefixOf(plan.id, "snapshot");
  const encryption = await steps.run("key", () => newEncryption(keys, prefix));
  const chunks = await writeHolders(ports, plan, { prefix, store: ports.store, keys, encryption });

  const key = manifestKey(plan.id, "snapshot");
  await steps.run("manifest", async () => {
    const manifest = newManifest({
      id: plan.id,
      kind: "snapshot",
      started_at,
      finished_at: now(),
      written_by: plan.written_by,
      schema_version: plan.schema_version,
      parent: null,
      watermark: null,
      scope: { namespace: null, since: null },
      rows: null,
      encryption,
      chunks,
    });
    await createManifest(ports, key, manifest);
    return key;
  });
  return loadWritten(ports, key);
}

/** Writes what the Coordinator and each instance hold, one after the other. */
async function writeHolders(
  ports: SnapshotPorts,
  plan: SnapshotPlan,
  context: ChunkContext,
): Promise<ChunkEntry[]> {
  const { steps, report } = ports;
  const holders = [COORDINATOR, ...Array.from({ length: plan.instances }, (_, index) => index)];
  const chunks: ChunkEntry[] = [];
  let [rows, bytes] = [0, 0];

  for (const [done, instance] of holders.entries()) {
    let cursor: PageCursor = null;
    for (let piece = 0; ; piece++) {
      const from: PageCursor = cursor;
      const written: { entries: ChunkEntry[]; next: PageCursor } = await steps.run(
        `instance ${instance} ${piece}`,
        () => writePages(ports, new PieceWriter(context, instance, piece), from),
      );
      for (const entry of written.entries) {
        chunks.push(entry);
        rows += entry.rows;
        bytes += entry.bytes;
      }
      await report({ phase: `instance ${instance}`, rows, bytes, done, total: holders.length });
      cursor = written.next;
      if (cursor === null) break;
    }
  }
  return chunks;
}

/** Writes the next pages of an instance. `next` is where the one behind them begins. */
async function writePages(
  ports: SnapshotPorts,
  writer: PieceWriter,
  from: PageCursor,
): Promise<{ entries: ChunkEntry[]; next: PageCursor }> {
  let next = from;
  for (let count = 0; count < PAGES_PER_STEP; count++) {
    const page = await ports.page(writer.instance, next);
    for (const row of page.rows) await writer.add(row);
    next = page.next;
    if (next === null) break;
  }
  return { entries: await writer.finish(), next };
}

/** Writes rows of one instance, a chunk writer for each table, state and kind of line. */
class PieceWriter {
  readonly instance: number;
  readonly #context: ChunkContext;
  readonly #name: string;
  readonly #writers = new Map<string, ChunkWriter>();

  constructor(context: ChunkContext, instance: number, piece: number) {
    const holder = instance === COORDINATOR ? "coordinator" : `instance-${instance}`;
    this.instance = instance;
    this.#context = context;
    this.#name = `${holder}-${String(piece).padStart(5, "0")}`;
  }

  async add({ table, state, key, row }: SnapshotPage["rows"][number]): Promise<void> {
    if (state === "local") {
      await this.#writer(table, "local", state).add(JSON.stringify(row), false);
      return;
    }
    const op = row === null ? "delete" : "put";
    const values = typedValues(row === null ? (key ?? []) : (row as SqlValue[]));
    await this.#writer(table, op, state).add(encodeRow(values), isInParts(values));
  }

  async finish(): Promise<ChunkEntry[]> {
    const entries: ChunkEntry[] = [];
    for (const writer of this.#writers.values()) {
      await writer.flush();
      entries.push(...writer.entries);
    }
    return entries;
  }

  #writer(table: string, op: ChunkEntry["op"], state: RowState): ChunkWriter {
    const name = `${this.#name}-${state}-${table}-${op}`;
    const existing = this.#writers.get(name);
    if (existing) return existing;

    const head = { table, op, layer: LAYERS[state], instance: this.instance, state };
    const writer = new ChunkWriter(this.#context, head, name);
    this.#writers.set(name, writer);
    return writer;
  }
}

/** An instance's SQLite gives plain numbers, which are whole in every table. */
function typedValues(values: readonly SqlValue[]): TypedValue[] {
  return values.map((value): TypedValue => {
    if (value === null) return { type: "null" };
    return typeof value === "string"
      ? { type: "text", value }
      : { type: "integer", value: String(value) };
  });
}
