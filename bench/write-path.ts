/**
 * Logging a step: this service beside a Worker that writes each step straight to the database, both with the same
 * delay in front of the database, in one run.
 *
 * @module
 */

import { FaultProxy } from "../test/support/fault-proxy.ts";
import { Service } from "../test/support/service.ts";
import { Sqld, until } from "../test/support/sqld.ts";
import { rowsOf } from "../test/support/database.ts";

const DELAY_MS = 30;
const CLIENTS = 16;
const STEPS = 60;
const WARM_UP = 5;

const database = await Sqld.start();
const proxy = await FaultProxy.start(database.port);
const service = await Service.start(proxy.url, { INSTANCE_COUNT: "4" });
const direct = await Service.start(proxy.url, {}, "bench/direct/wrangler.toml");
const key = await service.key("bench");
await fetch(direct.url);
proxy.delayMs = DELAY_MS;

interface Figures {
  p50: number;
  p99: number;
  perSecond: number;
}

/** Every client logs its steps one after the other. */
async function measure(send: (client: number, number: number) => Promise<number>): Promise<Figures> {
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
  Array.from({ length: CLIENTS }, async (_, client) => {
    const answer = await service.call("POST", "/v1/episodes", { key, body: { task: `client ${client}` } });
    return String(answer.body.id);
  }),
);
const step = (number: number): Record<string, unknown> => ({
  number,
  tool: "work",
  result: { type: "success", output: "x".repeat(500) },
});
const straight = await measure(
  async (client, number) =>
    (await direct.call("POST", "/", { body: { episode_id: ids[client], ...step(number) } })).status,
);
const memory = await measure(
  async (client, number) =>
    (await service.call("POST", `/v1/episodes/${ids[client]}/steps`, { key, body: step(number) })).status,
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
  ["straight to the database", straight],
  ["memory-service", memory],
] as const) {
  const cells = [figures.p50, figures.p99, figures.perSecond].map((value) => value.toFixed(1).padStart(9));
  console.log(`${name.padEnd(24)}${cells.join(" ")}`);
}
console.log(
  `\np50 ${(straight.p50 / memory.p50).toFixed(1)} × shorter, throughput ${(memory.perSecond / straight.perSecond).toFixed(1)} × higher`,
);
console.log(`all ${expected} steps were in the database ${drainMs.toFixed(0)} ms after the last answer`);
await Promise.all([service.remove(), direct.remove()]);
await proxy.remove();
await database.remove();
