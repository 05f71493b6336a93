/**
 * What an operation uses of what is billed: rows and alarms in the objects, rows in the database,
 * requests, CPU time; and what that comes to on the price lists. Comes last: counting rows keeps
 * what is counted.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectUse } from "../probe/probe.ts";
import { ask } from "../support/client.ts";
import {
  COUNTED_STEPS,
  outcomeOf,
  sentenceOf,
  sevenStepsOf,
  stepOf,
  taskOf,
} from "../support/episodes.ts";
import { costOf, PRICES, type Use } from "../support/prices.ts";
import type { Report } from "../support/report.ts";
import type { World } from "../support/world.ts";

/** Twice what is learned before it is stored together. */
const EPISODES = 256;
const STEPS = 600;
/** Steps that come apart, so that no batch and no alarm is shared, and the time between them, ms. */
const STEPS_APART = 10;
const APART_MS = 1_000;
const RECALLS = 60;
/** What is asked for on the price lists. */
const MILLION = 1_000_000;
const PRICED_RECALLS = 100_000;
const KEPT_GB = 100;
/** Calls of the Coordinator for each batch: the write lease is acquired and released. */
const CALLS_PER_BATCH = 2;
/** Requests of an episode: start, its steps, its end. */
const EPISODE_REQUESTS = 3;
/** Rows that may be written. The instance's include alarms that are set. */
const ROWS_MAX = {
  step: { instance: 4.5, database: 2.5 },
  episode: { instance: 60, database: 20 },
} as const;

/** What one operation used, what it put off included. */
interface Used {
  /** From a request to its answer. */
  seconds: number;
  cpuMs: number;
  roundTrips: number;
  bytes: number;
  objects: ObjectUse;
  database: { read: number; written: number };
}

interface Reading {
  cpuMs: number;
  requests: number;
  bytes: number;
  objects: ObjectUse;
  database: { rows_read_count: number; rows_written_count: number };
}

/** What was used so far, once nothing is put off any more. */
async function read(world: World): Promise<Reading> {
  await world.flushed();
  const objects = await ask<ObjectUse>("GET", `${world.runtime.urls.service}/bench/use`);
  return {
    cpuMs: world.cpuMs(),
    requests: world.requests(),
    bytes: world.proxy.bytesSent,
    objects,
    database: await world.database.usage(),
  };
}

/** @param pauseMs between two operations; the objects are idle then */
async function used(
  world: World,
  operations: number,
  work: (n: number) => Promise<unknown>,
  pauseMs = 0,
): Promise<Used> {
  const before = await read(world);
  let busyMs = 0;
  for (let n = 0; n < operations; n++) {
    const begun = performance.now();
    await work(n);
    busyMs += performance.now() - begun;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  const after = await read(world);

  const each = (of: (reading: Reading) => number): number => (of(after) - of(before)) / operations;
  return {
    seconds: busyMs / 1_000 / operations,
    cpuMs: each(({ cpuMs }) => cpuMs),
    roundTrips: each(({ requests }) => requests),
    bytes: each(({ bytes }) => bytes),
    objects: {
      rowsRead: each(({ objects }) => objects.rowsRead),
      rowsWritten: each(({ objects }) => objects.rowsWritten),
      alarmsSet: each(({ objects }) => objects.alarmsSet),
      alarmsFired: each(({ objects }) => objects.alarmsFired),
      alarmMs: each(({ objects }) => objects.alarmMs),
    },
    database: {
      read: each(({ database }) => database.rows_read_count),
      written: each(({ database }) => database.rows_written_count),
    },
  };
}

/** @param requests of the client for one operation */
function useOf({ seconds, cpuMs, roundTrips, objects, database }: Used, requests: number): Use {
  return {
    workerRequests: requests,
    workerCpuMs: cpuMs,
    objectRequests: requests + CALLS_PER_BATCH * roundTrips,
    objectSeconds: seconds + objects.alarmMs / 1_000,
    objectRowsRead: objects.rowsRead,
    objectRowsWritten: objects.rowsWritten,
    alarmsSet: objects.alarmsSet,
    alarmsFired: objects.alarmsFired,
    databaseRowsRead: database.read,
    databaseRowsWritten: database.written,
  };
}

interface Costs {
  /** One right behind the other. */
  step: Used;
  /** A step a second. */
  stepApart: Used;
  recall: Used;
  episode: Used;
}

async function measured(world: World): Promise<Costs> {
  const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: "costs" });
  const step = await used(world, STEPS, (n) =>
    world.ask("POST", `/v1/episodes/${id}/steps`, stepOf(n + 1)),
  );
  const stepApart = await used(
    world,
    STEPS_APART,
    (n) => world.ask("POST", `/v1/episodes/${id}/steps`, stepOf(STEPS + n + 1)),
    APART_MS,
  );
  const recall = await used(world, RECALLS, (n) =>
    world.ask("POST", "/v1/recall", { task: sentenceOf(n) }),
  );
  const episode = await used(world, EPISODES, async (n) => {
    const started = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
    await world.ask("POST", `/v1/episodes/${started.id}/steps`, { steps: sevenStepsOf(n) });
    await world.ask("POST", `/v1/episodes/${started.id}/complete`, { outcome: outcomeOf(n) });
  });
  return { step, stepApart, recall, episode };
}

/** Counts and prints what is used, and its price. */
export async function costs(world: World, report: Report): Promise<void> {
  const all = await measured(world);
  console.log("\nWhat is used, with the far database, what is put off included\n");
  const names = {
    step: "a step",
    stepApart: "a step, one a second",
    recall: "a recall",
    episode: `an episode of ${COUNTED_STEPS} steps`,
  };
  for (const name of ["step", "stepApart", "recall", "episode"] as const)
    usage(report, names[name], all[name]);
  console.log();
  for (const name of ["step", "episode"] as const) {
    const { objects, database } = all[name];
    const { instance, database: most } = ROWS_MAX[name];
    const written = objects.rowsWritten + objects.alarmsSet;
    const what = `rows written in the instance, alarms too, ${names[name]}`;
    report.target(what, written, "at most", instance, "");
    const inDatabase = `rows written in the database, ${names[name]}`;
    report.target(inDatabase, database.written, "at most", most, "");
  }
  prices(report, all);
}

function usage(report: Report, name: string, { objects, database, bytes, ...rest }: Used): void {
  report.value(`rows written in the instance, ${name}`, objects.rowsWritten, "");
  report.value(`alarms set, each billed as a row, ${name}`, objects.alarmsSet, "");
  report.value(`alarms that rang, each billed as a request, ${name}`, objects.alarmsFired, "");
  report.value(`rows read in the instance, ${name}`, objects.rowsRead, "");
  report.value(`rows written in the database, ${name}`, database.written, "");
  report.value(`rows read in the database, ${name}`, database.read, "");
  report.value(`bytes to the database, ${name}`, bytes, "B");
  report.value(`requests to the database, ${name}`, rest.roundTrips, "");
  report.value(`CPU, ${name}`, rest.cpuMs, "ms");
}

function prices(report: Report, { step, stepApart, recall, episode }: Costs): void {
  console.log(`\nOn the price lists (${PRICES.as_of})\n`);
  const episodes = `1 M episodes of ${COUNTED_STEPS} steps, ${EPISODE_REQUESTS} requests each`;
  for (const [name, use, operations] of [
    ["1 M steps, one a request", useOf(step, 1), MILLION],
    ["1 M steps, one a second", useOf(stepApart, 1), MILLION],
    [episodes, useOf(episode, EPISODE_REQUESTS), MILLION],
    ["100 k recalls", useOf(recall, 1), PRICED_RECALLS],
  ] as const) {
    const { platform, database } = costOf(use, operations);
    report.value(`${name}: Cloudflare`, platform, "USD");
    report.value(`${name}: Turso`, database, "USD");
  }
  for (const [name, perGb] of [
    ["instance", PRICES.object_gb_month],
    ["database", PRICES.database_gb_month],
    ["R2", PRICES.bucket_gb_month],
  ] as const)
    report.value(`${KEPT_GB} GB for a month, ${name}`, KEPT_GB * perGb, "USD");
}
