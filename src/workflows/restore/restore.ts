/**
 * Restores a backup: checks all of it, takes the database for itself, brings the rows in, and gives
 * it back. Before the database is touched everything may fail without harm; afterwards the hold
 * stays until the restore has ended.
 *
 * @module
 */

import {
  BackupFault,
  findBackup,
  forgetRestore,
  keysOf,
  restoreBackup,
  verifyBackup,
  type ChainRef,
  type RestorePlan,
  type RestoreResult,
  type Verdict,
} from "../../backup/index.ts";
import { restoreBody, type RestoreBody } from "../../contract/backups/requests.ts";
import type { KeyOutcome } from "../../contract/backups/restore.ts";
import type { Bookmarks } from "../../contract/cluster/answers.ts";
import { type JobContext, prefixed } from "../job-context.ts";
import { snapshot } from "../snapshot.ts";
import { Held } from "./held.ts";
import { putBack } from "./put-back.ts";
import { relearn } from "./relearn.ts";

/** What the operator asked for. */
interface Wanted extends Omit<RestoreBody, "namespace" | "episode"> {
  id: string;
  scope: RestorePlan["scope"];
}

function wantedOf({ backup, ...body }: Readonly<Record<string, unknown>>): Wanted {
  const { namespace, episode, ...wanted } = restoreBody.parse(body);
  return { ...wanted, id: String(backup), scope: { namespace, episode } };
}

/**
 * Restores a backup. Throws `BackupFault` when it is not whole, before anything is touched.
 *
 * @param params those of `POST /admin/backups/:id/restore`, and `backup`
 */
export async function restore(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const wanted = wantedOf(params);
  const source = await find(context, wanted);
  const verdict = await verifyBackup(context, source.ref);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, `${bad.problem}; nothing was touched`);

  const isReplacing = source.ref.kind !== "snapshot" && wanted.mode === "replace";
  const before = isReplacing && !wanted.dry_run ? await snapshotFirst(context) : null;
  try {
    return { ...(await perform(context, wanted, source)), ...before, ...warned(verdict) };
  } catch (error) {
    if (before && error instanceof Error)
      error.message += ` The snapshot ${before.snapshot} was taken before.`;
    throw error;
  }
}

const warned = ({ warnings }: Verdict): { warnings?: string[] } => (warnings ? { warnings } : {});

/**
 * What `replace` takes away comes back from here: every instance, and what the database has of its
 * own.
 */
async function snapshotFirst(
  context: JobContext,
): Promise<{ snapshot: string; snapshot_database: string | null }> {
  const steps = prefixed(context.steps, "before");
  const { id, database } = await snapshot({ ...context, steps }, {});
  return { snapshot: id, snapshot_database: database?.id ?? null };
}

/** The backup that is restored. */
interface Source {
  ref: ChainRef;
  /** Whether the service wrote it; null: there is no BACKUP_KEY to tell by. */
  authentic: boolean | null;
}

/** The backup is whole and trusted. From the hold on the database is this restore's. */
async function perform(
  context: JobContext,
  wanted: Wanted,
  source: Source,
): Promise<Record<string, unknown>> {
  const { scope, deleted, dry_run, outbox } = wanted;
  const bookmarks = dry_run ? null : await noteBookmarks(context);
  const writers = await context.steps.run("hold", async () => {
    await context.database.version();
    if (dry_run) return [];
    return context.ask("restore.hold", { job: context.job, backup: wanted.id });
  });
  const held = new Held(context, { scope, deleted, outbox });
  if (!dry_run) await held.deletions();

  const plan = planOf(context, wanted, source.ref, writers);
  const result = await restoreBackup(context, plan);
  if (dry_run) {
    await clean(context);
    return resultOf(context, wanted, source, result);
  }

  const merged = plan.mode === "merge" ? await held.merge() : null;
  const released = await context.steps.run("release", () =>
    context.ask("restore.release", { ...scope, outbox }),
  );
  const relearned = await afterRelease(context, wanted, source.ref);
  await clean(context);
  return {
    ...(await resultOf(context, wanted, source, result)),
    ...(bookmarks && { bookmarks }),
    outbox: { choice: outbox, ...released },
    held: merged,
    relearned,
  };
}

/** Where the objects' storage was before; a restore does without where nobody says it. */
function noteBookmarks(context: JobContext): Promise<Bookmarks | null> {
  const noted = context.steps.run("bookmarks", () =>
    context.ask("bookmarks.note", { job: context.job }),
  );
  return noted.catch(() => null);
}

function planOf(
  context: JobContext,
  { mode, scope, deleted, dry_run, instance }: Wanted,
  ref: ChainRef,
  writers: RestorePlan["writers"],
): RestorePlan {
  const isSnapshot = ref.kind === "snapshot";
  return {
    run: context.job,
    backup: ref,
    mode: isSnapshot ? "merge" : mode,
    scope,
    deleted,
    dry_run,
    writers,
    instance,
  };
}

/**
 * What the database does not need to be held for: others write again, and the homes of namespaces
 * learn from it anew. One episode that was restored by itself is learned by itself; answers with
 * how many were.
 */
async function afterRelease(context: JobContext, wanted: Wanted, ref: ChainRef): Promise<number> {
  const { namespace, episode } = wanted.scope;
  if (ref.kind === "snapshot") await putBack(context, ref, wanted);
  return namespace !== null && episode !== null ? relearn(context, namespace, episode) : 0;
}

async function resultOf(
  context: JobContext,
  wanted: Wanted,
  { ref, authentic }: Source,
  result: RestoreResult,
): Promise<Record<string, unknown>> {
  return {
    ...result,
    backup: wanted.id,
    authentic,
    mode: ref.kind === "snapshot" ? "merge" : wanted.mode,
    scope: wanted.scope,
    dry_run: wanted.dry_run,
    steps: context.executed(),
    keys: await bringBackKeys(context, wanted, ref, authentic),
  };
}

async function clean(context: JobContext): Promise<void> {
  await context.steps.run("clean", async () => {
    await forgetRestore(context.database, context.job);
    return null;
  });
}

/** The backup that was named, as it is now: another in its place later is a fault. */
async function find(
  context: JobContext,
  { id, accept_unauthenticated: accept }: Wanted,
): Promise<Source> {
  return context.steps.run("find", async () => {
    const backup = await findBackup(context, id);
    if (!backup) throw new BackupFault(id, "there is no such backup");
    const { manifest, sha256, trust } = backup;
    return { ref: { id, kind: manifest.kind, accept, sha256 }, authentic: trust.authentic };
  });
}

/** Which keys the backup has, and what became of those that were named: the Coordinator decides. */
async function bringBackKeys(
  context: JobContext,
  wanted: Wanted,
  ref: ChainRef,
  authentic: boolean | null,
): Promise<{ in_backup: number; ids: string[]; named: KeyOutcome[] }> {
  const { ids, total, rows } = await keysOf(context, ref, wanted.keys);
  if (wanted.keys.length === 0) return { in_backup: total, ids, named: [] };
  const named = await context.steps.run("bring back keys", () =>
    context.ask("restore.bring_back_keys", {
      rows,
      authentic: authentic === true,
      dry_run: wanted.dry_run,
    }),
  );
  const missing = wanted.keys
    .filter((id) => !rows.some((row) => row.id === id))
    .map((id): KeyOutcome => ({
      id,
      outcome: "missing",
      reason: "the backup has no key of this id",
    }));
  return { in_backup: total, ids, named: [...named, ...missing] };
}
