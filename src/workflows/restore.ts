/**
 * Restores a backup: checks all of it, takes the database for itself, brings the rows in, and gives it back. Before the
 * database is touched everything may fail without harm; afterwards the hold stays until the restore has ended.
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
  type RestoreResult,
} from "../backup/index.ts";
import { viewOf, type EpisodeRecord } from "../durable/index.ts";
import { makeDigest } from "../memory/learning/index.ts";
import type { KeyOutcome } from "../memory/jobs.ts";
import type { Step } from "../memory/model.ts";
import type { JobGround } from "./ground.ts";
import { putBack } from "./put-back.ts";

/** Of an episode, with one request: the database puts at most 10 MB into an answer. */
const STEPS_AT_ONCE = 4;
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
  const text = (name: string): string | null => (typeof params[name] === "string" ? params[name] : null);
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
export async function restore(ground: JobGround, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { steps, store, keys, now } = ground;
  const wanted = wantedOf(params);
  const { id, scope, deleted, dry_run, outbox } = wanted;
  const report = (progress: Parameters<JobGround["report"]>[0]): Promise<void> => ground.report(progress);

  const { ref, authentic } = await find(ground, wanted);
  const { kind } = ref;
  const verdict = await verifyBackup({ steps, store, keys, report }, ref);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, `${bad.problem}; nothing was touched`);

  const writers = await steps.run("hold", async () => {
    await ground.database.version();
    return dry_run ? [] : ground.ask("hold", { job: ground.job, backup: id });
  });
  const plan: RestorePlan = {
    run: ground.job,
    backup: ref,
    mode: kind === "snapshot" ? "merge" : wanted.mode,
    scope,
    deleted,
    dry_run,
    writers,
    instance: wanted.instance,
  };
  const result: RestoreResult = await restoreBackup(
    { steps, store, keys, database: ground.database, now, report },
    plan,
  );
  const clean = (): Promise<null> =>
    steps.run("clean", async () => {
      await forgetRestore(ground.database, ground.job);
      return null;
    });
  const said = async () => ({
    ...result,
    backup: id,
    authentic,
    mode: plan.mode,
    scope,
    dry_run,
    steps: ground.executed(),
    keys: await bringBackKeys(ground, wanted, ref, authentic),
    ...(verdict.warnings ? { warnings: verdict.warnings } : {}),
  });
  if (dry_run) {
    await clean();
    return said();
  }
  const released = await steps.run("release", () => ground.ask("release", { ...scope, outbox }));
  if (kind === "snapshot") await putBack(ground, ref, wanted);
  const forgotten = deleted === "respect" ? await forgetDead(ground) : 0;
  const relearned = scope.episode === null ? 0 : await relearn(ground, scope);
  await clean();
  return { ...(await said()), outbox: { choice: outbox, ...released }, forgotten, relearned };
}

/** The backup that was named, as it is now: another in its place later is a fault. */
async function find(ground: JobGround, { id, accept }: Wanted): Promise<{ ref: ChainRef; authentic: boolean | null }> {
  return ground.steps.run("find", async () => {
    const found = await findBackup(ground, id);
    if (!found) throw new BackupFault(id, "there is no such backup");
    const { manifest, sha256, trust } = found;
    return { ref: { id, kind: manifest.kind, accept, sha256 }, authentic: trust.authentic };
  });
}

/** Which keys the backup has, and what became of those that were named: the Coordinator decides. */
async function bringBackKeys(
  ground: JobGround,
  wanted: Wanted,
  ref: ChainRef,
  authentic: boolean | null,
): Promise<{ in_backup: number; ids: string[]; named: KeyOutcome[] }> {
  const { ids, total, rows } = await keysOf(ground, ref, wanted.keys);
  const told = { in_backup: total, ids };
  if (wanted.keys.length === 0) return { ...told, named: [] };
  const named = await ground.steps.run("bring back keys", () =>
    ground.ask("bring_back_keys", { rows, authentic: authentic === true, dry_run: wanted.dry_run }),
  );
  const missing = wanted.keys
    .filter((id) => !rows.some((row) => row.id === id))
    .map((id): KeyOutcome => ({ id, outcome: "missing", reason: "the backup has no key of this id" }));
  return { ...told, named: [...named, ...missing] };
}

/** Takes back the evidence of episodes that were deleted after the backup. */
async function forgetDead(ground: JobGround): Promise<number> {
  let after = ["", ""];
  let forgotten = 0;
  for (let piece = 0; ; piece++) {
    const found = await ground.steps.run(`forget ${piece}`, async () => {
      const rows = await ground.database.all<{ namespace: string; episode_id: string }>(
        `SELECT d.namespace, d.episode_id FROM _restore_dead d JOIN digests g USING (namespace, episode_id)
          WHERE (d.namespace, d.episode_id) > (?, ?) ORDER BY d.namespace, d.episode_id LIMIT ?`,
        ...after,
        FORGOTTEN_PER_STEP,
      );
      for (const { namespace, episode_id } of rows) await ground.ask("forget", { namespace, episode_id });
      return rows;
    });
    forgotten += found.length;
    const last = found.at(-1);
    if (!last || found.length < FORGOTTEN_PER_STEP) return forgotten;
    after = [last.namespace, last.episode_id];
  }
}

/** What one restored episode teaches is learned again, in place of what is there. */
async function relearn(ground: JobGround, { namespace, episode }: RestorePlan["scope"]): Promise<number> {
  return ground.steps.run("relearn", async () => {
    const { database } = ground;
    const where = [namespace, episode] as const;
    const [row] = await database.all<{ body: string }>(
      "SELECT body FROM episodes WHERE namespace = ? AND id = ?",
      ...where,
    );
    if (!row) return 0;
    const record = JSON.parse(row.body) as EpisodeRecord;
    if (record.status === "in_progress") return 0;
    const steps: Step[] = [];
    for (;;) {
      const slice = await database.all<{ body: string }>(
        "SELECT body FROM steps WHERE namespace = ? AND episode_id = ? AND number > ? ORDER BY number LIMIT ?",
        ...where,
        steps.at(-1)?.number ?? 0,
        STEPS_AT_ONCE,
      );
      steps.push(...slice.map(({ body }) => JSON.parse(body) as Step));
      if (slice.length < STEPS_AT_ONCE) break;
    }
    await ground.ask("learn", { digest: await makeDigest(viewOf(record), steps, record.used_recall ?? false) });
    return 1;
  });
}
