/**
 * Brings a backup into a database, empty or living. The newest layer comes first and each key is
 * settled once, so no row ever passes through a state that it had in between. Portions are
 * numbered, and the database refuses a number that it has taken: begun again, a restore goes on
 * where it stopped, and a try that was given up cannot undo it.
 *
 * @module
 */

import {
  DatabaseError,
  fence,
  fenceOff,
  TABLES,
  takeSlice,
  type Database,
  type Statement,
  type TableName,
} from "../../storage/index.ts";
import { byteLength } from "../../memory/bytes.ts";
import { loadChain, type BackupPlace, type ChainRef } from "../store/chain.ts";
import { keyOfLine, readChunk } from "../format/chunks.ts";
import { BackupFault } from "../format/fault.ts";
import type { ChunkEntry, Manifest } from "../format/manifest.ts";
import type { Progress, Steps } from "../ports.ts";
import { LAYERS_MAX } from "../format/shape.ts";
import {
  applyPortion,
  countPortion,
  modeFor,
  settle,
  tablesFor,
  type Portion,
  type RestoreMode,
  type RestoreScope,
} from "./restore-sql.ts";

export interface RestorePorts extends BackupPlace {
  steps: Steps;
  /** Not guarded by anything: the restore is what has the database for itself. */
  database: Pick<Database, "all" | "write">;
  /**
   * UTF-8 bytes of a line beyond which the place does not take it as a value; absent: it takes any.
   */
  lineBytesMax?: number;
  now: () => number;
  report: (progress: Progress) => Promise<void>;
}

export interface RestorePlan {
  /** Of this restore; the same when it is begun again. */
  run: string;
  backup: ChainRef;
  mode: RestoreMode;
  scope: RestoreScope;
  /** What to do about episodes that were deleted after the backup. */
  deleted: "respect" | "bring_back";
  dry_run: boolean;
  /** Writers whose late batches are shut out. */
  writers: readonly { writer: string; batch: number }[];
  /** Only rows of this instance, of a snapshot; null: all. */
  instance?: number | null;
  /**
   * Whether rows of `api_keys` are brought in as well: only where nobody is let in by them, as in a
   * drill. Default: no. Who asks for keys by their ids is answered by the Coordinator.
   */
  api_keys?: boolean;
  /**
   * Whether what was derived from episodes is brought in as well. Default: yes. Of a snapshot it is
   * not of one piece with what the database has, and is learned instead.
   */
  derived?: boolean;
}

export interface RestoreCounts {
  missing: number;
  changed: number;
  surplus: number;
}

export interface RestoreResult {
  chain: string[];
  watermark: Manifest["watermark"];
  /**
   * Dry run: what would change. Otherwise: rows of the backup that were brought in, and what the
   * table holds now.
   */
  tables: Record<string, RestoreCounts & { rows: number }>;
  portions: number;
}

/** Rows of a portion, which is a slice: far below what a request may carry and take. */
const PORTION_ROWS = 2_000;
const CHUNKS_PER_STEP = 4;

/** Sums and indexes over what was learned. */
const DERIVED: readonly TableName[] = ["digests", "patterns", "domains", "search_docs", "vectors"];

interface Piece {
  manifest: Manifest;
  entry: ChunkEntry | null;
  table: TableName;
  layer: number;
  after: string | null;
  last: boolean;
}

const tablesOf = (plan: RestorePlan): TableName[] =>
  tablesFor(plan.scope, plan.deleted).filter(
    (name) =>
      (name !== "api_keys" || plan.api_keys === true) &&
      (plan.derived !== false || !DERIVED.includes(name)),
  );

/** The chunks in the order in which they are brought in. */
function piecesOf(chain: readonly Manifest[], plan: RestorePlan): Piece[] {
  const pieces: Piece[] = [];
  for (const table of tablesOf(plan)) {
    const mine = chain.flatMap((manifest, link) =>
      manifest.chunks
        .filter((entry) => entry.table === table && entry.op !== "local")
        .filter(
          (entry) =>
            plan.instance === undefined ||
            plan.instance === null ||
            entry.instance === plan.instance,
        )
        .map((entry) => ({ manifest, entry, order: link * LAYERS_MAX + entry.layer })),
    );
    const changes = mine.filter(({ entry }) => entry.layer > 0).sort((a, b) => b.order - a.order);
    for (const { manifest, entry } of changes) {
      pieces.push({ manifest, entry, table, layer: entry.layer, after: null, last: false });
    }
    const [full] = chain;
    if (!full || full.kind === "snapshot") continue;
    const scans = full.chunks.filter((entry) => entry.table === table && entry.layer === 0);
    let after: string | null = null;
    for (const entry of scans) {
      pieces.push({ manifest: full, entry, table, layer: 0, after, last: false });
      after = entry.last;
    }
    // Behind the last row of the scan there is nothing.
    pieces.push({ manifest: full, entry: null, table, layer: 0, after, last: true });
  }
  return pieces;
}

/**
 * Throws `BackupFault` before anything is touched when the chain is not whole, and `DatabaseError`.
 * The caller has verified every object of the chain.
 */
export async function restoreBackup(
  ports: RestorePorts,
  plan: RestorePlan,
): Promise<RestoreResult> {
  const { steps, database, now } = ports;
  const chain = (await loadChain(ports, plan.backup)).map(({ manifest }) => manifest);
  const tip = chain.at(-1);
  const partial = chain.some(({ scope }) => scope.since !== null || scope.namespace !== null);
  if (tip && partial && plan.mode === "replace" && !within(tip, plan.scope)) {
    throw new BackupFault(
      tip.id,
      "holds a part of the memory only; it can be merged, not replace everything",
    );
  }
  const writer = `restore-${plan.run}`;
  const pieces = piecesOf(chain, plan);

  await steps.run("prepare", () =>
    once(database, writer, 1, now(), [
      ...plan.writers.map(({ writer: other, batch }) => fenceOff(other, batch, now())),
      { sql: "DELETE FROM _restore_keys", args: [] },
      { sql: "DELETE FROM _restore_dead", args: [] },
      ...(plan.deleted === "respect"
        ? [
            {
              sql: "INSERT INTO _restore_dead SELECT namespace, episode_id, deleted_at FROM tombstones",
              args: [],
            },
          ]
        : []),
    ]),
  );

  const tables: RestoreResult["tables"] = {};
  let number = 1;
  let portions = 0;
  const progress: Progress = {
    phase: plan.dry_run ? "dry run" : "restore",
    rows: 0,
    bytes: 0,
    done: 0,
    total: 0,
  };
  for (let at = 0; at < pieces.length; at += CHUNKS_PER_STEP) {
    const part = pieces.slice(at, at + CHUNKS_PER_STEP);
    const first = number;
    const done = await steps.run(`restore ${at}`, async () => {
      let next = first;
      const counts: Record<string, RestoreCounts> = {};
      for (const piece of part) {
        for await (const portion of portionsOf(ports, piece)) {
          next += 1;
          const mode = modeFor(piece.table, plan.mode, plan.deleted);
          const known = (counts[piece.table] ??= { missing: 0, changed: 0, surplus: 0 });
          if (plan.dry_run) {
            const { sql, args } = countPortion(portion, mode, plan.scope, plan.deleted);
            const [row] = await database.all<{ missing: number; changed: number; surplus: number }>(
              sql,
              ...args,
            );
            known.missing += row?.missing ?? 0;
            known.changed += row?.changed ?? 0;
            known.surplus += row?.surplus ?? 0;
            if (portion.layer > 0) await once(database, writer, next, now(), [settle(portion)]);
          } else {
            known.changed += portion.lines.length;
            await once(
              database,
              writer,
              next,
              now(),
              applyPortion(portion, mode, plan.scope, plan.deleted),
            );
          }
        }
      }
      return { next, counts };
    });
    portions += done.next - number;
    number = done.next;
    for (const [name, counts] of Object.entries(done.counts)) {
      const known = (tables[name] ??= { missing: 0, changed: 0, surplus: 0, rows: 0 });
      known.missing += counts.missing;
      known.changed += counts.changed;
      known.surplus += counts.surplus;
    }
    for (const { entry } of part) {
      progress.rows += entry?.rows ?? 0;
      progress.bytes += entry?.bytes ?? 0;
    }
    await ports.report({
      ...progress,
      done: Math.min(at + CHUNKS_PER_STEP, pieces.length),
      total: pieces.length,
    });
  }

  const rows = await steps.run("count", async () => {
    const counted: Record<string, number> = {};
    for (const name of tablesOf(plan)) {
      const [row] = await database.all<{ n: number }>(`SELECT count(*) AS n FROM ${name}`);
      counted[name] = row?.n ?? 0;
    }
    return counted;
  });
  for (const [name, n] of Object.entries(rows)) {
    (tables[name] ??= { missing: 0, changed: 0, surplus: 0, rows: 0 }).rows = n;
  }
  return { chain: chain.map(({ id }) => id), watermark: tip?.watermark ?? null, tables, portions };
}

/** Drops what the restore wrote for itself. */
export async function forgetRestore(database: Pick<Database, "write">, run: string): Promise<void> {
  await database.write([
    { sql: "DELETE FROM _restore_keys", args: [] },
    { sql: "DELETE FROM _restore_dead", args: [] },
    {
      sql: "DELETE FROM _writers WHERE writer IN (?, ?)",
      args: [`restore-${run}`, heldWriter(run)],
    },
  ]);
}

/** What a restore writes beside the backup's rows is numbered on its own. */
export const heldWriter = (run: string): string => `restore-${run}-held`;

/** Writes a numbered portion, or finds that it was written. */
export async function once(
  database: Pick<Database, "write">,
  writer: string,
  number: number,
  now: number,
  statements: readonly Statement[],
): Promise<null> {
  try {
    await database.write([fence(writer, number, now), ...statements]);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== "fenced") throw error;
  }
  return null;
}

async function* portionsOf(ports: RestorePorts, piece: Piece): AsyncGenerator<Portion> {
  const { manifest, entry, table, layer } = piece;
  const { columns = TABLES[table].columns, key = TABLES[table].key } = manifest.tables[table] ?? {};
  const shape = {
    table,
    columns,
    key,
    layer,
    op: entry?.op === "delete" ? "delete" : "put",
  } as const;
  if (!entry) {
    yield { ...shape, lines: [], parts: false, after: piece.after, through: null };
    return;
  }
  const lines = await readChunk(ports, manifest, entry);
  let after = piece.after;
  let rest: readonly string[] = lines;
  while (rest.length > 0) {
    const { rows: part } = takeSlice(rest, { rows: PORTION_ROWS }, byteLength);
    const through = layer === 0 ? keyOfLine(part.at(-1) ?? "[]", key) : null;
    yield {
      ...shape,
      lines: fitting(part, ports.lineBytesMax),
      parts: entry.parts,
      after,
      through,
    };
    after = through;
    rest = rest.slice(part.length);
  }
}

/** The lines that the place takes as one value. */
function fitting(lines: readonly string[], most = Number.POSITIVE_INFINITY): readonly string[] {
  return lines.every((line) => line.length * 3 <= most)
    ? lines
    : lines.filter((line) => byteLength(line) <= most);
}

function within({ scope }: Manifest, wanted: RestoreScope): boolean {
  return scope.since === null && (scope.namespace === null || scope.namespace === wanted.namespace);
}
