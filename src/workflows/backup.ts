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
  chooseParent,
  exportDatabase,
  findBackup,
  type Manifest,
  NoParent,
  type ParentChoice,
  prefixOf,
  putVerdict,
  rewrapBackups,
  sealingKey,
  sweep,
  type Verdict,
  verifyBackup,
} from "../backup/index.ts";
import { MS } from "../contract/limits.ts";
import { DatabaseError, pruneChanges, PRUNED_AT_ONCE } from "../storage/index.ts";
import { sha256Hex } from "../util/hashing/hash.ts";
import { isoTime } from "../util/time.ts";
import { type JobContext, prefixed } from "./job-context.ts";

const NOTHING_TO_CONTINUE = "There is no backup to continue.";
const FULL_TAKEN = "A full one was taken.";

/** The result of a backup job. */
export interface BackedUp {
  id: string;
  kind: BackupKind;
  /** Why it is not what was asked for; null: it is. */
  note: string | null;
  /** Why what was there before can no longer be continued or restored; null: it can. */
  broken: string | null;
  watermark: Manifest["watermark"];
  objects: number;
  rows: number;
  bytes: number;
  pruned_changes: number;
  steps: number;
}

/** What is decided before anything is written. */
interface BackupPlan extends Omit<ParentChoice, "note"> {
  id: string;
  /** Why an incremental that was asked for is a full one; null: it is not, or a full one was. */
  note: string | null;
  /** Only what changed since then, ms since the epoch; null: everything. */
  since: number | null;
}

/** A backup that was written and read back. */
interface Written extends Pick<BackedUp, "note" | "broken"> {
  manifest: Manifest;
  verdict: Verdict;
}

/**
 * Takes a backup and reads it back. An incremental one whose chain cannot be continued, or cannot
 * be read back, is a full one instead, and says so. Throws when it cannot be read back, and
 * `BackupFault` when BACKUP_KEY is malformed.
 *
 * @param params `kind` full or incremental; `window_days` and `namespace` narrow a full backup
 */
export async function backup(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<BackedUp> {
  sealingKey(context.keys);
  const isIncremental = params["kind"] === "incremental";
  const namespace = typeof params["namespace"] === "string" ? params["namespace"] : null;
  const days = typeof params["window_days"] === "number" ? params["window_days"] : null;
  const plan = await context.steps.run("plan", () => planOf(context, isIncremental, days));

  const { manifest, verdict, note, broken } = await writeAsPlanned(context, plan, namespace);
  const isWhole = namespace === null && plan.since === null;
  const { watermark } = manifest;
  const pruned =
    isWhole && watermark ? await prune(context, watermark.seq) : { gone: 0, refused: null };
  return {
    id: manifest.id,
    kind: manifest.kind,
    note: [note, pruned.refused].filter((text) => text !== null).join(" ") || null,
    broken,
    watermark,
    objects: manifest.chunks.length + 1,
    rows: verdict.rows,
    bytes: verdict.bytes,
    pruned_changes: pruned.gone,
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
  const id = await idOf(at, context.job);
  const since = days === null ? null : at - days * MS.day;
  if (!isIncremental) return { id, parent: null, note: null, broken: null, since };

  const { parent, note, broken } = await chooseParent(context);
  const why = note ?? (broken === null ? NOTHING_TO_CONTINUE : `${broken}.`);
  return { id, parent, note: parent ? null : `${why} ${FULL_TAKEN}`, broken, since };
}

/** As planned; as a full backup when what it would continue is no parent any more. */
async function writeAsPlanned(
  context: JobContext,
  plan: BackupPlan,
  namespace: string | null,
): Promise<Written> {
  const asFull = async (note: string, broken: string | null): Promise<Written> => {
    const steps = prefixed(context.steps, "full");
    // What was begun under the other id may be in the store.
    const id = await steps.run("plan", () => idOf(context.now(), `full ${context.job}`));
    const full = { ...plan, id, parent: null, note: `${note} ${FULL_TAKEN}`, broken };
    return writeAsPlanned({ ...context, steps }, full, namespace);
  };
  let manifest: Manifest;
  try {
    manifest = await exportPlanned(context, plan, namespace);
  } catch (error) {
    if (!(error instanceof NoParent)) throw error;
    return asFull(error.message, plan.broken);
  }

  const { id, kind } = manifest;
  const verdict = await verifyBackup(context, { id, kind });
  await context.steps.run("verdict", () => keepVerdict(context, verdict, manifest));
  const [bad] = verdict.faults;
  if (!bad) return { manifest, verdict, note: plan.note, broken: plan.broken };

  const isOfTheChain = verdict.faults.every(({ object }) => !object.startsWith(prefixOf(id, kind)));
  if (plan.parent && isOfTheChain) {
    const broken = `The chain of ${plan.parent.id} cannot be restored: ${bad.object}: ${bad.problem}`;
    return asFull(`${broken}.`, broken);
  }
  throw new Error(`The backup ${id} was written and cannot be read back: ${bad.object}.`);
}

function exportPlanned(
  context: JobContext,
  { id, parent, since }: BackupPlan,
  namespace: string | null,
): Promise<Manifest> {
  const scope = { namespace, since };
  return exportDatabase(context, { id, parent, scope, written_by: context.written_by });
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

/** What became of the feed before a backup; `refused`: why not all of it went. */
interface Pruned {
  gone: number;
  refused: string | null;
}

/**
 * The backup was read back: nothing before it is needed to continue from it. The backup is as good
 * where the database refuses writes because it is full; the next one prunes.
 */
async function prune(context: JobContext, to: number): Promise<Pruned> {
  let pruned = 0;
  for (let piece = 0; ; piece++) {
    const { left, gone, refused } = await context.steps.run(`prune ${piece}`, () =>
      prunePiece(context, to),
    );
    pruned += gone;
    if (left === 0 || refused !== null) return { gone: pruned, refused };
  }
}

/** How many entries of the feed went, and 1 when there are more. */
async function prunePiece(
  { database }: JobContext,
  to: number,
): Promise<Pruned & { left: number }> {
  const count = "SELECT count(*) AS n FROM (SELECT 1 FROM _changes WHERE seq <= ? LIMIT ?)";
  try {
    const [before] = await database.all<{ n: number }>(count, to, PRUNED_AT_ONCE);
    await database.write(pruneChanges(to));
    const [after] = await database.all<{ n: number }>(count, to, 1);
    return { left: after?.n ?? 0, gone: before?.n ?? 0, refused: null };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { left: 0, gone: 0, refused: `The change feed was not pruned: ${error.message}.` };
  }
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

/** Answers with what was wrapped anew. @param params `backup`: this one alone */
export function rewrap(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const only = typeof params["backup"] === "string" ? params["backup"] : null;
  return rewrapBackups(context, only);
}
