/**
 * The database is stopped under a steady load, and started again: what was refused, what was lost,
 * how the breaker behaved, and what the writers felt.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Sqld } from "../../../test/support/processes/sqld.ts";
import { until } from "../../../test/support/processes/until.ts";
import { storedSteps } from "../../../test/support/service/database.ts";
import { Service } from "../../../test/support/service/service.ts";
import { instances, ms, quantile, start, transitions, unsent, type Report } from "./report.ts";

const WRITES_PER_S = 50;
const EPISODES = 10;
/** Before anything is measured, s. */
const WARM_UP_S = 3;
const DRAIN_MS = 120_000;

type Phase = "before" | "during" | "until it is back";

/** Writes steps at a steady rate, and keeps what came of each. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly times: Record<Phase, number[]> = { before: [], during: [], "until it is back": [] };
  refused = 0;
  phase: Phase = "before";
  #number = 0;
  readonly #service: Service;
  readonly #key: string;
  readonly #ids: readonly string[];

  constructor(service: Service, key: string, ids: readonly string[]) {
    this.#service = service;
    this.#key = key;
    this.#ids = ids;
  }

  /** Whether the answers come or not, the writes do. */
  async steadily(seconds: number): Promise<void> {
    const writes: Promise<void>[] = [];
    const begun = performance.now();
    for (let n = 0; n < seconds * WRITES_PER_S; n++) {
      const due = begun + (n * 1_000) / WRITES_PER_S;
      if (due > performance.now()) await sleep(due - performance.now());
      writes.push(this.#write(n));
    }
    await Promise.all(writes);
  }

  async #write(n: number): Promise<void> {
    const id = this.#ids[n % this.#ids.length] ?? "";
    const number = Math.floor(this.#number++ / this.#ids.length) + 1;
    const body = { number, tool: "work", result: { type: "success" } };
    const times = this.times[this.phase];
    const sent = performance.now();
    const path = `/v1/episodes/${id}/steps`;
    const { status } = await this.#service.call("POST", path, { key: this.#key, body });
    times.push(performance.now() - sent);
    if (status === 201) this.acknowledged.push(`${id} ${number}`);
    else this.refused += 1;
  }
}

/** @param seconds for which the database is stopped */
export async function stopped(report: Report, seconds: number): Promise<void> {
  const database = await Sqld.start();
  const vars = { INSTANCE_COUNT: "1" };
  const service = await Service.start(database.url, vars, { variant: "deployed" });
  const key = await service.key("outage");
  const tasks = Array.from({ length: EPISODES }, (_, i) => `task ${i}`);
  const ids = await Promise.all(tasks.map((task) => start(service, key, task)));
  const writer = new Writer(service, key, ids);
  await writer.steadily(WARM_UP_S);
  writer.times.before.length = 0;

  await writer.steadily(Math.max(10, seconds / 3));
  writer.phase = "during";
  await database.kill();
  await writer.steadily(seconds);
  writer.phase = "until it is back";
  await database.start();
  const back = performance.now();
  await until("the outbox is empty", async () => (await unsent(service)) === 0, DRAIN_MS);
  const drainedS = (performance.now() - back) / 1_000;
  await until("the breaker is closed", async () =>
    (await instances(service)).every(({ breakers }) => breakers.turso.state === "closed"),
  );

  console.log(`\nDatabase stopped for ${seconds} s under ${WRITES_PER_S} writes a second\n`);
  reportWrites(report, writer, await storedSteps(database.url));
  report.target(
    "outbox empty after its return",
    `${drainedS.toFixed(1)} s`,
    "at most 10 s",
    drainedS <= 10,
  );
  reportBreaker(report, service);
  reportTimes(report, writer);
  await service.remove();
  await database.remove();
}

function reportWrites(
  report: Report,
  { acknowledged, refused }: Writer,
  stored: readonly string[],
): void {
  const inDatabase = new Set(stored);
  const lost = acknowledged.filter((step) => !inDatabase.has(step)).length;
  const twice = stored.length - inDatabase.size;
  report.note("writes acknowledged", String(acknowledged.length));
  report.target("writes refused", String(refused), "0", refused === 0);
  report.target("acknowledged and not in the database", String(lost), "0", lost === 0);
  report.target("in the database twice", String(twice), "0", twice === 0);
}

function reportBreaker(report: Report, service: Service): void {
  const all = transitions(service).filter(({ backend }) => backend === "turso");
  const opened = all.filter(({ from, to }) => from === "closed" && to === "open").length;
  const probed = all.filter(({ to }) => to === "half_open").length;
  const closed = all.filter(({ to }) => to === "closed").length;
  report.target("breaker opened", `${opened} ×`, "1", opened === 1);
  report.target("breaker probed", `${probed} ×`, "at least 1", probed >= 1);
  report.target("breaker closed", `${closed} ×`, "1", closed === 1);
}

function reportTimes(report: Report, { times }: Writer): void {
  const before = quantile(times.before, 0.99);
  const during = quantile(times.during, 0.99);
  const ratio = during / before;
  report.note("p99 of writes before", ms(before));
  report.note("p99 of writes during the outage", ms(during));
  report.target("p99 during by p99 before", ratio.toFixed(2), "at most 2", ratio <= 2);
}
