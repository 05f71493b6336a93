/**
 * `npm run bench:backup [EPISODES]`: export and restore of many rows through the service. The rows
 * are made in the libSQL server directly. Prints rates, the most memory the isolate held, steps and
 * requests, and what that comes to for ten million rows. Also what the change feed costs a write.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../test/support/service/jobs.ts";
import { rowsOf } from "../test/support/service/database.ts";
import { Service } from "../test/support/service/service.ts";
import { Sqld } from "../test/support/processes/sqld.ts";
import { IsolateMemory } from "./support/isolate.ts";
import { migrated, openDatabase, SCHEMA, upsert } from "../src/storage/index.ts";

const EPISODES = Number(process.argv[2] ?? 100_000);
const STEPS = 9;
const JOB_MS = 7_200_000;
const IDLE_MS = 2_000;

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

await feedCost();
const database = await Sqld.start();
const service = await Service.start(database.url, {}, { variant: "deployed", hasInspector: true });
await migrated(
  openDatabase({ url: database.url, authToken: null, timeoutMs: () => 60_000 }),
  Date.now,
).version();
const made = performance.now();
for (let from = 0; from < EPISODES; from += 2_000) {
  const to = Math.min(EPISODES, from + 2_000);
  const body =
    "json_object('id', 'e' || value, 'task', 'task ' || value, 'filler', hex(randomblob(150)))";
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
const before = new IsolateMemory(await service.inspectorUrl());
await sleep(IDLE_MS);
console.log(`idle: the isolate holds ${held(before.end())}`);

/**
 * What the isolate of the Worker, the jobs and every object held at most; the platform's bound is
 * 128 MB.
 */
function held({ most, looks }: IsolateMemory): string {
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
  return `at most ${mb(most.used + most.buffers)} MB (${mb(most.used)} of objects, ${mb(most.buffers)} of buffers, uncollected garbage included; ${looks} looks)`;
}

async function measure(
  name: string,
  path: string,
  body: unknown,
): Promise<{ id: string; seconds: number; steps: number }> {
  const memory = new IsolateMemory(await service.inspectorUrl());
  const begun = performance.now();
  const result = await run(service, path, body, JOB_MS);
  const seconds = (performance.now() - begun) / 1_000;
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} rows/s, ${result.steps} steps, the isolate held ${held(memory.end())}`,
  );
  return { id: String(result.id ?? result.backup), seconds, steps: Number(result.steps) };
}

const exported = await measure("export and verify", "/admin/backups", { kind: "full" });
await rowsOf(database.url, "DELETE FROM steps WHERE namespace = 'n1'");
await rowsOf(database.url, "UPDATE episodes SET body = '{}' WHERE namespace = 'n2'");
const restored = await measure("verify and restore", `/admin/backups/${exported.id}/restore`, {
  mode: "replace",
});
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
