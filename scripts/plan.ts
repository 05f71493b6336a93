/**
 * `npm run plan`: prints how many instances and databases a load needs, and by what. Without a load
 * it prints a table of several.
 *
 *     npm run plan -- --tenants 200 --steps 500 --episodes 5000000
 *
 * Sizes and rows are those of the run that is kept (bench/results/kept.json), unless they are given:
 * `memory-cli capacity` says what they are in a service that runs.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SETTINGS } from "../src/contract/settings.ts";
import { FURTHER_DATABASE_USD, planFor, type Load, type Measured } from "./plan/plan.ts";

const KEPT = join(import.meta.dirname, "../bench/results/kept.json");
const MILLION = 1_000_000;
const GB = 1_000_000_000;
const DATABASE_GB = SETTINGS.database_max_bytes.default / GB;

/** Loads of the table: tenants, steps a second, episodes that are kept. */
const LOADS = [
  [10, 10, 100_000],
  [100, 100, MILLION],
  [1_000, 1_000, 10 * MILLION],
  [10_000, 5_000, 100 * MILLION],
  [10, 1_000, MILLION],
] as const;

const { values: given } = parseArgs({
  options: {
    tenants: { type: "string" },
    steps: { type: "string" },
    episodes: { type: "string" },
    "steps-per-episode": { type: "string", default: "7" },
    "steps-per-request": { type: "string", default: "1" },
    "batch-ms": { type: "string", default: "100" },
    "instance-bytes": { type: "string" },
    "database-bytes": { type: "string" },
    "database-rows": { type: "string" },
    "database-gb": { type: "string" },
  },
});

/** A number > 0. Throws an Error that names the option. */
function numberOf(option: keyof typeof given): number | undefined {
  const text = given[option];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`--${option} must be a number above 0; it is "${text}"`);
}

/** As given, or of the run that is kept. Throws an Error that says which is missing. */
function measuredOf(option: keyof typeof given, name: string, unit: number): number {
  const { values } = JSON.parse(readFileSync(KEPT, "utf8")) as { values: Record<string, number> };
  const kept = values[name];
  const value = numberOf(option) ?? (kept === undefined ? undefined : kept * unit);
  if (value !== undefined) return value;
  throw new Error(`the run that is kept did not measure "${name}": give --${option}`);
}

function loadsOf(): Load[] {
  const shared = {
    stepsPerEpisode: numberOf("steps-per-episode") ?? 1,
    stepsPerRequest: numberOf("steps-per-request") ?? 1,
  };
  const [tenants, stepsPerS, episodes] = [
    numberOf("tenants"),
    numberOf("steps"),
    numberOf("episodes"),
  ];
  if (tenants && stepsPerS && episodes) return [{ tenants, stepsPerS, episodes, ...shared }];
  if (tenants || stepsPerS || episodes)
    throw new Error("a load has all three: --tenants, --steps (a second), --episodes");
  return LOADS.map(([t, s, e]) => ({ tenants: t, stepsPerS: s, episodes: e, ...shared }));
}

function print(): void {
  const measured: Measured = {
    instanceBytes: measuredOf(
      "instance-bytes",
      "a million episodes, instance, by that",
      GB / MILLION,
    ),
    databaseBytes: measuredOf(
      "database-bytes",
      "a million episodes, database, by that",
      GB / MILLION,
    ),
    databaseRows: measuredOf("database-rows", "rows written in the database, a step", 1),
    batchS: (numberOf("batch-ms") ?? 1) / 1_000,
    databaseMaxBytes: (numberOf("database-gb") ?? DATABASE_GB) * GB,
  };
  console.info(
    `An episode: ${Math.round(measured.instanceBytes)} B in its instance, ${Math.round(measured.databaseBytes)} B in the database. A step: ${measured.databaseRows} rows there. A full batch: ${measured.batchS} s.`,
  );
  const rows = loadsOf().map((load) => {
    const plan = planFor(load, measured);
    return {
      tenants: load.tenants,
      "steps/s": load.stepsPerS,
      episodes: load.episodes,
      instances: plan.instances,
      "for writes": plan.instancesForWrites,
      "for bytes": plan.instancesForBytes,
      "learned/s, fullest home": `${plan.learnedPerS.toFixed(1)}${plan.isHomeTooBusy ? " (too many)" : ""}`,
      databases: plan.databases,
      "for rows": plan.databasesForRows,
      "for their size": plan.databasesForBytes,
      "storage, USD a month": plan.storageUsd.toFixed(2),
    };
  });
  console.table(rows);
  console.info(
    `More than one database is designed and not built (docs/scaling.md). Each further one: ${FURTHER_DATABASE_USD.toFixed(2)} USD a month.`,
  );
}

try {
  print();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
