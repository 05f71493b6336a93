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
  type Feed,
  NoParent,
  readState,
  requireSameFeed,
  type RowCounts,
  writeChanges,
  writeLastChanges,
} from "./changes.ts";
import { type ChunkContext, ChunkWriter } from "../format/chunks.ts";
import { newEncryption } from "../format/data-key.ts";
import {
  type ChunkEntry,
  type Manifest,
  manifestKey,
  newManifest,
  prefixOf,
} from "../format/manifest.ts";
import { encodeRow, isInParts, keyOfRow, type RowKey } from "../format/rows.ts";
import type { BackupPlace, Progress, Steps } from "../ports.ts";
import { createManifest, loadWritten, type Parent } from "../store/chain.ts";
import {
  type ExportScope,
  scanQuery,
  type SnapshotReader,
  TABLE_NAMES,
  type TableName,
  TABLES,
} from "../../storage/index.ts";
import { isoTime, isoTimeOrNull } from "../../util/time.ts";

interface ExportPorts extends BackupPlace {
  steps: Steps;
  snapshots: SnapshotReader;
  now: () => number;
  report: (progress: Progress) => Promise<void>;
}

interface ExportPlan {
  id: string;
  scope: ExportScope;
  /** What an incremental continues; null: a full backup. */
  parent: Parent | null;
  written_by: { name: string; version: string };
  /** Chunks that one step writes at most; 8 by default. */
  chunksPerStep?: number;
  /** Changes that one query reads, and that the last pass may hold; 20,000 by default. */
  changesPerPage?: number;
}

const CHUNKS_PER_STEP = 8;
const CHANGES_PER_PAGE = 20_000;
/** Passes before the last one comes whatever is left. */
const PASSES_MAX = 12;

/**
 * Takes the backup, or goes on where an earlier try stopped. Returns the manifest that is in the
 * store afterwards. Throws `NoParent` before anything is written, and `DatabaseError`.
 */
export function exportDatabase(ports: ExportPorts, plan: ExportPlan): Promise<Manifest> {
  return new Export(ports, plan).run();
}

/** What the first step found. */
interface Begun {
  feed: Feed;
  /** ms since the epoch. */
  at: number;
  /** Of all tables. */
  rows: number;
}

/** What the last pass found. */
interface Closed {
  entries: ChunkEntry[];
  feed: Feed;
  counts: RowCounts;
  at: number;
}

class Export {
  readonly #ports: ExportPorts;
  readonly #plan: ExportPlan;
  readonly #kind: "full" | "incremental";
  /** The backup's own key is in it once the first step was done. */
  #context: ChunkContext;
  readonly #chunks: ChunkEntry[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(ports: ExportPorts, plan: ExportPlan) {
    const { store, keys } = ports;
    this.#ports = ports;
    this.#plan = plan;
    this.#kind = plan.parent ? "incremental" : "full";
    this.#context = { prefix: prefixOf(plan.id, this.#kind), store, keys, encryption: null };
  }

  async run(): Promise<Manifest> {
    const { steps, keys } = this.#ports;
    const begun = await steps.run("begin", () => this.#begin());
    const { prefix } = this.#context;
    const encryption = await steps.run("key", () => newEncryption(keys, prefix));
    this.#context = { ...this.#context, encryption };
    if (!this.#plan.parent) await this.#scanTables(begun.rows);

    const { layer, from } = await this.#catchUp(begun.feed);
    const closed = await steps.run("close", () => this.#close(layer, from, begun.feed));
    await this.#add(closed.entries, "close", 1, 1);

    const key = manifestKey(this.#plan.id, this.#kind);
    await steps.run("manifest", async () => {
      // An earlier try may have been first; then what is there is the backup.
      await createManifest(this.#ports, key, this.#manifest(begun, closed));
      return key;
    });
    return loadWritten(this.#ports, key);
  }

  async #begin(): Promise<Begun> {
    const { parent } = this.#plan;
    const { feed, counts } = await readState(this.#ports.snapshots);
    if (parent && !reachesBack(feed, parent)) {
      throw new NoParent(`The change feed does not reach back to ${parent.id}.`);
    }
    const rows = Object.values(counts).reduce((sum, n) => sum + n, 0);
    return { feed, at: this.#ports.now(), rows };
  }

  async #scanTables(total: number): Promise<void> {
    const { steps, snapshots } = this.#ports;
    const { scope, chunksPerStep: chunksMax = CHUNKS_PER_STEP } = this.#plan;
    for (const table of TABLE_NAMES) {
      let after: RowKey | null = null;
      for (let piece = 0; ; piece++) {
        const wanted = { table, piece, after, scope, chunksMax };
        const done: { entries: ChunkEntry[]; after: RowKey | null } = await steps.run(
          `scan ${table} ${piece}`,
          () => scanPiece(snapshots, this.#context, wanted),
        );
        await this.#add(done.entries, `scan ${table}`, this.#rows, total);
        after = done.after;
        if (after === null) break;
      }
    }
  }

  /**
   * Reads the feed until what is left fits into the last pass. Returns from which number the last
   * pass reads, and its layer.
   */
  async #catchUp(before: Feed): Promise<{ layer: number; from: number }> {
    const { steps, snapshots } = this.#ports;
    const { scope, changesPerPage = CHANGES_PER_PAGE } = this.#plan;
    let from = this.#plan.parent?.seq ?? before.seq;
    let layer = 1;
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const start = from;
      const end: number = await steps.run(`pass ${pass}`, () => this.#endOfFeed(before));
      if (end - start <= changesPerPage) break;

      while (from < end) {
        const to = Math.min(end, from + changesPerPage);
        const range = { layer, from, scope };
        const { entries } = await steps.run(`changes ${layer}`, () =>
          writeChanges(snapshots, this.#context, range, to),
        );
        await this.#add(entries, `changes, pass ${pass + 1}`, to - start, end - start);
        from = to;
        layer += 1;
      }
    }
    return { layer, from };
  }

  async #endOfFeed(before: Feed): Promise<number> {
    const { feed } = await readState(this.#ports.snapshots);
    requireSameFeed(feed, before);
    return feed.seq;
  }

  async #close(layer: number, from: number, before: Feed): Promise<Closed> {
    const { snapshots, now } = this.#ports;
    const range = { layer, from, scope: this.#plan.scope };
    const written = await writeLastChanges(snapshots, this.#context, range, before);
    return { ...written, at: now() };
  }

  #manifest(begun: Begun, closed: Closed): Manifest {
    const { id, scope, parent, written_by } = this.#plan;
    const { namespace, since } = scope;
    const isWhole = namespace === null && since === null;
    return newManifest({
      id,
      kind: this.#kind,
      started_at: begun.at,
      finished_at: this.#ports.now(),
      written_by,
      schema_version: begun.feed.schema,
      parent: parent ? { id: parent.id, sha256: parent.sha256 } : null,
      watermark: { feed: closed.feed.id, seq: closed.feed.seq, at: isoTime(closed.at) },
      scope: { namespace, since: isoTimeOrNull(since) },
      rows: isWhole ? closed.counts : null,
      encryption: this.#context.encryption,
      chunks: this.#chunks,
    });
  }

  async #add(
    entries: readonly ChunkEntry[],
    phase: string,
    done: number,
    total: number,
  ): Promise<void> {
    this.#chunks.push(...entries);
    for (const { rows, bytes } of entries) {
      this.#rows += rows;
      this.#bytes += bytes;
    }
    await this.#ports.report({ phase, rows: this.#rows, bytes: this.#bytes, done, total });
  }
}

function reachesBack({ id, pruned, seq }: Feed, parent: Parent): boolean {
  return id === parent.feed && parent.seq >= pruned && parent.seq <= seq;
}

interface ScanPiece {
  table: TableName;
  /** The number of the piece, from 0. */
  piece: number;
  /** The last key of the piece before it; null: it is the first. */
  after: RowKey | null;
  scope: ExportScope;
  /** Chunks after which the piece ends. */
  chunksMax: number;
}

/**
 * Writes the next rows of a table. `after` is the last key that was written, null when the table is
 * at its end. Throws `DatabaseError`.
 */
async function scanPiece(
  snapshots: SnapshotReader,
  context: ChunkContext,
  { table, piece, after, scope, chunksMax }: ScanPiece,
): Promise<{ entries: ChunkEntry[]; after: RowKey | null }> {
  const head = { table, op: "put", layer: 0, instance: null, state: "stored" } as const;
  const writer = new ChunkWriter(context, head, `${table}-scan-${String(piece).padStart(5, "0")}`);
  for await (const { rows } of snapshots.read([scanQuery(table, after, scope)])) {
    for (const row of rows) {
      const key = keyOfRow(row, TABLES[table].key);
      const isFull = await writer.add(encodeRow(row), isInParts(row), JSON.stringify(key));
      if (isFull && writer.entries.length >= chunksMax) {
        return { entries: writer.entries, after: key };
      }
    }
  }
  await writer.flush();
  return { entries: writer.entries, after: null };
}
