/**
 * Writes a snapshot: what each instance and the Coordinator hold themselves. Rows that the database
 * has not seen come with the mark that names them, so they can be merged into a database; the rest
 * is there to be looked at or put back.
 *
 * @module
 */

import {
  TABLES,
  type Row,
  type SqlValue,
  type Table,
  type TableName,
  type TypedValue,
} from "../storage/index.ts";
import { createManifest, loadWritten, type BackupPlace } from "./store/chain.ts";
import { ChunkWriter, type ChunkContext } from "./format/chunks.ts";
import {
  FORMAT,
  FORMAT_VERSION,
  manifestKey,
  prefixOf,
  type ChunkEntry,
  type Manifest,
} from "./format/manifest.ts";
import type { Progress, Steps } from "./ports.ts";
import { encodeRow } from "./format/rows.ts";
import { isoTime } from "../util/time.ts";

export interface SnapshotSource {
  rows: {
    table: string;
    state: "unsent" | "cached" | "local";
    key: SqlValue[] | null;
    row: SqlValue[] | Row | null;
  }[];
  next: { stage: number; after: number } | null;
}

export interface SnapshotPorts extends BackupPlace {
  steps: Steps;
  now: () => number;
  /** A page of an instance; -1: the Coordinator. */
  page(instance: number, cursor: SnapshotSource["next"]): Promise<SnapshotSource>;
  report: (progress: Progress) => Promise<void>;
}

export interface SnapshotPlan {
  id: string;
  instances: number;
  schema_version: number;
  written_by: { name: string; version: string };
}

const PAGES_PER_STEP = 20;
/** Layers: what is unsent counts above what is cached. */
const LAYERS = { unsent: 2, cached: 1, local: 0 } as const;

export async function takeSnapshot(ports: SnapshotPorts, plan: SnapshotPlan): Promise<Manifest> {
  const { steps, store, keys, now } = ports;
  const context: ChunkContext = { prefix: prefixOf(plan.id, "snapshot"), store, keys };
  const started = await steps.run("begin", async () => now());
  const chunks: ChunkEntry[] = [];
  const progress = { rows: 0, bytes: 0 };
  const sources = [-1, ...Array.from({ length: plan.instances }, (_, index) => index)];
  for (const [n, instance] of sources.entries()) {
    let cursor: SnapshotSource["next"] = null;
    for (let piece = 0; ; piece++) {
      const at: SnapshotSource["next"] = cursor;
      const done: { entries: ChunkEntry[]; next: SnapshotSource["next"] } = await steps.run(
        `instance ${instance} ${piece}`,
        () => pages(ports, context, instance, at, piece),
      );
      chunks.push(...done.entries);
      for (const { rows, bytes } of done.entries) {
        progress.rows += rows;
        progress.bytes += bytes;
      }
      await ports.report({
        phase: `instance ${instance}`,
        ...progress,
        done: n,
        total: sources.length,
      });
      cursor = done.next;
      if (cursor === null) break;
    }
  }
  const key = manifestKey(plan.id, "snapshot");
  await steps.run("manifest", async () => {
    const manifest: Manifest = {
      format: FORMAT,
      format_version: FORMAT_VERSION,
      id: plan.id,
      kind: "snapshot",
      started_at: isoTime(started),
      finished_at: isoTime(now()),
      written_by: plan.written_by,
      schema_version: plan.schema_version,
      parent: null,
      watermark: null,
      scope: { namespace: null, since: null },
      tables: Object.fromEntries(
        Object.entries<Table>(TABLES).map(([name, { columns, key: width }]) => [
          name,
          { columns, key: width, rows: null },
        ]),
      ),
      encryption: keys ? { algorithm: "AES-256-GCM", key_id: keys.id } : null,
      chunks,
    };
    await createManifest(ports, key, manifest);
    return key;
  });
  return loadWritten(ports, key);
}

async function pages(
  ports: SnapshotPorts,
  context: ChunkContext,
  instance: number,
  from: SnapshotSource["next"],
  piece: number,
): Promise<{ entries: ChunkEntry[]; next: SnapshotSource["next"] }> {
  const writers = new Map<string, ChunkWriter>();
  const name = instance === -1 ? "coordinator" : `instance-${instance}`;
  const writer = (
    table: string,
    op: ChunkEntry["op"],
    state: "unsent" | "cached" | "local",
  ): ChunkWriter => {
    const place = `${name}-${String(piece).padStart(5, "0")}-${state}-${table}-${op}`;
    let known = writers.get(place);
    if (!known) {
      known = new ChunkWriter(context, { table, op, layer: LAYERS[state], instance, state }, place);
      writers.set(place, known);
    }
    return known;
  };
  let next = from;
  for (let page = 0; page < PAGES_PER_STEP; page++) {
    const { rows, next: following } = await ports.page(instance, next);
    for (const { table, state, key, row } of rows) {
      if (state === "local") await writer(table, "local", state).add(JSON.stringify(row), false);
      else if (row === null)
        await writer(table, "delete", state).add(...lineOf(table as TableName, key ?? []));
      else await writer(table, "put", state).add(...lineOf(table as TableName, row as SqlValue[]));
    }
    next = following;
    if (next === null) break;
  }
  const entries: ChunkEntry[] = [];
  for (const known of writers.values()) {
    await known.flush();
    entries.push(...known.entries);
  }
  return { entries, next };
}

/** An instance's SQLite says numbers; which columns are REAL the table says. */
function lineOf(table: TableName, values: readonly SqlValue[]): [string, boolean] {
  const { columns, real = [] }: Table = TABLES[table];
  const row = values.map((value, i): TypedValue => {
    if (value === null) return { type: "null" };
    if (typeof value === "string") return { type: "text", value };
    return real.includes(columns[i] ?? "")
      ? { type: "float", value }
      : { type: "integer", value: String(value) };
  });
  return [
    encodeRow(row),
    values.some((value) => typeof value === "string" && value.includes("\0")),
  ];
}
