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
  loadChain,
  readChunk,
  restoreBackup,
  verifyBackup,
  type Manifest,
  type RestorePlan,
  type RestoreResult,
} from "../backup/index.ts";
import { viewOf, type EpisodeRecord } from "../durable/index.ts";
import { makeDigest } from "../memory/learning/index.ts";
import type { Step } from "../memory/model.ts";
import type { Row } from "../storage/index.ts";
import type { JobGround } from "./ground.ts";

type LocalTable = "dead_letters" | "idempotency" | "errands" | "knowledge_pending";
const LOCAL: readonly string[] = ["idempotency", "errands", "knowledge_pending"] satisfies LocalTable[];
/** Of an episode, with one request: the database puts at most 10 MB into an answer. */
const STEPS_AT_ONCE = 4;
/** Episodes whose evidence one step takes back. */
const FORGOTTEN_PER_STEP = 50;

/** `backup`, `mode`, `namespace`, `episode`, `deleted`, `dry_run`, `outbox`, `instance`. */
export async function restore(ground: JobGround, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { steps, store, cipher, now } = ground;
  const id = String(params["backup"]);
  const text = (name: string): string | null => (typeof params[name] === "string" ? params[name] : null);
  const scope = { namespace: text("namespace"), episode: text("episode") };
  const dry_run = params["dry_run"] === true;
  const deleted = params["deleted"] === "bring_back" ? "bring_back" : "respect";
  const report = (progress: Parameters<JobGround["report"]>[0]): Promise<void> => ground.report(progress);

  const kind = await steps.run("find", async () => {
    const found = await findBackup(store, id);
    if (!found) throw new BackupFault(id, "there is no such backup");
    return found.manifest.kind;
  });
  const verdict = await verifyBackup({ steps, store, cipher, report }, id, kind);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, `${bad.problem}; nothing was touched`);

  const writers = await steps.run("hold", async () => {
    await ground.database.version();
    return dry_run ? [] : ground.ask("hold", { job: ground.job, backup: id });
  });
  const plan: RestorePlan = {
    run: ground.job,
    backup: { id, kind },
    mode: kind !== "snapshot" && params["mode"] === "replace" ? "replace" : "merge",
    scope,
    deleted,
    dry_run,
    writers,
    instance: typeof params["instance"] === "number" ? params["instance"] : null,
  };
  const result: RestoreResult = await restoreBackup(
    { steps, store, cipher, database: ground.database, now, report },
    plan,
  );
  const done = { ...result, backup: id, mode: plan.mode, scope, dry_run, steps: ground.executed() };
  const clean = (): Promise<null> =>
    steps.run("clean", async () => {
      await forgetRestore(ground.database, ground.job);
      return null;
    });
  if (dry_run) {
    await clean();
    return done;
  }
  const outbox = params["outbox"] === "keep" ? "keep" : "replay";
  const released = await steps.run("release", () => ground.ask("release", { ...scope, outbox }));
  const chain = (await loadChain(store, id, kind)).map(({ manifest }) => manifest);
  if (kind === "snapshot") await putBack(ground, chain, plan.instance ?? null, params["settings"] === true);
  const forgotten = deleted === "respect" ? await forgetDead(ground) : 0;
  const relearned = scope.episode === null ? 0 : await relearn(ground, scope);
  await clean();
  return { ...done, outbox: { choice: outbox, ...released }, forgotten, relearned };
}

/** What only instances had, and the settings. */
async function putBack(
  ground: JobGround,
  chain: readonly Manifest[],
  instance: number | null,
  settings: boolean,
): Promise<void> {
  for (const manifest of chain) {
    const chunks = manifest.chunks.filter(({ op }) => op === "local");
    for (const [n, entry] of chunks.entries()) {
      const from = entry.instance ?? -1;
      if (from >= 0 && LOCAL.includes(entry.table) && (instance === null || instance === from)) {
        await ground.steps.run(`put back ${n}`, async () => {
          const rows = (await readChunk(ground.store, ground.cipher, manifest, entry)).map(
            (line) => JSON.parse(line) as Row,
          );
          const count = await ground.ask("instances", null);
          for (let at = 0; at < rows.length; at += 200) {
            const part = rows.slice(at, at + 200);
            await ground.ask("put_local", { instance: from % count, table: entry.table as LocalTable, rows: part });
          }
          return rows.length;
        });
      }
      if (settings && from === -1 && entry.table === "control") {
        await ground.steps.run("settings", async () => {
          const [line = "{}"] = await readChunk(ground.store, ground.cipher, manifest, entry);
          const { body } = JSON.parse(line) as { body: string };
          const kept = (JSON.parse(body) as { settings: Record<string, unknown> }).settings;
          if (Object.keys(kept).length > 0)
            await ground.ask("put_settings", { settings: kept, by: `restore of ${manifest.id}` });
          return null;
        });
      }
    }
  }
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
