/**
 * The database of `npm start` is killed by its process id, while episodes are recorded; `npm start`
 * starts it again. Says how many writes were refused, and waits until the database has them all.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage.ts";
import type { Where } from "./where.ts";

const EPISODES = 20;
/** How long the database may take to come back and to have everything, ms. */
const BACK_MS = 60_000;

interface Instances {
  instances: { outbox: { rows: number; dead: number }; breakers: { turso: { state: string } } }[];
}

/** @param pidFile where `npm start` notes its database's process @returns whether nothing is lost */
export async function outage(where: Where, stage: Stage, pidFile: string): Promise<boolean> {
  const pid = Number(readFileSync(pidFile, "utf8"));
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`${pidFile} holds no process id`);
  process.kill(pid, "SIGKILL");
  await stage.act(`kill -9 ${pid}`, "the database is gone", false);
  const ids: string[] = [];
  for (let n = 1; n <= EPISODES; n++) {
    const { id } = await where.memory.episodes.start({ task: `Book flight ${n}` });
    await where.memory.episodes.log(id, { tool: "book", result: { type: "success" } });
    await where.memory.episodes.complete(id, { outcome: { type: "success" } });
    ids.push(id);
  }
  const recalled = await where.memory.recall({ task: "Cancel a flight and refund" });
  const taken = `${ids.length} of ${EPISODES} acknowledged`;
  await stage.act("episodes recorded meanwhile", taken, true);
  await stage.act("recall meanwhile", `${recalled.episodes.length} similar episodes`, true);
  const isSent = await everythingSent(where);
  const found = await Promise.all(ids.map((id) => where.memory.episodes.get(id)));
  const verdict = isSent ? "has everything that waited" : "does not have everything yet";
  await stage.act("the database is back", verdict, isSent);
  await stage.act("episodes lost", String(EPISODES - found.length), found.length === EPISODES);
  return isSent && found.length === EPISODES;
}

/** Waits until no instance holds a row that the database has not. */
async function everythingSent({ url, adminToken }: Where): Promise<boolean> {
  const headers = { Authorization: `Bearer ${adminToken ?? ""}` };
  for (const deadline = Date.now() + BACK_MS; Date.now() < deadline; await sleep(250)) {
    const answer = await fetch(`${url}/admin/instances`, { headers }).catch(() => null);
    if (!answer?.ok) continue;
    const { instances } = (await answer.json()) as Instances;
    const waits = instances.some(
      ({ outbox, breakers }) => outbox.rows + outbox.dead > 0 || breakers.turso.state !== "closed",
    );
    if (!waits) return true;
  }
  return false;
}
