/**
 * Every five minutes: probes the database, R2 and every instance, keeps a sample of the metrics,
 * makes a change of health an incident, and finds the backups in R2 when no record of them is left.
 *
 * @module
 */

import { BACKUP_JOBS, reduceScrape } from "../observability/index.ts";
import type { CronContext } from "./job.ts";
import { isoTime } from "../util/time.ts";

const CHECK_BUCKET = "Check the bucket of the binding BACKUPS";
/** Backups among which the newest of each kind is looked for: a day makes two. */
const LOOKED_AT = 50;
/** Written and read back to see whether R2 works. */
const PROBE_KEY = "health/canary";

/** Answers with what is unwell. Throws what the Coordinator throws. */
export async function healthCheck(context: CronContext): Promise<string> {
  const { backend, reporter, log, now } = context;
  await findBackups(context);
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

/** After the loss of its records the Coordinator hears of the backups that R2 has. */
async function findBackups({ backend }: CronContext): Promise<void> {
  const runs = await backend.overview.jobRuns();
  const isOnRecord = runs.some(
    ({ job, last_success_at }) => job in BACKUP_JOBS && last_success_at !== null,
  );
  if (isOnRecord) return;

  const list = await backend.backups.list(LOOKED_AT);
  if (!list.ok) return;
  const newest = new Map<string, { id: string; kind: string; at: number }>();
  for (const { id, kind, finished_at, authentic, verified, scope } of list.value.backups) {
    const isWhole = scope.namespace === null && scope.since === null;
    if (newest.has(kind) || authentic === false || verified?.ok !== true || !isWhole) continue;
    newest.set(kind, { id, kind, at: Date.parse(finished_at) });
  }
  if (newest.size > 0) await backend.ask("backups.found", [...newest.values()]);
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
