/**
 * The front door of `cron/`: what an expression of wrangler.toml starts. Short work is done here, under a lease; long
 * work is a job of its own, and is the same job however often the platform starts it.
 *
 * @module
 */

import type { JobKind } from "../memory/jobs.ts";
import { JOBS } from "../observability/index.ts";
import { capacityReport } from "./capacity-report.ts";
import { healthCheck } from "./health-check.ts";
import { runJob, type Job, type JobContext } from "./job.ts";
import { prune } from "./prune.ts";

interface Scheduled {
  /** UTC, as in wrangler.toml, letter by letter. */
  cron: string;
  name: string;
  lease_ms: number;
  work: Job | { kind: JobKind; params: Record<string, unknown> };
}

export const SCHEDULE: readonly Scheduled[] = [
  { name: "health-check", ...JOBS["health-check"], work: healthCheck },
  // What the instances hold, and with it what changed in the database.
  { name: "backup-snapshot", ...JOBS["backup-snapshot"], work: { kind: "snapshot", params: {} } },
  // From which a new chain begins.
  { name: "backup-full", ...JOBS["backup-full"], work: { kind: "backup", params: { kind: "full" } } },
  // The newest chain is restored into a scratch place and compared.
  { name: "restore-drill", ...JOBS["restore-drill"], work: { kind: "drill", params: {} } },
  { name: "retention", ...JOBS.retention, work: { kind: "retention", params: {} } },
  { name: "prune", ...JOBS.prune, work: prune },
  { name: "capacity-report", ...JOBS["capacity-report"], work: capacityReport },
];

/** Throws when nothing has this expression, a long job was not taken, and what short work throws. */
export async function runScheduled(cron: string, context: JobContext): Promise<void> {
  const scheduled = SCHEDULE.find((candidate) => candidate.cron === cron);
  if (!scheduled) throw new Error(`no job is scheduled at "${cron}"`);
  const { name, lease_ms, work } = scheduled;
  if (typeof work === "function") return runJob(name, lease_ms, work, context);
  const started = await context.backend.backups.start(
    work.kind,
    work.params,
    `cron ${name} ${context.scheduledAt}`,
    "cron",
  );
  if (!started.ok) throw new Error(`${name}: ${started.error.detail}`);
}
