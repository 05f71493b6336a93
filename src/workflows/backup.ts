/**
 * A full or incremental backup of the database, then its check, then the pruning of the change
 * feed.
 *
 * @module
 */

import {
  exportDatabase,
  newestParent,
  NoParent,
  putVerdict,
  verifyBackup,
  type BackupKind,
  type Manifest,
} from "../backup/index.ts";
import { pruneChanges, PRUNED_AT_ONCE } from "../storage/index.ts";
import { MS } from "../contract/limits.ts";
import type { JobContext } from "./job-context.ts";
import { sha256Hex } from "../util/hash.ts";
import { isoTime } from "../util/time.ts";

/** What a backup job tells. */
export interface BackedUp {
  id: string;
  kind: BackupKind;
  /** Why it is not what was asked for; null: it is. */
  note: string | null;
  watermark: Manifest["watermark"];
  objects: number;
  rows: number;
  bytes: number;
  pruned_changes: number;
  steps: number;
}

/** `kind` full or incremental; `window_days` and `namespace` narrow a full backup. */
export async function backup(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<BackedUp> {
  const { steps, store, keys, snapshots, written_by, now } = context;
  const wanted = params["kind"] === "incremental" ? "incremental" : "full";
  const namespace = typeof params["namespace"] === "string" ? params["namespace"] : null;
  const days = typeof params["window_days"] === "number" ? params["window_days"] : null;
  const begun = await steps.run("plan", async () => {
    await context.database.version();
    const at = now();
    const id = await idOf(at, context.job);
    const parent = wanted === "incremental" ? await newestParent(context) : null;
    return { id, parent, since: days === null ? null : at - days * MS.day };
  });
  const plan = { id: begun.id, scope: { namespace, since: begun.since }, written_by };
  let parent = begun.parent;
  let manifest: Manifest;
  let note: string | null =
    wanted === "incremental" && parent === null
      ? "There is no backup to continue: a full one was taken."
      : null;
  const ports = {
    steps,
    snapshots,
    store,
    keys,
    now,
    report: (progress: Parameters<JobContext["report"]>[0]) => context.report(progress),
  };
  try {
    manifest = await exportDatabase(ports, { ...plan, parent });
  } catch (error) {
    if (!(error instanceof NoParent)) throw error;
    note = `${error.message} A full backup was taken.`;
    parent = null;
    const renamed = {
      run: <T>(name: string, work: () => Promise<T>) => steps.run(`full: ${name}`, work),
    };
    manifest = await exportDatabase({ ...ports, steps: renamed }, { ...plan, parent });
  }
  const verdict = await verifyBackup(ports, { id: manifest.id, kind: manifest.kind });
  await steps.run("verdict", async () => {
    await putVerdict(context, verdict, await sha256Hex(JSON.stringify(manifest)), isoTime(now()));
    return null;
  });
  if (!verdict.ok)
    throw new Error(
      `The backup ${manifest.id} was written and cannot be read back: ${verdict.faults[0]?.object}.`,
    );
  const whole = namespace === null && begun.since === null;
  const pruned = whole && manifest.watermark ? await prune(context, manifest.watermark.seq) : 0;
  return {
    id: manifest.id,
    kind: manifest.kind,
    note,
    watermark: manifest.watermark,
    objects: manifest.chunks.length + 1,
    rows: verdict.rows,
    bytes: verdict.bytes,
    pruned_changes: pruned,
    steps: context.executed(),
  };
}

/** An id that sorts by time; the same for the same job. */
export async function idOf(at: number, job: string): Promise<string> {
  const time = isoTime(at).replaceAll(/[-:]|\.\d+/g, "");
  return `${time}-${(await sha256Hex(job)).slice(0, 8)}`;
}

/** The backup was read back: nothing before it is needed to continue from it. */
async function prune(context: JobContext, to: number): Promise<number> {
  let pruned = 0;
  for (let piece = 0; ; piece++) {
    const { left, gone } = await context.steps.run(`prune ${piece}`, async () => {
      const count = "SELECT count(*) AS n FROM (SELECT 1 FROM _changes WHERE seq <= ? LIMIT ?)";
      const [before] = await context.database.all<{ n: number }>(count, to, PRUNED_AT_ONCE);
      await context.database.write(pruneChanges(to));
      const [after] = await context.database.all<{ n: number }>(count, to, 1);
      return { left: after?.n ?? 0, gone: before?.n ?? 0 };
    });
    pruned += gone;
    if (left === 0) return pruned;
  }
}
