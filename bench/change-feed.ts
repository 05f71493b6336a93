/**
 * What the change feed costs the write path: batches of rows into two libSQL servers, one with the feed's triggers and
 * one without, alternating in one run.
 *
 * @module
 */

import {
  CHANGE_FEED_SCHEMA,
  FENCE_SCHEMA,
  openDatabase,
  SCHEMA,
  upsert,
  type Database,
  type Statement,
} from "../src/storage/index.ts";
import { rowsOf } from "../test/support/database.ts";
import { Sqld } from "../test/support/sqld.ts";

const ROWS = 500;
const BATCHES = 60;
const STEPS_OF_AN_EPISODE = 10;
const OUTPUT = "x".repeat(800);

const servers = await Promise.all([Sqld.start(), Sqld.start()]);
const [plain, fed] = servers.map(({ url }) => openDatabase({ url, authToken: null, timeoutMs: () => 30_000 }));
if (!plain || !fed) throw new Error("no database");
const define = async (database: Database, statements: readonly string[]): Promise<void> =>
  database.write(statements.map((sql) => ({ sql, args: [] })));
await define(plain, [...SCHEMA, ...FENCE_SCHEMA]);
await define(fed, [...SCHEMA, ...FENCE_SCHEMA, ...CHANGE_FEED_SCHEMA]);

const episode = (n: number): string => `01970000-0000-7000-8000-${String(n).padStart(12, "0")}`;
/** A batch as the outbox sends it: steps, and the episodes that they belong to. */
function batch(number: number, pass: number): Statement[] {
  const first = number * ROWS;
  const at = 1_700_000_000_000 + pass;
  const steps = Array.from({ length: ROWS }, (_, i) => {
    const [id, step] = [Math.floor((first + i) / STEPS_OF_AN_EPISODE), ((first + i) % STEPS_OF_AN_EPISODE) + 1];
    return ["bench", episode(id), step, JSON.stringify({ step, pass, output: OUTPUT })];
  });
  const ids = [...new Set(steps.map(([, id]) => String(id)))];
  const episodes = ids.map((id) => {
    const search = ["bench", id, "in_progress", null, "d", null, null, "other", "a task", "[]", at, null, at, 1];
    return [...search, STEPS_OF_AN_EPISODE, JSON.stringify({ id, pass })];
  });
  return [upsert("episodes", episodes), upsert("steps", steps)];
}
const ROWS_OF_A_BATCH = ROWS + ROWS / STEPS_OF_AN_EPISODE;

async function time(database: Database, statements: Statement[]): Promise<number> {
  const began = performance.now();
  await database.write(statements);
  return performance.now() - began;
}
const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

console.log(`${BATCHES} batches of ${ROWS_OF_A_BATCH} rows each (episodes and steps of about 900 bytes)\n`);
console.log("                      without feed      with feed   with / without");
for (const [name, pass] of [
  ["rows that are new", 1],
  ["rows that changed", 2],
  ["rows that are equal", 2],
] as const) {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < BATCHES; n++) {
    const statements = batch(n, pass);
    // Whoever is first may find the machine warmer or colder.
    const order = n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) times[which].push(await time(which === 0 ? plain : fed, statements));
  }
  const [without, with_] = times.map((all) => ROWS_OF_A_BATCH / (median(all) / 1_000)) as [number, number];
  const cells = [without, with_].map((rate) => `${rate.toFixed(0)} rows/s`.padStart(15));
  console.log(`${name.padEnd(20)}${cells.join("")}${(with_ / without).toFixed(2).padStart(17)}`);
}
const bytes = await Promise.all(
  servers.map(async ({ url }) => {
    const [row] = await rowsOf(url, "SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size");
    return Number(row?.["n"]);
  }),
);
const total = BATCHES * ROWS_OF_A_BATCH;
const [small = 0, large = 0] = bytes;
console.log(
  `\nthe feed takes ${((large - small) / total).toFixed(0)} bytes a row of ${(small / total).toFixed(0)} bytes`,
);
await Promise.all(servers.map((server) => server.remove()));
