/**
 * Every five minutes: probes the database, R2 and every instance, keeps a sample of the metrics,
 * and makes a change of health an incident.
 *
 * @module
 */

import { reduceScrape } from "../observability/index.ts";
import type { CronContext } from "./job.ts";
import { isoTime } from "../util/time.ts";

const CHECK_BUCKET = "Check the bucket of the binding BACKUPS";
/** Written and read back to see whether R2 works. */
const PROBE_KEY = "health/canary";

/** Answers with what is unwell. Throws what the Coordinator throws. */
export async function healthCheck({ backend, reporter, log, now }: CronContext): Promise<string> {
  const [readiness, scrape, failed] = await Promise.all([
    backend.overview.healthCheck(),
    backend.overview.metrics(),
    probe(backend.bucket, now()),
  ]);
  await backend.ask("samples.add", reduceScrape(scrape, isoTime(now())));
  const incidents = await backend.ask("health.report", { readiness, r2: { failed } });
  for (const { title, severity } of incidents) {
    log({ event: "health_changed", level: severity === "info" ? "info" : "warn", title, severity });
    if (severity !== "info") reporter.incident(title, severity, { job: "health-check" });
  }
  const unwell = readiness.checks
    .filter(({ status }) => status !== "healthy")
    .map(({ name, status }) => `${name} ${status}`);
  if (failed !== null) unwell.push("r2 degraded");
  return unwell.length === 0 ? "healthy" : unwell.join(", ");
}

/** Why R2 does not work; null: it does. */
async function probe(bucket: R2Bucket, now: number): Promise<string | null> {
  try {
    await bucket.put(PROBE_KEY, String(now));
    const object = await bucket.get(PROBE_KEY);
    const writtenAt = Number(await object?.text());
    // A later run may have written meanwhile.
    return writtenAt >= now
      ? null
      : `R2 does not give back what was written to it. ${CHECK_BUCKET}`;
  } catch (error) {
    return `R2 cannot be reached: ${String(error)}. ${CHECK_BUCKET} and the provider's status page`;
  }
}
