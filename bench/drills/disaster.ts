/**
 * `npm run drill:disaster [EPISODES]`: the service under load, backups taken meanwhile; then
 * everything is gone but R2: every instance, the Coordinator and the database. A new deployment
 * with an empty database restores from R2 alone. Prints what was lost (RPO) and how long it took
 * (RTO), beside the targets. Ends with 1 when a target is missed, or when anything is missing that
 * was acknowledged before the newest snapshot began.
 *
 * @module
 */

import { admin, run } from "../../test/support/service/jobs.ts";
import { rowsOf } from "../../test/support/service/database.ts";
import { Service } from "../../test/support/service/service.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";

const EPISODES = Number(process.argv[2] ?? 10_000);
/** Lines of one import, and clients that write one episode after the other. */
const LINES = 200;
const CLIENTS = 4;
const RPO_TARGET_S = 86_400;
const RTO_TARGET_S = 3_600;
const JOB_MS = 3_600_000;

interface Acknowledged {
  id: string;
  at: number;
}
const acknowledged: Acknowledged[] = [];
let stopped = false;

const database = await Sqld.start();
const service = await Service.start(
  database.url,
  {
    RATE_LIMIT_PER_SECOND: "100000",
    RATE_LIMIT_BURST: "100000",
    // Without it no API key comes back.
    BACKUP_KEY: "5a".repeat(32),
  },
  { variant: "deployed" },
);
const key = await service.key("drill");

async function client(number: number): Promise<void> {
  for (let n = 0; !stopped; n++) {
    const started = await service
      .call("POST", "/v1/episodes", { key, body: { task: `load ${number} ${n}` } })
      .catch(() => null);
    const id = started?.status === 201 ? String(started.body.id) : null;
    if (id === null) continue;
    const body = { tool: "t", result: { type: "success", output: `${n}` } };
    const step = await service
      .call("POST", `/v1/episodes/${id}/steps`, { key, body })
      .catch(() => null);
    if (step?.status === 201) acknowledged.push({ id, at: Date.now() });
  }
}

for (let from = 0; from < EPISODES; from += LINES) {
  const lines = Array.from({ length: Math.min(LINES, EPISODES - from) }, (_, i) => ({
    type: "episode",
    id: `base-${from + i}`,
    task: `task ${(from + i) % 97} of customer ${from + i}`,
    steps: Array.from({ length: 5 }, (_unused, n) => ({
      number: n + 1,
      tool: `tool_${(from + n) % 7}`,
      result: { type: "success", output: "done" },
    })),
    outcome: { type: "success", verdict: "done" },
  }));
  const answers = await service.import(key, lines);
  const bad = answers.find(({ status }) => status !== "created");
  if (bad) throw new Error(JSON.stringify(bad));
  acknowledged.push(...lines.map(({ id }) => ({ id, at: Date.now() })));
}
console.log(`${EPISODES} episodes were acknowledged`);

const load = Array.from({ length: CLIENTS }, (_, number) => client(number));
const full = await run(service, "/admin/backups", { kind: "full" }, JOB_MS);
console.log(`full backup ${full.id}: ${full.rows} rows, ${full.steps} steps, under load`);
const snapshotBegan = Date.now();
const taken = await run(service, "/admin/backups", { kind: "snapshot" }, JOB_MS);
console.log(`snapshot ${taken.id} and ${taken.database.kind} backup ${taken.database.id}`);
await new Promise((resolve) => setTimeout(resolve, 5_000));
stopped = true;
const disaster = Date.now();
await service.kill();
await database.remove();
await Promise.all(load);
console.log(
  `${acknowledged.length} episodes acknowledged in all; every instance, the Coordinator and the database are gone`,
);

const began = Date.now();
const fresh = await Sqld.start();
service.forgetAllButR2();
await service.start({}, fresh.url);
const keys = [key.split("_")[1]];
const restored = await run(
  service,
  `/admin/backups/${taken.database.id}/restore`,
  { mode: "replace", keys },
  JOB_MS,
);
const merged = await run(service, `/admin/backups/${taken.id}/restore`, { settings: true }, JOB_MS);
const live = await admin(service, "GET", "/health/ready");
const again = await service.call("POST", "/v1/recall", {
  key,
  body: { task: "task 5 of customer" },
});
const rto = (Date.now() - began) / 1_000;

const stored = new Set(
  (await rowsOf(fresh.url, "SELECT id FROM episodes")).map((row) => String(row["id"])),
);
const steps = new Set(
  (await rowsOf(fresh.url, "SELECT DISTINCT episode_id FROM steps")).map((row) =>
    String(row["episode_id"]),
  ),
);
const lost = acknowledged.filter(({ id }) => !stored.has(id) || !steps.has(id));
const broken = lost.filter(({ at }) => at < snapshotBegan);
const oldest = Math.min(disaster, ...lost.map(({ at }) => at));
const rpo = (disaster - oldest) / 1_000;
console.log(
  `restored ${restored.chain.join(" + ")}, then ${merged.backup}; ready: ${live.status}; recall: ${again.status}, ${again.body.episodes?.length} episodes`,
);
console.log(`acknowledged before the newest snapshot and missing: ${broken.length}`);
console.log(`acknowledged after it and missing: ${lost.length - broken.length}`);
console.log(
  `RPO ${rpo.toFixed(1)} s (age of the newest snapshot ${((disaster - snapshotBegan) / 1_000).toFixed(1)} s), target < ${RPO_TARGET_S} s`,
);
console.log(`RTO ${rto.toFixed(1)} s, target < ${RTO_TARGET_S} s`);
await service.remove();
await fresh.remove();
if (broken.length > 0 || rpo >= RPO_TARGET_S || rto >= RTO_TARGET_S || again.status !== 200)
  process.exit(1);
