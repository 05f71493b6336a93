/**
 * Monthly: writes the capacity report to R2, where it can be compared with the one before.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import { capacityOf } from "../observability/index.ts";
import type { CronContext } from "./job.ts";
import { isoTime } from "../util/time.ts";

const LOOK_BACK_MS = 90 * MS.day;

/** Answers with the report's key. Throws what R2 and the Coordinator throw. */
export async function capacityReport({ backend, scheduledAt }: CronContext): Promise<string> {
  const { samples, limits } = await backend.overview.capacity(scheduledAt - LOOK_BACK_MS);
  const at = isoTime(scheduledAt);
  const key = `reports/capacity/${at.slice(0, 10)}.json`;
  const report = JSON.stringify({ at, ...capacityOf(samples, limits) }, null, 2);
  const httpMetadata = { contentType: "application/json" };
  await backend.bucket.put(key, report, { httpMetadata });
  return key;
}
