/**
 * The disaster drill: the service under load, backups taken meanwhile; then everything is gone but
 * R2: every instance, the Coordinator and the database. A new deployment with an empty database
 * restores from R2 alone. Prints what was lost (RPO) and how long it took (RTO, until a recall is
 * answered with episodes), beside the targets, and when recalls are made from all episodes again.
 *
 * @module
 */

import type { BackupView } from "../../../src/contract/backups/answers.ts";
import type { RecallView } from "../../../src/contract/recall/answers.ts";
import { Sqld } from "../../../test/support/processes/sqld.ts";
import { until } from "../../../test/support/processes/until.ts";
import { rowsOf } from "../../../test/support/service/database.ts";
import { admin, run } from "../../../test/support/service/jobs.ts";
import { Service } from "../../../test/support/service/service.ts";
import { DrillLoad } from "./load.ts";

/** Episodes of the drill, unless another number is asked for. */
export const DRILL_EPISODES = 10_000;
const RPO_TARGET_S = 86_400;
const RTO_TARGET_S = 3_600;
const JOB_MS = 3_600_000;
/** How long the load goes on after the newest snapshot, ms. */
const AFTER_SNAPSHOT_MS = 5_000;
const VARS = {
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "100000",
  // Without it no API key comes back.
  BACKUP_KEY: "5a".repeat(32),
};

/** The backups that there are when the disaster happens. */
interface Taken {
  /** When the newest snapshot was begun, ms since the epoch. */
  snapshotBegan: number;
  snapshot: string;
  /** Of the database, which the snapshot belongs to. */
  database: string;
}

const since = (ms: number): string => ((Date.now() - ms) / 1_000).toFixed(1);

/**
 * Whether the targets were met, and everything is there that was acknowledged before the newest
 * snapshot began.
 *
 * @param episodes that are stored before the disaster, with what is written under load beyond them
 */
export async function disasterDrill(episodes: number): Promise<boolean> {
  const database = await Sqld.start();
  const service = await Service.start(database.url, VARS, { variant: "deployed" });
  const key = await service.key("drill");
  const load = new DrillLoad(service, key);
  await load.import(episodes);
  console.log(`${episodes} episodes were acknowledged`);
  load.start();
  const taken = await takeBackups(service, load);
  await new Promise((resolve) => setTimeout(resolve, AFTER_SNAPSHOT_MS));
  load.stop();

  const disaster = Date.now();
  await service.kill();
  await database.remove();
  await load.ended();
  console.log(
    `${load.acknowledged.length} episodes acknowledged in all; every instance, the Coordinator and the database are gone`,
  );

  const fresh = await Sqld.start();
  const rtoSeconds = await recover(service, fresh.url, key, taken);
  const hasTargets = await judge(fresh.url, load, { taken, disaster, rtoSeconds });
  await service.remove();
  await fresh.remove();
  return hasTargets;
}

/** A full backup, and a snapshot behind it, under load. */
async function takeBackups(service: Service, { acknowledged }: DrillLoad): Promise<Taken> {
  const full = await run(service, "/admin/backups", { kind: "full" }, JOB_MS);
  console.log(`full backup ${full.id}: ${full.rows} rows, ${full.steps} steps, under load`);
  const { body } = await admin(service, "GET", "/admin/backups");
  const { backups } = body as { backups: BackupView[] };
  const bytes = backups.find(({ id }) => id === full.id)?.stored_bytes ?? 0;
  const episodes = acknowledged.length;
  console.log(`  ${Math.round(bytes / episodes)} bytes in R2 for each of ${episodes} episodes`);
  const snapshotBegan = Date.now();
  const taken = await run(service, "/admin/backups", { kind: "snapshot" }, JOB_MS);
  console.log(`snapshot ${taken.id} and ${taken.database.kind} backup ${taken.database.id}`);
  return { snapshotBegan, snapshot: String(taken.id), database: String(taken.database.id) };
}

/** Restores into an empty deployment; seconds until a recall is useful. */
async function recover(
  service: Service,
  databaseUrl: string,
  key: string,
  taken: Taken,
): Promise<number> {
  const began = Date.now();
  service.forgetAllButR2();
  await service.start({}, databaseUrl);
  await service.takeOver();
  const restored = await run(
    service,
    `/admin/backups/${taken.database}/restore`,
    { mode: "replace", keys: [key.split("_")[1]] },
    JOB_MS,
  );
  console.log(`restored ${restored.chain.join(" + ")} after ${since(began)} s`);
  const path = `/admin/backups/${taken.snapshot}/restore`;
  const merged = await run(service, path, { settings: true }, JOB_MS);
  const ready = await admin(service, "GET", "/health/ready");
  console.log(`then ${merged.backup} after ${since(began)} s; ready: ${ready.status}`);

  const recall = async (isEnough: (view: RecallView) => boolean): Promise<RecallView> => {
    let view: RecallView | null = null;
    const body = { task: "task 5 of customer" };
    await until(
      "a recall is answered",
      async () => {
        const { status, body: answer } = await service.call("POST", "/v1/recall", { key, body });
        view = status === 200 ? (answer as RecallView) : null;
        return view !== null && isEnough(view);
      },
      JOB_MS,
    );
    if (view === null) throw new Error("no recall was answered");
    return view;
  };
  const first = await recall((view) => view.episodes.length > 0);
  const rtoSeconds = (Date.now() - began) / 1_000;
  console.log(
    `a recall has ${first.episodes.length} episodes, made from ${(first.completeness * 100).toFixed(0)} % of them`,
  );
  await recall((view) => view.completeness === 1);
  console.log(`recalls are made from all of them after ${since(began)} s`);
  return rtoSeconds;
}

/** Prints what was lost, and whether that and the time meet the targets. */
async function judge(
  databaseUrl: string,
  { acknowledged }: DrillLoad,
  of: { taken: Taken; disaster: number; rtoSeconds: number },
): Promise<boolean> {
  const { taken, disaster, rtoSeconds } = of;
  const idsOf = async (sql: string): Promise<Set<string>> =>
    new Set((await rowsOf(databaseUrl, sql)).map((row) => String(row["id"])));
  const stored = await idsOf("SELECT id FROM episodes");
  const withSteps = await idsOf("SELECT DISTINCT episode_id AS id FROM steps");
  const lost = acknowledged.filter(({ id }) => !stored.has(id) || !withSteps.has(id));
  const broken = lost.filter(({ at }) => at < taken.snapshotBegan);
  const oldest = Math.min(disaster, ...lost.map(({ at }) => at));
  const rpoSeconds = (disaster - oldest) / 1_000;
  const snapshotAge = (disaster - taken.snapshotBegan) / 1_000;
  console.log(`acknowledged before the newest snapshot and missing: ${broken.length}`);
  console.log(`acknowledged after it and missing: ${lost.length - broken.length}`);
  console.log(
    `RPO ${rpoSeconds.toFixed(1)} s (age of the newest snapshot ${snapshotAge.toFixed(1)} s), target < ${RPO_TARGET_S} s`,
  );
  console.log(
    `RTO ${rtoSeconds.toFixed(1)} s for ${acknowledged.length} episodes, target < ${RTO_TARGET_S} s`,
  );
  return broken.length === 0 && rpoSeconds < RPO_TARGET_S && rtoSeconds < RTO_TARGET_S;
}
