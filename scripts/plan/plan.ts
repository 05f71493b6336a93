/**
 * Computes how many instances and databases a load needs, and by what: what the platform gives an
 * object and what a run of the bench measured go in, numbers come out. Pure.
 *
 * @module
 */

import { PRICES } from "../../bench/support/prices.ts";
import { LIMITS, STORAGE_MAX_BYTES } from "../../src/contract/limits.ts";
import { FAN_OUT } from "../../src/durable/shared/instance/tree.ts";
import { SETTINGS } from "../../src/contract/settings.ts";
import { homeOf } from "../../src/memory/rendezvous.ts";

/** The share of every bound that is planned for; the rest is for peaks. */
const PLANNED_SHARE = 0.5;
/** Writes a second that the platform's guidance says an object takes, the lower end. */
const OBJECT_WRITES_PER_S = 200;
/** Tenants of which the fullest home is found out; more are spread as evenly. */
const TENANTS_COUNTED = 10_000;
const GB = 1_000_000_000;

export interface Load {
  /** Namespaces. */
  tenants: number;
  stepsPerS: number;
  /** Episodes that are kept. */
  episodes: number;
  stepsPerEpisode: number;
  /** Steps in one request. */
  stepsPerRequest: number;
}

/** What a run of the bench, or the service itself, measured. */
export interface Measured {
  /** Bytes of an episode in its instance, and in the database. */
  instanceBytes: number;
  databaseBytes: number;
  /** Rows that a step writes in the database. */
  databaseRows: number;
  /** How long the database takes for a full batch, s. */
  batchS: number;
  /** Bytes that a database may have. */
  databaseMaxBytes: number;
}

export interface Plan {
  /** The larger of the next two, at most as many as there may be. */
  instances: number;
  instancesForWrites: number;
  instancesForBytes: number;
  /** Episodes a second that the fullest home of namespaces learns; it cannot be spread. */
  learnedPerS: number;
  /** It is more than is planned for one object. */
  isHomeTooBusy: boolean;
  /** The larger of the next two. */
  databases: number;
  databasesForRows: number;
  databasesForBytes: number;
  /** USD a month for what is stored, in the instances and in the databases. */
  storageUsd: number;
}

/** Seconds between two readiness checks of an uptime monitor, and of a month. */
const CHECK_S = 15;
const MONTH_S = 30 * 86_400;

/**
 * USD a month of a database beside the first: rows and bytes cost the same wherever they are, so it
 * is the small writes by which readiness finds out whether it takes any.
 */
export const FURTHER_DATABASE_USD =
  (((MONTH_S / CHECK_S) * FAN_OUT) / 1_000_000) * PRICES.database_rows_written_per_million;

export function planFor(load: Load, measured: Measured): Plan {
  const episodesPerS = load.stepsPerS / load.stepsPerEpisode;
  // Its start, its end, and that its namespace's home learns it.
  const writesPerS = load.stepsPerS / load.stepsPerRequest + 3 * episodesPerS;
  const instancesForWrites = unitsFor(writesPerS, OBJECT_WRITES_PER_S);
  const instanceBytes = load.episodes * measured.instanceBytes;
  const instancesForBytes = unitsFor(instanceBytes, STORAGE_MAX_BYTES);
  const instances = Math.min(LIMITS.instances_max, Math.max(instancesForWrites, instancesForBytes));

  const learnedPerS = episodesPerS * fullestShare(load.tenants, instances);
  const rowsPerS = load.stepsPerS * measured.databaseRows;
  const databasesForRows = unitsFor(rowsPerS, SETTINGS.batch_size.default / measured.batchS);
  const databaseBytes = load.episodes * measured.databaseBytes;
  const databasesForBytes = unitsFor(databaseBytes, measured.databaseMaxBytes);
  return {
    instances,
    instancesForWrites,
    instancesForBytes,
    learnedPerS,
    isHomeTooBusy: learnedPerS > OBJECT_WRITES_PER_S * PLANNED_SHARE,
    databases: Math.max(databasesForRows, databasesForBytes),
    databasesForRows,
    databasesForBytes,
    storageUsd:
      (instanceBytes * PRICES.object_gb_month + databaseBytes * PRICES.database_gb_month) / GB,
  };
}

/** How many units of this size are needed, when each is used for its planned share. */
function unitsFor(need: number, size: number): number {
  return Math.max(1, Math.ceil(need / (size * PLANNED_SHARE)));
}

/** The share of all namespaces whose home is the instance with the most of them. */
function fullestShare(tenants: number, instances: number): number {
  const counted = Math.min(tenants, TENANTS_COUNTED);
  const homes = Array.from({ length: instances }, () => 0);
  for (let tenant = 0; tenant < counted; tenant++) {
    const home = homeOf(`ns:tenant-${tenant}`, instances);
    homes[home] = (homes[home] ?? 0) + 1;
  }
  return Math.max(...homes) / counted;
}
