/**
 * A large store in one instance: what grows, what it holds, how it is rebuilt, and what the pruning
 * of recall costs in quality.
 *
 * @module
 */

import { connect, heldBy } from "../support/inspector.ts";
import { at } from "../support/measure.ts";
import { keptCost, PRICES } from "../support/prices.ts";
import { qualities } from "../support/quality.ts";
import type { Report } from "../support/report.ts";
import { World } from "../support/world.ts";
import { growth, ratios } from "./growth.ts";
import { importUpTo, indexPlainly } from "./importing.ts";
import { rebuild } from "./rebuild.ts";
import { showSize, sizeOf, type Size } from "./size.ts";

const SMALL = 1_000;
const MIDDLE = 10_000;
/** The platform's limit for one object. */
const STORAGE_BYTES = 10 * 2 ** 30;
/** Bytes of an episode. */
const INSTANCE_EPISODE_BYTES = 10_000;
const DATABASE_EPISODE_BYTES = 12_000;
/** Of the isolate, while episodes go in and questions are answered. The platform's limit is 128 MB. */
const MEMORY_BYTES = 80 * 2 ** 20;
/** Episodes a second. */
const IMPORT_MIN = 600;
/** Memory at the end of an import by that at its beginning. */
const FLAT_MAX = 1.5;
/** Share of the ranking's quality that pruning may cost. */
const QUALITY_MIN = 0.99;
const MILLION = 1_000_000;
/**
 * Of what an import's memory is compared: its first part, after the runtime has warmed up, and its
 * last.
 */
const PART = 0.2;

export async function scale(
  report: Report,
  episodes: number,
  labelled: readonly string[],
): Promise<void> {
  pruning(report, labelled);
  const world = await World.start(
    { CACHE_MAX_SIZE: "100000", CACHE_MAX_BYTES: "8589934592" },
    { inspector: true },
  );
  try {
    const idle = world.runtime.residentBytes();
    report.heading("Growth of the store");
    const grown = await grow(world, report, episodes);
    console.log();
    for (const size of grown.sizes) ratios(report, size);
    console.log();
    growth(report, grown.sizes);
    console.log();
    memory(report, grown, world.runtime.residentBytes() - idle);
    importing(report, grown);
    await storage(world, report, grown.stored);
    await rebuild(world, report);
  } finally {
    await world.remove();
  }
}

function pruning(report: Report, labelled: readonly string[]): void {
  console.log("\nQuality of the pruned ranking\n");
  for (const { name, queries, documents, pruned, unpruned } of qualities(labelled)) {
    report.value(`nDCG@10, ${name}, ${queries} questions of ${documents}`, pruned, "");
    const what = `nDCG@10 by the unpruned ranking's, ${name}`;
    report.target(what, pruned / unpruned, "at least", QUALITY_MIN, "×");
  }
}

interface Grown {
  /** The smallest first. */
  sizes: Size[];
  /** Episodes that were imported. */
  stored: number;
  /** Of the process, while episodes went in, bytes. */
  resident: number[];
  /** Of the isolate, while episodes went in and while it was asked, bytes. */
  held: number[];
  /** Of the isolate at the end, after its garbage was collected, bytes. */
  alive: number;
  answeredSeconds: number;
  storedSeconds: number;
}

/** Imports up to each size, and measures there. */
async function grow(world: World, report: Report, episodes: number): Promise<Grown> {
  const sizes: Size[] = [];
  const held: number[] = [];
  const resident: number[] = [];
  const sum = { stored: 0, answeredSeconds: 0, storedSeconds: 0 };
  const look = async (): Promise<void> => {
    const isolate = await connect(world.runtime.inspector, "service");
    held.push(await heldBy(isolate));
    isolate.close();
  };
  for (const size of new Set([SMALL, MIDDLE, episodes].filter((n) => n <= episodes))) {
    const imported = await importUpTo(world, sum.stored, size);
    await indexPlainly(world, sum.stored, size);
    resident.push(...imported.resident);
    held.push(...imported.held);
    sum.answeredSeconds += imported.answeredSeconds;
    sum.storedSeconds += imported.storedSeconds;
    sum.stored = size;
    const measured = await sizeOf(world, size, look);
    showSize(report, measured);
    sizes.push(measured);
  }
  if (sizes.length === 0) throw new Error(`at least ${SMALL} episodes are needed`);
  return { sizes, ...sum, resident, held, alive: await aliveIn(world) };
}

/** What the isolate holds that is no garbage, bytes. */
async function aliveIn(world: World): Promise<number> {
  const isolate = await connect(world.runtime.inspector, "service");
  await isolate.send("HeapProfiler.collectGarbage");
  const bytes = await heldBy(isolate);
  isolate.close();
  return bytes;
}

function importing(report: Report, { stored, answeredSeconds, storedSeconds }: Grown): void {
  report.value(
    "episodes imported a second, until they were answered",
    stored / answeredSeconds,
    "/s",
  );
  const what = `episodes imported a second, ${stored.toLocaleString("en")}, until the database had them`;
  report.target(what, stored / storedSeconds, "at least", IMPORT_MIN, "/s");
}

async function storage(world: World, report: Report, stored: number): Promise<void> {
  const inInstance = world.runtime.storageBytes();
  const { bytes: inDatabase, episodes } = await world.stored();
  const size = stored.toLocaleString("en");
  const target = (what: string, bytes: number, bound: number): void =>
    report.target(`bytes an episode at ${size}, ${what}`, bytes / episodes, "at most", bound, "B");
  target("instance", inInstance, INSTANCE_EPISODE_BYTES);
  target("database", inDatabase, DATABASE_EPISODE_BYTES);
  report.target(
    `storage of one instance with ${size} episodes`,
    inInstance / 2 ** 20,
    "at most",
    STORAGE_BYTES / 2 ** 20,
    "MB",
  );
  for (const [name, bytes, perGb] of [
    ["instance", inInstance, PRICES.object_gb_month],
    ["database", inDatabase, PRICES.database_gb_month],
  ] as const) {
    const million = (bytes / episodes) * MILLION;
    report.value(`a million episodes, ${name}, by that`, million / 1e9, "GB");
    report.value(`a million episodes for a month, ${name}`, keptCost(million, perGb), "USD");
  }
}

/**
 * The platform bounds an isolate. The process holds the database's pages, compiled modules and three
 * Workers, too.
 *
 * @param above the idle process's memory, bytes
 */
function memory(report: Report, { stored, resident, held, alive }: Grown, above: number): void {
  report.target(
    `memory of the isolate, the most while ${stored} episodes went in and were served`,
    Math.max(...held) / 2 ** 20,
    "at most",
    MEMORY_BYTES / 2 ** 20,
    "MB",
  );
  report.value("of that no garbage, at the end", alive / 2 ** 20, "MB");
  report.value("memory of the whole process above the idle one's", above / 2 ** 20, "MB");
  const part = Math.max(1, Math.floor(resident.length * PART));
  const [first, last] = [at(resident.slice(0, part), 1), at(resident.slice(-part), 1)];
  const what = "memory at the end of the import by that at its beginning";
  report.target(what, last / first, "at most", FLAT_MAX, "×");
}
