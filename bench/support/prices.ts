/**
 * What the platform and the database ask for, USD, and where that is said. Included amounts are
 * left out: what is said here is what more of it costs. Look at the pages before you plan with it.
 *
 * @module
 */

export const PRICES = {
  as_of: "2026-11-24, from copies of these pages and from memory; they were not fetched that day",
  sources: [
    "https://developers.cloudflare.com/workers/platform/pricing/",
    "https://developers.cloudflare.com/durable-objects/platform/pricing/",
    "https://developers.cloudflare.com/r2/pricing/",
    "https://turso.tech/pricing",
  ],
  /** Workers Standard. */
  worker_requests_per_million: 0.3,
  worker_cpu_ms_per_million: 0.02,
  /**
   * Durable Objects, SQLite storage. Each RPC call is a request, and so is each alarm that fires; each
   * alarm that is set is a row that is written.
   */
  object_requests_per_million: 0.15,
  object_gb_s_per_million: 12.5,
  object_rows_read_per_million: 0.001,
  object_rows_written_per_million: 1,
  object_gb_month: 0.2,
  /** Memory that an active object is billed with, GB. */
  object_gb: 0.128,
  /** Turso, Developer plan, beyond what it includes. */
  database_rows_read_per_billion: 1,
  database_rows_written_per_million: 1,
  database_gb_month: 0.75,
  /** R2, standard storage: the backups. */
  bucket_gb_month: 0.015,
} as const;

/** What one operation uses. */
export interface Use {
  workerRequests: number;
  workerCpuMs: number;
  /** Calls of objects, without alarms. */
  objectRequests: number;
  /** Time in which an object is busy with it, s. */
  objectSeconds: number;
  objectRowsRead: number;
  /** Without alarms. */
  objectRowsWritten: number;
  alarmsSet: number;
  alarmsFired: number;
  databaseRowsRead: number;
  databaseRowsWritten: number;
}

/** USD for this many operations. */
export function costOf(use: Use, operations: number): { platform: number; database: number } {
  const millions = operations / 1_000_000;
  const platform =
    use.workerRequests * PRICES.worker_requests_per_million +
    use.workerCpuMs * PRICES.worker_cpu_ms_per_million +
    (use.objectRequests + use.alarmsFired) * PRICES.object_requests_per_million +
    use.objectSeconds * PRICES.object_gb * PRICES.object_gb_s_per_million +
    use.objectRowsRead * PRICES.object_rows_read_per_million +
    (use.objectRowsWritten + use.alarmsSet) * PRICES.object_rows_written_per_million;
  const database =
    (use.databaseRowsRead * PRICES.database_rows_read_per_billion) / 1_000 +
    use.databaseRowsWritten * PRICES.database_rows_written_per_million;
  return { platform: platform * millions, database: database * millions };
}

/** A price list's gigabyte, bytes. */
const GB = 1_000_000_000;

/** USD for this many bytes that are kept for a month. @param perGb what a gigabyte is */
export function keptCost(bytes: number, perGb: number): number {
  return (bytes / GB) * perGb;
}
