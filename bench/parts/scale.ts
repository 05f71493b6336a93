/**
 * A large store in one instance: what grows, what it holds, and what the pruning of recall costs in
 * quality.
 *
 * @module
 */

import { at } from "../support/measure.ts";
import { qualities } from "../support/quality.ts";
import type { Report } from "../support/report.ts";
import { World } from "../support/world.ts";
import { growth, importUpTo, showSize, sizeOf, type Size } from "./recall.ts";

const SMALL = 1_000;
const MIDDLE = 10_000;
/** The platform's limits for one object. */
const STORAGE_BYTES = 10 * 2 ** 30;
const MEMORY_BYTES = 128 * 2 ** 20;
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
  await pruning(report, labelled);
  const world = await World.start(
    { CACHE_MAX_SIZE: "100000", CACHE_MAX_BYTES: "8589934592" },
    { inspector: true },
  );
  try {
    const idle = world.runtime.residentBytes();
    report.heading("Growth of the store");
    const grown = await grow(world, report, episodes);
    console.log();
    growth(report, grown.small, grown.large);
    console.log();
    storage(world, report, grown.stored);
    memory(world, report, grown, idle);
    report.value("episodes imported per second", grown.stored / grown.seconds, "/s");
  } finally {
    await world.remove();
  }
}

async function pruning(report: Report, labelled: readonly string[]): Promise<void> {
  console.log("\nQuality of the pruned ranking\n");
  for (const { name, queries, documents, pruned, unpruned } of qualities(labelled)) {
    report.value(`nDCG@10, ${name}, ${queries} questions of ${documents}`, pruned, "");
    const what = `nDCG@10 by the unpruned ranking's, ${name}`;
    report.target(what, pruned / unpruned, "at least", QUALITY_MIN, "×");
  }
}

interface Grown {
  small: Size;
  large: Size;
  stored: number;
  /** Of the process, and of the isolate, while episodes went in, bytes. */
  resident: number[];
  held: number[];
  seconds: number;
}

/** Imports up to each size, and measures there. */
async function grow(world: World, report: Report, episodes: number): Promise<Grown> {
  const sizes: Size[] = [];
  const sum = { stored: 0, resident: [] as number[], held: [] as number[], seconds: 0 };
  for (const size of new Set([SMALL, MIDDLE, episodes].filter((n) => n <= episodes))) {
    const imported = await importUpTo(world, sum.stored, size);
    sum.resident.push(...imported.resident);
    sum.held.push(...imported.held);
    sum.seconds += imported.seconds;
    sum.stored = size;
    const measured = await sizeOf(world, size);
    showSize(report, measured);
    sizes.push(measured);
  }
  const [small, large] = [sizes[0], sizes.at(-1)];
  if (!small || !large) throw new Error(`at least ${SMALL} episodes are needed`);
  return { small, large, ...sum };
}

function storage(world: World, report: Report, stored: number): void {
  const bytes = world.runtime.storageBytes();
  const each = report.value(`storage of an episode at ${stored}`, bytes / stored, "B");
  report.target(
    `storage of one instance with ${stored} episodes`,
    bytes / 2 ** 20,
    "at most",
    STORAGE_BYTES / 2 ** 20,
    "MB",
  );
  report.value("storage of a million episodes, by that", (each * MILLION) / 2 ** 30, "GB");
}

/**
 * The platform bounds an isolate. The process holds the database's pages, compiled modules and three
 * Workers, too.
 */
function memory(
  world: World,
  report: Report,
  { stored, resident, held }: Grown,
  idle: number,
): void {
  report.target(
    `memory of the isolate, the most while ${stored} episodes went in`,
    Math.max(...held) / 2 ** 20,
    "at most",
    MEMORY_BYTES / 2 ** 20,
    "MB",
  );
  const above = (world.runtime.residentBytes() - idle) / 2 ** 20;
  report.value("memory of the whole process above the idle one's", above, "MB");
  const part = Math.max(1, Math.floor(resident.length * PART));
  const [first, last] = [at(resident.slice(0, part), 1), at(resident.slice(-part), 1)];
  const what = "memory at the end of the import by that at its beginning";
  report.target(what, last / first, "at most", FLAT_MAX, "×");
}
