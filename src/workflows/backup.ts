/**
 * The jobs about the database's backups. A full or incremental backup, then its check, then the
 * pruning of the change feed; one that fails leaves nothing that counts as a backup. Reading a
 * backup back, and storing what that found: a bad one fails the job, with the first bad object's
 * name. And deleting backups that the rules let go, or one that an operator names.
 *
 * @module
 */

import {
  BackupFault,
  type BackupKind,
  exportDatabase,
  findBackup,
  type Manifest,
  newestParent,
  NoParent,
  type Parent,
  putVerdict,
  sweep,
  type Verdict,
  verifyBackup,
} from "../backup/index.ts";
import { MS } from "../contract/limits.ts";
import { pruneChanges, PRUNED_AT_ONCE } from "../storage/index.ts";
import { sha256Hex } from "../util/hash.ts";
import { isoTime } from "../util/time.ts";
import { type JobContext, prefixed } from "./job-context.ts";

const NOTHING_TO_CONTINUE = "There is no backup to continue: a full one was taken.";

/** The result of a backup job. */
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

/** What is decided before anything is written. */
interface BackupPlan {
  id: string;
  /** What an incremental continues; null: it is a full one. */
  parent: Parent | null;
  /** Only what changed since then, ms since the epoch; null: everything. */
  since: number | null;
}

/**
 * Takes a backup and reads it back. Throws when it cannot be read back.
 *
 * @param params `kind` full or incremental; `window_days` and `namespace` narrow a full backup
 */
export async function backup(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<BackedUp> {
  const isIncremental = params["kind"] === "incremental";
  const namespace = typeof params["namespace"] === "string" ? params["namespace"] : null;
  const days = typeof params["window_days"] === "number" ? params["window_days"] : null;
  const plan = await context.steps.run("plan", () => planOf(context, isIncremental, days));

  const { manifest, note } = await exportAs(context, plan, namespace);
  const verdict = await verifyBackup(context, { id: manifest.id, kind: manifest.kind });
  await context.steps.run("verdict", () => keepVerdict(context, verdict, manifest));
  if (!verdict.ok) {
    const bad = verdict.faults[0]?.object;
    throw new Error(`The backup ${manifest.id} was written and cannot be read back: ${bad}.`);
  }

  const isWhole = namespace === null && plan.since === null;
  const { watermark } = manifest;
  const hasNothingToContinue = isIncremental && plan.parent === null;
  return {
    id: manifest.id,
    kind: manifest.kind,
    note: note ?? (hasNothingToContinue ? NOTHING_TO_CONTINUE : null),
    watermark,
    objects: manifest.chunks.length + 1,
    rows: verdict.rows,
    bytes: verdict.bytes,
    pruned_changes: isWhole && watermark ? await prune(context, watermark.seq) : 0,
    steps: context.executed(),
  };
}

async function planOf(
  context: JobContext,
  isIncremental: boolean,
  days: number | null,
): Promise<BackupPlan> {
  // Migrates a database that nobody has used yet.
  await context.database.version();
  const at = context.now();
  return {
    id: await idOf(at, context.job),
    parent: isIncremental ? await newestParent(context) : null,
    since: days === null ? null : at - days * MS.day,
  };
}

/** Exports as planned; as a full backup when what it would continue is no parent any more. */
async function exportAs(
  context: JobContext,
  { id, parent, since }: BackupPlan,
  namespace: string | null,
): Promise<{ manifest: Manifest; note: string | null }> {
  const plan = { id, scope: { namespace, since }, written_by: context.written_by };
  try {
    return { manifest: await exportDatabase(context, { ...plan, parent }), note: null };
  } catch (error) {
    if (!(error instanceof NoParent)) throw error;
    const again = { ...context, steps: prefixed(context.steps, "full") };
    const manifest = await exportDatabase(again, { ...plan, parent: null });
    return { manifest, note: `${error.message} A full backup was taken.` };
  }
}

/** Stores what reading a backup back found. A step: it answers with null. */
export async function keepVerdict(
  context: JobContext,
  verdict: Verdict,
  manifest: Manifest,
): Promise<null> {
  const sha256 = await sha256Hex(JSON.stringify(manifest));
  await putVerdict(context, verdict, sha256, isoTime(context.now()));
  return null;
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
    const { left, gone } = await context.steps.run(`prune ${piece}`, () => prunePiece(context, to));
    pruned += gone;
    if (left === 0) return pruned;
  }
}

/** How many entries of the feed went, and 1 when there are more. */
async function prunePiece(
  { database }: JobContext,
  to: number,
): Promise<{ left: number; gone: number }> {
  const count = "SELECT count(*) AS n FROM (SELECT 1 FROM _changes WHERE seq <= ? LIMIT ?)";
  const [before] = await database.all<{ n: number }>(count, to, PRUNED_AT_ONCE);
  await database.write(pruneChanges(to));
  const [after] = await database.all<{ n: number }>(count, to, 1);
  return { left: after?.n ?? 0, gone: before?.n ?? 0 };
}

export async function verify(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { steps, now } = context;
  const id = String(params["backup"]);
  const { kind, sha256, trusted } = await steps.run("find", async () => {
    const backup = await findBackup(context, id);
    if (!backup) throw new BackupFault(id, "there is no such backup");
    const { manifest, sha256: sum, trust } = backup;
    return { kind: manifest.kind, sha256: sum, trusted: trust.authentic !== false };
  });
  const verdict = await verifyBackup(context, { id, kind, sha256 });
  await steps.run("verdict", async () => {
    // Of what stands in a backup's place nothing is kept: it would stand in the place of the
    // backup's own verdict.
    if (trusted) await putVerdict(context, verdict, sha256, isoTime(now()));
    return null;
  });
  const [bad] = verdict.faults;
  if (bad)
    throw new BackupFault(bad.object, `${bad.problem} (${verdict.faults.length} objects are bad)`);
  return verdict;
}

/** Answers with what went and what stayed. @param params `backup`: this one alone */
export async function retention(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const only = typeof params["backup"] === "string" ? params["backup"] : null;
  const { retention_daily_days, retention_weekly_weeks, retention_monthly_months } =
    await context.settings();
  const rules = {
    daily_days: retention_daily_days,
    weekly_weeks: retention_weekly_weeks,
    monthly_months: retention_monthly_months,
  };
  return context.steps.run("sweep", () => sweep(context, rules, context.now(), only));
}
