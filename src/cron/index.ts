/**
 * The front door of `cron/`: what an expression of wrangler.toml starts. Short work is done here,
 * under a lease; long work is a job of its own, and is the same job however often the platform
 * starts it.
 *
 * @module
 */

import type { JobKind } from "../contract/jobs.ts";
import { JOBS } from "../observability/index.ts";
import { capacityReport } from "./capacity-report.ts";
import { healthCheck } from "./health-check.ts";
import { beginning, runJob, type Job, type CronContext, type Scheduled } from "./job.ts";
import { prune } from "./prune.ts";

type Work = Job | { kind: JobKind; params: Record<string, unknown> };

export const SCHEDULE: readonly (Scheduled & { work: Work })[] = [
  { name: "health-check", ...JOBS["health-check"], work: healthCheck },
  // What the instances hold, and with it what changed in the database.
  { name: "backup-snapshot", ...JOBS["backup-snapshot"], work: { kind: "snapshot", params: {} } },
  // From which a new chain begins.
  {
    name: "backup-full",
    ...JOBS["backup-full"],
    work: { kind: "backup", params: { kind: "full" } },
  },
  // The newest chain is restored into a scratch place and compared.
  { name: "restore-drill", ...JOBS["restore-drill"], work: { kind: "drill", params: {} } },
  { name: "retention", ...JOBS.retention, work: { kind: "retention", params: {} } },
  { name: "prune", ...JOBS.prune, work: prune },
  { name: "capacity-report", ...JOBS["capacity-report"], work: capacityReport },
];

/**
 * Does what is scheduled at this expression, or sees to it that a long job is taken.
 *
 * Throws when nothing has this expression, when the job could not be begun (then logged and
 * reported), and what short work throws.
 */
export async function runScheduled(cron: string, context: CronContext): Promise<void> {
  const scheduled = SCHEDULE.find((candidate) => candidate.cron === cron);
  if (!scheduled) throw new Error(`no job is scheduled at "${cron}"`);
  const { name, work } = scheduled;
  if (typeof work === "function") return runJob(scheduled, work, context);
  const key = `cron ${name} ${context.scheduledAt}`;
  await beginning(scheduled, context, async () => {
    const started = await context.backend.backups.start(work.kind, work.params, key, "cron");
    if (!started.ok) throw new Error(`${name}: ${started.error.detail}`);
  });
}
