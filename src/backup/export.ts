/**
 * Writes a backup of the database while it is written to. A full backup scans each table in key
 * order, in pieces that see different moments; what changed meanwhile is then read from the change
 * feed, in passes that grow shorter, the last one in one snapshot together with the watermark. So
 * the layers together are exactly the database as of the watermark (the way of A. Andreakis, I.
 * Papapanagiotou, "DBLog: A Watermark Based Change-Data-Capture Framework", 2020). An incremental
 * backup is the same without the scan.
 *
 * @module
 */

import {
  changedQuery,
  countQuery,
  FEED_STATE,
  scanQuery,
  TABLES,
  type ExportScope,
  type Query,
  type SnapshotReader,
  type TableName,
  type TypedValue,
} from "../storage/index.ts";
import { ChunkWriter, type ChunkContext } from "./format/chunks.ts";
import {
  FORMAT,
  FORMAT_VERSION,
  manifestKey,
  prefixOf,
  type ChunkEntry,
  type Manifest,
} from "./format/manifest.ts";
import { createManifest, loadWritten, type BackupPlace } from "./store/chain.ts";
import type { Parent } from "./store/newest.ts";
import type { Progress, Steps } from "./ports.ts";
import { encodeRow } from "./format/rows.ts";
import { isoTime, isoTimeOrNull } from "../util/time.ts";

export interface ExportPorts extends BackupPlace {
  steps: Steps;
  snapshots: SnapshotReader;
  now: () => number;
  report: (progress: Progress) => Promise<void>;
}

export interface ExportPlan {
  id: string;
  scope: ExportScope;
  /** What an incremental continues; null: a full backup. */
  parent: Parent | null;
  written_by: { name: string; version: string };
  /** Chunks that one step writes at most. */
  chunksPerStep?: number;
  /** Changes that one query reads, and that the last pass may hold. */
  changesPerPage?: number;
}

/**
 * The feed does not reach back to the parent, or is another database's: only a full backup can be
 * taken.
 */
export class NoParent extends Error {
  override readonly name = "NoParent";
}

interface Feed {
  seq: number;
  id: string;
  pruned: number;
  schema: number;
}

const NAMES = Object.keys(TABLES) as TableName[];
const CHUNKS_PER_STEP = 8;
const CHANGES_PER_PAGE = 20_000;
/** Passes before the last one comes whatever is left. */
const PASSES_MAX = 12;

/** Returns the manifest that is in the store afterwards. Throws `NoParent`, `DatabaseError`. */
export async function exportDatabase(ports: ExportPorts, plan: ExportPlan): Promise<Manifest> {
  const { steps, store, keys, now } = ports;
  const kind = plan.parent ? "incremental" : "full";
  const context: ChunkContext = { prefix: prefixOf(plan.id, kind), store, keys };
  const perPage = plan.changesPerPage ?? CHANGES_PER_PAGE;
  const chunks: ChunkEntry[] = [];
  const progress: Progress = { phase: "scan", rows: 0, bytes: 0, done: 0, total: 0 };
  const add = async (
    entries: readonly ChunkEntry[],
    phase: string,
    done: number,
    total: number,
  ): Promise<void> => {
    chunks.push(...entries);
    for (const { rows, bytes } of entries) {
      progress.rows += rows;
      progress.bytes += bytes;
    }
    await ports.report({ ...progress, phase, done, total });
  };

  const begun = await steps.run("begin", async () => {
    const { feed, counts } = await stateOf(ports.snapshots);
    if (
      plan.parent &&
      (feed.id !== plan.parent.feed || plan.parent.seq < feed.pruned || plan.parent.seq > feed.seq)
    ) {
      throw new NoParent(`The change feed does not reach back to ${plan.parent.id}.`);
    }
    return { feed, at: now(), rows: Object.values(counts).reduce((sum, n) => sum + n, 0) };
  });

  if (!plan.parent) {
    for (const name of NAMES) {
      let after: (string | number)[] | null = null;
      for (let piece = 0; ; piece++) {
        const behind: (string | number)[] | null = after;
        const done: { entries: ChunkEntry[]; after: (string | number)[] | null } = await steps.run(
          `scan ${name} ${piece}`,
          () => scan(ports.snapshots, context, name, behind, piece, plan),
        );
        await add(done.entries, `scan ${name}`, progress.rows, begun.rows);
        after = done.after;
        if (after === null) break;
      }
    }
  }

  let from = plan.parent?.seq ?? begun.feed.seq;
  let layer = 1;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const to: number = await steps.run(`pass ${pass}`, async () => {
      const { feed } = await stateOf(ports.snapshots);
      same(feed, begun.feed);
      return feed.seq;
    });
    if (to - from <= perPage) break;
    const total = to - from;
    const start = from;
    while (from < to) {
      const [low, high, number] = [from, Math.min(to, from + perPage), layer];
      const { entries } = await steps.run(`changes ${number}`, () =>
        changes(ports.snapshots, context, number, low, high, plan.scope),
      );
      await add(entries, `changes, pass ${pass + 1}`, high - start, total);
      from = high;
      layer += 1;
    }
  }

  const closed = await steps.run("close", () =>
    close(ports, context, layer, from, begun.feed, plan.scope),
  );
  await add(closed.entries, "close", 1, 1);

  const key = manifestKey(plan.id, kind);
  await steps.run("manifest", async () => {
    const whole = plan.scope.namespace === null && plan.scope.since === null;
    const manifest: Manifest = {
      format: FORMAT,
      format_version: FORMAT_VERSION,
      id: plan.id,
      kind,
      started_at: isoTime(begun.at),
      finished_at: isoTime(now()),
      written_by: plan.written_by,
      schema_version: begun.feed.schema,
      parent: plan.parent ? { id: plan.parent.id, sha256: plan.parent.sha256 } : null,
      watermark: {
        feed: closed.feed.id,
        seq: closed.feed.seq,
        at: isoTime(closed.at),
      },
      scope: {
        namespace: plan.scope.namespace,
        since: isoTimeOrNull(plan.scope.since),
      },
      tables: Object.fromEntries(
        NAMES.map((name) => [
          name,
          {
            columns: TABLES[name].columns,
            key: TABLES[name].key,
            rows: whole ? (closed.counts[name] ?? 0) : null,
          },
        ]),
      ),
      encryption: keys ? { algorithm: "AES-256-GCM", key_id: keys.id } : null,
      chunks,
    };
    // An earlier try may have been first; then what is there is the backup.
    await createManifest(ports, key, manifest);
    return key;
  });
  return loadWritten(ports, key);
}

async function stateOf(
  snapshots: SnapshotReader,
): Promise<{ feed: Feed; counts: Record<string, number> }> {
  let feed: Feed | null = null;
  const counts: Record<string, number> = {};
  for await (const { query, rows } of snapshots.read([FEED_STATE, ...NAMES.map(countQuery)])) {
    const [row] = rows;
    if (query === 0 && row) feed = feedOf(row);
    else counts[NAMES[query - 1] ?? ""] = number(row?.[0]);
  }
  if (!feed) throw new Error("The database has no change feed.");
  return { feed, counts };
}

function feedOf(row: readonly TypedValue[]): Feed {
  const id = row[1];
  return {
    seq: number(row[0]),
    id: id?.type === "text" ? id.value : "",
    pruned: number(row[2]),
    schema: number(row[3]),
  };
}

function same(feed: Feed, before: Feed): void {
  if (feed.id !== before.id) throw new Error("The database was replaced by another one meanwhile.");
}

async function scan(
  snapshots: SnapshotReader,
  context: ChunkContext,
  name: TableName,
  after: (string | number)[] | null,
  piece: number,
  plan: ExportPlan,
): Promise<{ entries: ChunkEntry[]; after: (string | number)[] | null }> {
  const head = { table: name, op: "put", layer: 0, instance: null, state: "stored" } as const;
  const writer = new ChunkWriter(context, head, `${name}-scan-${String(piece).padStart(5, "0")}`);
  const most = plan.chunksPerStep ?? CHUNKS_PER_STEP;
  for await (const { rows } of snapshots.read([scanQuery(name, after, plan.scope)])) {
    for (const row of rows) {
      const key = keyOf(row.slice(0, TABLES[name].key));
      const full = await writer.add(encodeRow(row), inParts(row), JSON.stringify(key));
      if (full && writer.entries.length >= most) return { entries: writer.entries, after: key };
    }
  }
  await writer.flush();
  return { entries: writer.entries, after: null };
}

function changes(
  snapshots: SnapshotReader,
  context: ChunkContext,
  layer: number,
  from: number,
  to: number,
  scope: ExportScope,
): Promise<{ entries: ChunkEntry[] }> {
  const queries = NAMES.map((name) => changedQuery(name, from, to, scope));
  return writeChanges(snapshots, context, layer, queries, () => {});
}

/** What is left, the watermark and the counts of rows: all of one moment. */
async function close(
  ports: ExportPorts,
  context: ChunkContext,
  layer: number,
  from: number,
  before: Feed,
  scope: ExportScope,
): Promise<{ entries: ChunkEntry[]; feed: Feed; counts: Record<string, number>; at: number }> {
  let feed: Feed = before;
  const counts: Record<string, number> = {};
  const queries = [
    ...NAMES.map((name) => changedQuery(name, from, Number.MAX_SAFE_INTEGER, scope)),
    FEED_STATE,
    ...NAMES.map(countQuery),
  ];
  const { entries } = await writeChanges(ports.snapshots, context, layer, queries, (query, row) => {
    if (query === NAMES.length) feed = feedOf(row);
    else counts[NAMES[query - NAMES.length - 1] ?? ""] = number(row[0]);
  });
  same(feed, before);
  return { entries, feed, counts, at: ports.now() };
}

async function writeChanges(
  snapshots: SnapshotReader,
  context: ChunkContext,
  layer: number,
  queries: readonly Query[],
  other: (query: number, row: TypedValue[]) => void,
): Promise<{ entries: ChunkEntry[] }> {
  const entries: ChunkEntry[] = [];
  let current: { query: number; put: ChunkWriter; gone: ChunkWriter } | null = null;
  const finish = async (): Promise<void> => {
    if (!current) return;
    await current.put.flush();
    await current.gone.flush();
    entries.push(...current.put.entries, ...current.gone.entries);
    current = null;
  };
  for await (const { query, rows } of snapshots.read(queries)) {
    const name = NAMES[query];
    if (current && (current as { query: number }).query !== query) await finish();
    if (!name) {
      for (const row of rows) other(query, row);
      continue;
    }
    const writer = (op: "put" | "delete"): ChunkWriter =>
      new ChunkWriter(
        context,
        { table: name, op, layer, instance: null, state: "stored" },
        `${name}-${op}-${String(layer).padStart(5, "0")}`,
      );
    current ??= { query, put: writer("put"), gone: writer("delete") };
    const width = TABLES[name].key;
    for (const row of rows) {
      const [there, wanted] = [number(row[width]), number(row[width + 1])];
      const values = row.slice(width + 2);
      if (there && wanted) await current.put.add(encodeRow(values), inParts(values));
      else if (!there)
        await current.gone.add(encodeRow(row.slice(0, width)), inParts(row.slice(0, width)));
    }
  }
  await finish();
  return { entries };
}

const inParts = (row: readonly TypedValue[]): boolean =>
  row.some((value) => value.type === "text" && value.value.includes("\0"));

function number(value: TypedValue | undefined): number {
  return value?.type === "integer" ? Number(value.value) : 0;
}

/** Keys are text and small whole numbers. */
function keyOf(values: readonly TypedValue[]): (string | number)[] {
  return values.map((value) => {
    if (value.type === "text") return value.value;
    if (value.type === "integer") return Number(value.value);
    throw new Error(`A key holds ${value.type}.`);
  });
}
