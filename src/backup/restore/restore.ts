/**
 * Brings a backup into a database, empty or living. The newest layer comes first and each key is
 * decided once, so no row ever passes through a state that it had in between. Each portion is
 * written under a number, so a restore that is begun again goes on where it stopped.
 *
 * Does not verify the backup and does not keep others from the database: its caller does both
 * before.
 *
 * @module
 */

import { BackupFault, type Manifest } from "../format/manifest.ts";
import type { BackupPlace, Progress, Steps } from "../ports.ts";
import {
  addCounts,
  applyPortion,
  countPortion,
  decideKeys,
  noCounts,
  type RestoreCounts,
} from "./apply.ts";
import { type Piece, piecesOf, portionsOf } from "./pieces.ts";
import type { Portion } from "./portion-sql.ts";
import {
  type DeletedChoice,
  modeFor,
  type RestoreMode,
  type RestoreScope,
  tablesFor,
} from "./rules.ts";
import { type ChainRef, loadChain } from "../store/chain.ts";
import {
  type Database,
  DatabaseError,
  fence,
  fenceOff,
  type Statement,
  type TableName,
} from "../../storage/index.ts";

interface RestorePorts extends BackupPlace {
  steps: Steps;
  /** Not guarded by anything: the restore is what has the database for itself. */
  database: Pick<Database, "all" | "write">;
  /** UTF-8 bytes of the longest line that the place takes as a value; absent: it takes any. */
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
  deleted: DeletedChoice;
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
}

export interface RestoreResult {
  /** Ids of the backups, the full one first. */
  chain: string[];
  watermark: Manifest["watermark"];
  /**
   * What changed or, of a dry run, would change; and how many rows the table holds now.
   */
  tables: Record<string, RestoreCounts & { rows: number }>;
  portions: number;
}

const PIECES_PER_STEP = 4;
/** The number of the write that prepares the restore; portions have those behind it. */
const PREPARED = 1;

/**
 * Throws `BackupFault` before anything is touched when the chain is not whole, and `DatabaseError`.
 * The caller has verified every object of the chain.
 */
export async function restoreBackup(
  ports: RestorePorts,
  plan: RestorePlan,
): Promise<RestoreResult> {
  const { steps, database } = ports;
  const chain = (await loadChain(ports, plan.backup)).map(({ manifest }) => manifest);
  refuseReplacingByPart(chain, plan);
  const written = writtenTables(plan);
  const pieces = piecesOf(chain, written, plan.instance ?? null);

  await steps.run("prepare", () => prepare(ports, plan));
  const { counts, portions } = await bringIn(ports, plan, pieces);
  const rows = await steps.run("count", () => countRows(database, written));

  const tables: RestoreResult["tables"] = {};
  for (const name of new Set([...Object.keys(counts), ...written])) {
    tables[name] = { ...(counts[name] ?? noCounts()), rows: rows[name] ?? 0 };
  }
  const watermark = chain.at(-1)?.watermark ?? null;
  return { chain: chain.map(({ id }) => id), watermark, tables, portions };
}

/** Throws `BackupFault` when a part of the memory would replace more than that part. */
function refuseReplacingByPart(chain: readonly Manifest[], { mode, scope }: RestorePlan): void {
  const tip = chain.at(-1);
  const isPartial = chain.some((own) => own.scope.since !== null || own.scope.namespace !== null);
  if (!tip || !isPartial || mode !== "replace") return;

  const { since, namespace } = tip.scope;
  const holdsScope = since === null && (namespace === null || namespace === scope.namespace);
  if (holdsScope) return;
  throw new BackupFault(
    tip.id,
    "holds a part of the memory only; it can be merged, not replace everything",
  );
}

/**
 * What was learned follows from episodes and is learned from them anew, but which patterns were
 * heuristics: that comes with `patterns`.
 */
function writtenTables({ scope, deleted, api_keys }: RestorePlan): TableName[] {
  return tablesFor(scope, deleted).filter((name) => name !== "api_keys" || api_keys === true);
}

/** Shuts out late batches of others, and notes what is deleted now. */
function prepare({ database, now }: RestorePorts, plan: RestorePlan): Promise<null> {
  const noteDeleted = {
    sql: "INSERT INTO _restore_dead SELECT namespace, episode_id, deleted_at FROM tombstones",
    args: [],
  };
  return writeOnce(database, portionWriter(plan.run), PREPARED, now(), [
    ...plan.writers.map(({ writer, batch }) => fenceOff(writer, batch, now())),
    { sql: "DELETE FROM _restore_keys", args: [] },
    { sql: "DELETE FROM _restore_dead", args: [] },
    ...(plan.deleted === "respect" ? [noteDeleted] : []),
  ]);
}

type CountsByTable = Record<string, RestoreCounts>;

/** Brings all pieces in, or counts what that would change; a few of them a step. */
async function bringIn(
  ports: RestorePorts,
  plan: RestorePlan,
  pieces: readonly Piece[],
): Promise<{ counts: CountsByTable; portions: number }> {
  const counts: CountsByTable = {};
  const phase = plan.dry_run ? "dry run" : "restore";
  let number = PREPARED;
  let [rows, bytes] = [0, 0];
  for (let at = 0; at < pieces.length; at += PIECES_PER_STEP) {
    const part = pieces.slice(at, at + PIECES_PER_STEP);
    const before = number;
    const done = await ports.steps.run(`restore ${at}`, () =>
      bringInPart(ports, plan, part, before),
    );
    number = done.next;
    for (const [table, own] of Object.entries(done.counts)) {
      addCounts((counts[table] ??= noCounts()), own);
    }

    for (const { entry } of part) {
      rows += entry?.rows ?? 0;
      bytes += entry?.bytes ?? 0;
    }
    const ended = Math.min(at + PIECES_PER_STEP, pieces.length);
    await ports.report({ phase, rows, bytes, done: ended, total: pieces.length });
  }
  return { counts, portions: number - PREPARED };
}

/**
 * Brings some pieces in. `next` is the number of the last portion.
 *
 * @param before the number of the portion before them
 */
async function bringInPart(
  ports: RestorePorts,
  plan: RestorePlan,
  pieces: readonly Piece[],
  before: number,
): Promise<{ next: number; counts: CountsByTable }> {
  const counts: CountsByTable = {};
  let next = before;
  for (const piece of pieces) {
    for await (const portion of portionsOf(ports, piece, ports.lineBytesMax)) {
      next += 1;
      const own = await bringInPortion(ports, plan, portion, next);
      addCounts((counts[piece.table] ??= noCounts()), own);
    }
  }
  return { next, counts };
}

/**
 * What it changes, or would change when it is a dry run: as it is before it is brought in. Of a
 * portion that an earlier try brought in, nothing.
 */
async function bringInPortion(
  { database, now }: RestorePorts,
  { run, mode, scope, deleted, dry_run }: RestorePlan,
  portion: Portion,
  number: number,
): Promise<RestoreCounts> {
  const rules = { mode: modeFor(portion.table, mode, deleted), scope, deleted };
  const counts = await countPortion(database, portion, rules);
  const decided = portion.layer > 0 ? [decideKeys(portion)] : [];
  const statements = dry_run ? decided : applyPortion(portion, rules);
  if (statements.length > 0) {
    await writeOnce(database, portionWriter(run), number, now(), statements);
  }
  return counts;
}

async function countRows(
  database: Pick<Database, "all">,
  tables: readonly TableName[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of tables) {
    const [row] = await database.all<{ n: number }>(`SELECT count(*) AS n FROM ${name}`);
    counts[name] = row?.n ?? 0;
  }
  return counts;
}

/** Under which a restore numbers its portions. @param run of the restore */
const portionWriter = (run: string): string => `restore-${run}`;

/** Under which a restore numbers what it writes beside the backup's rows. */
export const heldWriter = (run: string): string => `restore-${run}-held`;

/**
 * Runs the statements in one transaction unless this number or a later one of the writer was taken.
 * Throws `DatabaseError`.
 */
export async function writeOnce(
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

/** Deletes what a restore wrote for itself. Throws `DatabaseError`. */
export async function forgetRestore(database: Pick<Database, "write">, run: string): Promise<void> {
  await database.write([
    { sql: "DELETE FROM _restore_keys", args: [] },
    { sql: "DELETE FROM _restore_dead", args: [] },
    {
      sql: "DELETE FROM _writers WHERE writer IN (?, ?)",
      args: [portionWriter(run), heldWriter(run)],
    },
  ]);
}
