/**
 * What an operation uses of what is billed: rows in the instances and in the database, requests,
 * CPU time. Comes last: counting rows keeps what is counted.
 *
 * @module
 */

import { outcomeOf, sentenceOf, stepOf, stepsOf, taskOf } from "../support/episodes.ts";
import { ask } from "../support/client.ts";
import { costOf, PRICES, type Use } from "../support/prices.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

const EPISODES = 60;
const STEPS = 600;
const RECALLS = 60;
/** What is asked for on the price lists. */
const PRICED_STEPS = 1_000_000;
const PRICED_RECALLS = 100_000;
/** Calls of the Coordinator for each batch: a turn is taken and given back. */
const CALLS_PER_BATCH = 2;

interface Used {
  seconds: number;
  cpuMs: number;
  roundTrips: number;
  bytes: number;
  instance: { read: number; written: number };
  database: { read: number; written: number };
}

async function used(
  world: World,
  operations: number,
  work: (n: number) => Promise<unknown>,
): Promise<Used> {
  const rows = (): Promise<{ read: number; written: number }> =>
    ask("GET", `${world.runtime.urls.service}/bench/rows`);
  await world.drained();
  const before = {
    instance: await rows(),
    database: await world.database.usage(),
    bytes: world.proxy.bytesSent,
  };
  const [cpu, requests, begun] = [world.cpuMs(), world.requests(), performance.now()];
  for (let n = 0; n < operations; n++) await work(n);
  const seconds = (performance.now() - begun) / 1_000;
  await world.drained();
  const after = { instance: await rows(), database: await world.database.usage() };
  const each = (value: number): number => value / operations;
  return {
    seconds: each(seconds),
    cpuMs: each(world.cpuMs() - cpu),
    roundTrips: each(world.requests() - requests),
    bytes: each(world.proxy.bytesSent - before.bytes),
    instance: {
      read: each(after.instance.read - before.instance.read),
      written: each(after.instance.written - before.instance.written),
    },
    database: {
      read: each(after.database.rows_read_count - before.database.rows_read_count),
      written: each(after.database.rows_written_count - before.database.rows_written_count),
    },
  };
}

function useOf({ seconds, cpuMs, roundTrips, instance, database }: Used): Use {
  return {
    workerCpuMs: cpuMs,
    objectRequests: 1 + CALLS_PER_BATCH * roundTrips,
    objectSeconds: seconds,
    objectRowsRead: instance.read,
    objectRowsWritten: instance.written,
    databaseRowsRead: database.read,
    databaseRowsWritten: database.written,
  };
}

export async function costs(world: World, report: Report): Promise<void> {
  const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: "costs" });
  const step = await used(world, STEPS, (n) =>
    world.ask("POST", `/v1/episodes/${id}/steps`, stepOf(n + 1)),
  );
  const recall = await used(world, RECALLS, (n) =>
    world.ask("POST", "/v1/recall", { task: sentenceOf(n) }),
  );
  const episode = await used(world, EPISODES, async (n) => {
    const started = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
    await world.ask("POST", `/v1/episodes/${started.id}/steps`, { steps: stepsOf(n) });
    await world.ask("POST", `/v1/episodes/${started.id}/complete`, { outcome: outcomeOf(n) });
  });
  console.log("\nWhat is used, with the far database\n");
  for (const [name, { instance, database, bytes, roundTrips }] of [
    ["step", step],
    ["recall", recall],
    ["episode", episode],
  ] as const) {
    report.value(`rows written in the instance, a ${name}`, instance.written, "");
    report.value(`rows written in the database, a ${name}`, database.written, "");
    report.value(`bytes to the database, a ${name}`, bytes, "B");
    report.value(`requests to the database, a ${name}`, roundTrips, "");
  }
  console.log(`\nOn the price lists (${PRICES.as_of})\n`);
  for (const [name, use, operations] of [
    ["1 M steps, one a request", step, PRICED_STEPS],
    ["100 k recalls", recall, PRICED_RECALLS],
  ] as const) {
    const { platform, database } = costOf(useOf(use), operations);
    report.value(`${name}: Cloudflare`, platform, "USD");
    report.value(`${name}: Turso`, database, "USD");
  }
}
