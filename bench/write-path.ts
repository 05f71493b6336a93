/**
 * Logging a step: this service beside a Worker that writes each step straight to the database, both
 * with the same delay in front of the database, in one run.
 *
 * @module
 */

import { join } from "node:path";
import { createTestHarness } from "wrangler";
import { FaultProxy } from "../test/support/processes/fault-proxy.ts";
import { ADMIN_TOKEN } from "../test/support/service/service.ts";
import { Sqld } from "../test/support/processes/sqld.ts";
import { until } from "../test/support/processes/until.ts";
import { rowsOf } from "../test/support/service/database.ts";

const ROOT = join(import.meta.dirname, "..");
const DELAY_MS = 30;
const CLIENTS = 4;
const STEPS = 60;
const WARM_UP = 5;

const database = await Sqld.start();
const proxy = await FaultProxy.start(database.port);
const TURSO_DATABASE_URL = proxy.url;
// The bundles in the runtime, behind the harness's own proxy; what that costs is measured too, as
// "nothing".
const service = createTestHarness({
  root: ROOT,
  workers: [
    { configPath: "wrangler.toml", vars: { TURSO_DATABASE_URL, ADMIN_TOKEN, INSTANCE_COUNT: "4" } },
  ],
});
const direct = createTestHarness({
  root: ROOT,
  workers: [{ configPath: "bench/direct/wrangler.toml", vars: { TURSO_DATABASE_URL } }],
});
const [{ url: serviceUrl }, { url: directUrl }] = [await service.listen(), await direct.listen()];

async function post(base: URL, path: string, key: string, body: unknown): Promise<Response> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  return fetch(new URL(path, base), { method: "POST", headers, body: JSON.stringify(body) });
}
async function idOf(answer: Response, field: "id" | "key"): Promise<string> {
  const body = (await answer.json()) as Record<string, unknown>;
  return String(body[field]);
}
const made = await post(serviceUrl, "/admin/keys", ADMIN_TOKEN, {
  name: "bench",
  scopes: ["write"],
  namespaces: ["bench"],
});
const key = await idOf(made, "key");
await fetch(directUrl);
proxy.delayMs = DELAY_MS;

interface Figures {
  p50: number;
  p99: number;
  perSecond: number;
}

/** Every client logs its steps one after the other. */
async function measure(
  send: (client: number, number: number) => Promise<number>,
): Promise<Figures> {
  const times: number[] = [];
  let began = 0;
  for (const [count, kept] of [
    [WARM_UP, false],
    [STEPS, true],
  ] as const) {
    began = performance.now();
    const first = kept ? WARM_UP : 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let n = 1; n <= count; n++) {
          const sent = performance.now();
          const status = await send(client, first + n);
          if (status !== 201) throw new Error(`a step was answered with ${status}`);
          if (kept) times.push(performance.now() - sent);
        }
      }),
    );
  }
  const seconds = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), perSecond: times.length / seconds };
}

const ids = await Promise.all(
  Array.from({ length: CLIENTS }, async (_, client) =>
    idOf(await post(serviceUrl, "/v1/episodes", key, { task: `client ${client}` }), "id"),
  ),
);
const step = (number: number): Record<string, unknown> => ({
  number,
  tool: "work",
  result: { type: "success", output: "x".repeat(500) },
});
async function status(answer: Promise<Response>): Promise<number> {
  const { status: code, body } = await answer;
  await body?.cancel();
  return code;
}
/** What a request costs that does no work: the harness, the client and the machine. */
const nothing = await measure(async () =>
  (await status(fetch(new URL("/health/live", serviceUrl)))) === 200 ? 201 : 0,
);
const straight = await measure((client, n) =>
  status(post(directUrl, "/", key, { episode_id: ids[client], ...step(n) })),
);
const memory = await measure((client, n) =>
  status(post(serviceUrl, `/v1/episodes/${ids[client]}/steps`, key, step(n))),
);
const expected = CLIENTS * (WARM_UP + STEPS);
const drained = performance.now();
await until(
  "every step is in the database",
  async () => {
    const [row] = await rowsOf(database.url, "SELECT count(*) AS n FROM steps");
    return row?.["n"] === expected;
  },
  120_000,
);
const drainMs = performance.now() - drained;

console.log(`${CLIENTS} clients, ${STEPS} steps each, ${DELAY_MS} ms in front of the database\n`);
console.log("                        p50 ms    p99 ms   steps/s");
for (const [name, figures] of [
  ["nothing", nothing],
  ["straight to the database", straight],
  ["memory-service", memory],
] as const) {
  const cells = [figures.p50, figures.p99, figures.perSecond].map((value) =>
    value.toFixed(1).padStart(9),
  );
  console.log(`${name.padEnd(24)}${cells.join(" ")}`);
}
const above = (figures: Figures): number => figures.p50 - nothing.p50;
console.log(
  `\np50 above nothing: ${above(straight).toFixed(1)} ms straight, ${above(memory).toFixed(1)} ms memory-service`,
);
console.log(
  `p50 ${(straight.p50 / memory.p50).toFixed(1)} × shorter, throughput ${(memory.perSecond / straight.perSecond).toFixed(1)} × higher`,
);
console.log(
  `all ${expected} steps were in the database ${drainMs.toFixed(0)} ms after the last answer`,
);
await Promise.all([service.close(), direct.close()]);
await proxy.remove();
await database.remove();
