/**
 * `npm run bench:backup [EPISODES]`: export and restore of many rows through the service. The rows are made in the
 * libSQL server directly. Prints rates, the most memory the runtime held, steps and requests, and what that comes to for
 * ten million rows. Also what the change feed costs a write.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { run } from "../test/support/jobs.ts";
import { rowsOf } from "../test/support/database.ts";
import { Service } from "../test/support/service.ts";
import { Sqld } from "../test/support/sqld.ts";
import { migrated, openDatabase, SCHEMA, upsert } from "../src/storage/index.ts";

const EPISODES = Number(process.argv[2] ?? 100_000);
const STEPS = 9;
const JOB_MS = 7_200_000;

/** Milliseconds of a statement, the best of several runs. */
async function feedCost(): Promise<void> {
  const open = (url: string) => openDatabase({ url, authToken: null, timeoutMs: () => 60_000 });
  const [bare, fed] = [await Sqld.start(), await Sqld.start()];
  await open(bare.url).write(SCHEMA.map((sql) => ({ sql, args: [] })));
  await migrated(open(fed.url), Date.now).version();
  const times = { bare: [] as number[], fed: [] as number[] };
  for (let round = 0; round < 40; round++) {
    const rows = Array.from({ length: 500 }, (_, i) => [
      "n",
      `e${round}`,
      i,
      JSON.stringify({ output: "x".repeat(500) }),
    ]);
    const pair = [["bare", bare] as const, ["fed", fed] as const];
    // Whoever is second finds the machine warm.
    for (const [name, server] of round % 2 === 0 ? pair : pair.toReversed()) {
      const begun = performance.now();
      await open(server.url).write([upsert("steps", rows)]);
      times[name].push(performance.now() - begun);
    }
  }
  const median = (list: number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
  const [without, with_] = [median(times.bare), median(times.fed)];
  console.log(
    `change feed: a batch of 500 steps takes ${with_.toFixed(1)} ms with it, ${without.toFixed(1)} ms without: ${(with_ / without).toFixed(2)} times`,
  );
  await bare.remove();
  await fed.remove();
}

/** The most that the runtime's processes under this service held since it was last asked, MB. */
class Memory {
  most = 0;
  readonly #timer = setInterval(() => {
    const lines = execFileSync("ps", ["-eo", "pgid,rss,comm"], { encoding: "utf8" }).split("\n");
    for (const line of lines) {
      const [pgid, rss, comm] = line.trim().split(/\s+/);
      if (Number(pgid) === this.group && comm === "workerd") this.most = Math.max(this.most, Number(rss) / 1_024);
    }
  }, 500);
  readonly group: number;
  constructor(group: number) {
    this.group = group;
  }
  end(): number {
    clearInterval(this.#timer);
    return this.most;
  }
}

await feedCost();
const database = await Sqld.start();
const service = await Service.start(database.url);
await migrated(openDatabase({ url: database.url, authToken: null, timeoutMs: () => 60_000 }), Date.now).version();
const made = performance.now();
for (let from = 0; from < EPISODES; from += 2_000) {
  const to = Math.min(EPISODES, from + 2_000);
  const body = "json_object('id', 'e' || value, 'task', 'task ' || value, 'filler', hex(randomblob(150)))";
  const range = `generate_series(${from}, ${to - 1})`;
  await rowsOf(
    database.url,
    `INSERT INTO episodes SELECT 'n' || (value % 10), printf('e%09d', value), 'completed', 'success', 'd', NULL, NULL, 'other',
      'task ' || value, '[]', 1700000000000 + value, 1700000000000 + value, 1700000000000 + value, 3, ${STEPS}, ${body} FROM ${range}`,
  );
  await rowsOf(
    database.url,
    `INSERT INTO steps SELECT 'n' || (g.value % 10), printf('e%09d', g.value), s.value,
      json_object('number', s.value, 'tool', 'tool', 'output', hex(randomblob(100))) FROM ${range} g, generate_series(1, ${STEPS}) s`,
  );
}
const total = EPISODES * (1 + STEPS);
console.log(`${total} rows made in ${((performance.now() - made) / 1_000).toFixed(0)} s`);
const before = new Memory(service.group);
await new Promise((resolve) => setTimeout(resolve, 2_000));
const idle = before.end();

async function measure(
  name: string,
  path: string,
  body: unknown,
): Promise<{ id: string; seconds: number; steps: number }> {
  const memory = new Memory(service.group);
  const begun = performance.now();
  const result = await run(service, path, body, JOB_MS);
  const seconds = (performance.now() - begun) / 1_000;
  const most = memory.end();
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} rows/s, ${result.steps} steps, runtime at most ${most.toFixed(0)} MB (${idle.toFixed(0)} MB idle)`,
  );
  return { id: String(result.id ?? result.backup), seconds, steps: Number(result.steps) };
}

const exported = await measure("export and verify", "/admin/backups", { kind: "full" });
await rowsOf(database.url, "DELETE FROM steps WHERE namespace = 'n1'");
await rowsOf(database.url, "UPDATE episodes SET body = '{}' WHERE namespace = 'n2'");
const restored = await measure("verify and restore", `/admin/backups/${exported.id}/restore`, { mode: "replace" });
const [count] = await rowsOf(
  database.url,
  "SELECT (SELECT count(*) FROM episodes) + (SELECT count(*) FROM steps) AS n",
);
console.log(`rows afterwards: ${String(count?.["n"])} of ${total}`);
const scale = 10_000_000 / total;
for (const [name, { seconds, steps }] of [
  ["export", exported],
  ["restore", restored],
] as const) {
  console.log(
    `${name} of 10 M rows, extrapolated: ${((seconds * scale) / 60).toFixed(0)} min, ${Math.ceil(steps * scale)} steps (at most 10,000)`,
  );
}
await service.remove();
await database.remove();
