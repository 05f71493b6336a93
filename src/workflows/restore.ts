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
  type RestoreMode,
  type RestorePlan,
  type Verdict,
} from "../backup/index.ts";
import type { KeyOutcome } from "../contract/jobs.ts";
import type { JobContext } from "./job-context.ts";
import { Held } from "./held.ts";
import { putBack } from "./put-back.ts";
import { learnSnapshot, relearnAll } from "./relearn.ts";
import { snapshot } from "./snapshot.ts";

/** Episodes whose evidence one step takes back. */
const FORGOTTEN_PER_STEP = 50;

/** What the operator asked for. */
interface Wanted {
  id: string;
  mode: RestoreMode;
  scope: RestorePlan["scope"];
  deleted: RestorePlan["deleted"];
  outbox: "replay" | "keep";
  dry_run: boolean;
  instance: number | null;
  settings: boolean;
  /** Ids of keys that are to come back. */
  keys: string[];
  /** The operator takes the backup for genuine although nobody vouches for it. */
  accept: boolean;
}

function wantedOf(params: Readonly<Record<string, unknown>>): Wanted {
  const text = (name: string): string | null =>
    typeof params[name] === "string" ? params[name] : null;
  const { keys, instance } = params;
  return {
    id: String(params["backup"]),
    mode: params["mode"] === "replace" ? "replace" : "merge",
    scope: { namespace: text("namespace"), episode: text("episode") },
    deleted: params["deleted"] === "bring_back" ? "bring_back" : "respect",
    outbox: params["outbox"] === "keep" ? "keep" : "replay",
    dry_run: params["dry_run"] === true,
    instance: typeof instance === "number" ? instance : null,
    settings: params["settings"] === true,
    keys: Array.isArray(keys) ? keys.map(String) : [],
    accept: params["accept_unauthenticated"] === true,
  };
}

/** Params: those of `POST /admin/backups/:id/restore`, and `backup`. */
export async function restore(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { steps, store, keys } = context;
  const wanted = wantedOf(params);
  const { dry_run } = wanted;
  const report = (progress: Parameters<JobContext["report"]>[0]): Promise<void> =>
    context.report(progress);

  const { ref, authentic } = await find(context, wanted);
  const { kind } = ref;
  const verdict = await verifyBackup({ steps, store, keys, report }, ref);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, `${bad.problem}; nothing was touched`);

  const taken =
    kind !== "snapshot" && wanted.mode === "replace" && !dry_run
      ? await snapshotFirst(context)
      : null;
  try {
    return { ...(await perform(context, wanted, ref, authentic)), ...taken, ...warned(verdict) };
  } catch (error) {
    if (taken && error instanceof Error)
      error.message += ` The snapshot ${taken.snapshot} was taken before.`;
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
  const steps = {
    run: <T>(name: string, work: () => Promise<T>) => context.steps.run(`before: ${name}`, work),
  };
  const { id, database } = await snapshot({ ...context, steps }, {});
  return { snapshot: id, snapshot_database: database?.id ?? null };
}

/** The backup is whole and trusted. From the hold on the database is this restore's. */
async function perform(
  context: JobContext,
  wanted: Wanted,
  ref: ChainRef,
  authentic: boolean | null,
): Promise<Record<string, unknown>> {
  const { steps, store, keys, now } = context;
  const { id, scope, deleted, dry_run, outbox, instance } = wanted;
  const report = (progress: Parameters<JobContext["report"]>[0]): Promise<void> =>
    context.report(progress);
  const mode = ref.kind === "snapshot" ? "merge" : wanted.mode;
  const writers = await steps.run("hold", async () => {
    await context.database.version();
    return dry_run ? [] : context.ask("hold", { job: context.job, backup: id });
  });
  const held = new Held(context, { scope, deleted, outbox });
  if (!dry_run) await held.deletions();

  const derived = ref.kind !== "snapshot";
  const plan: RestorePlan = {
    run: context.job,
    backup: ref,
    mode,
    scope,
    deleted,
    dry_run,
    writers,
    instance,
    derived,
  };
  const result = await restoreBackup(
    { steps, store, keys, database: context.database, now, report },
    plan,
  );
  const said = async () => ({
    ...result,
    backup: id,
    authentic,
    mode,
    scope,
    dry_run,
    steps: context.executed(),
    keys: await bringBackKeys(context, wanted, ref, authentic),
  });
  if (dry_run) {
    await clean(context);
    return said();
  }

  if (!derived) await learnSnapshot(context, ref, wanted);
  const merged = mode === "merge" ? await held.merge() : null;
  const released = await steps.run("release", () =>
    context.ask("release", { ...scope, outbox, merged: merged !== null && outbox === "replay" }),
  );
  if (ref.kind === "snapshot") await putBack(context, ref, wanted);
  const forgotten = deleted === "respect" ? await forgetDead(context) : 0;
  const named =
    scope.namespace !== null && scope.episode !== null
      ? [[scope.namespace, scope.episode] as const]
      : [];
  const relearned = await relearnAll(context, [...(merged?.learn ?? []), ...named]);
  await clean(context);
  return {
    ...(await said()),
    outbox: { choice: outbox, ...released },
    held: merged?.held ?? null,
    forgotten,
    relearned,
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
  { id, accept }: Wanted,
): Promise<{ ref: ChainRef; authentic: boolean | null }> {
  return context.steps.run("find", async () => {
    const found = await findBackup(context, id);
    if (!found) throw new BackupFault(id, "there is no such backup");
    const { manifest, sha256, trust } = found;
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
  const told = { in_backup: total, ids };
  if (wanted.keys.length === 0) return { ...told, named: [] };
  const named = await context.steps.run("bring back keys", () =>
    context.ask("bring_back_keys", {
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
  return { ...told, named: [...named, ...missing] };
}

/** Takes back the evidence of episodes that were deleted after the backup. */
async function forgetDead(context: JobContext): Promise<number> {
  let after = ["", ""];
  let forgotten = 0;
  for (let piece = 0; ; piece++) {
    const found = await context.steps.run(`forget ${piece}`, async () => {
      const rows = await context.database.all<{ namespace: string; episode_id: string }>(
        `SELECT d.namespace, d.episode_id FROM _restore_dead d JOIN digests g USING (namespace, episode_id)
          WHERE (d.namespace, d.episode_id) > (?, ?) ORDER BY d.namespace, d.episode_id LIMIT ?`,
        ...after,
        FORGOTTEN_PER_STEP,
      );
      for (const { namespace, episode_id } of rows)
        await context.ask("forget", { namespace, episode_id });
      return rows;
    });
    forgotten += found.length;
    const last = found.at(-1);
    if (!last || found.length < FORGOTTEN_PER_STEP) return forgotten;
    after = [last.namespace, last.episode_id];
  }
}
