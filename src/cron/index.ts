/**
 * The front door of `cron/`: which job an expression of wrangler.toml starts.
 *
 * @module
 */

import { JOBS } from "../observability/index.ts";
import { capacityReport } from "./capacity-report.ts";
import { healthCheck } from "./health-check.ts";
import { runJob, type Job, type JobContext } from "./job.ts";
import { prune } from "./prune.ts";

interface Scheduled {
  cron: string;
  name: string;
  lease_ms: number;
  run: Job;
}

export const SCHEDULE: readonly Scheduled[] = [
  { name: "health-check", ...JOBS["health-check"], run: healthCheck },
  { name: "prune", ...JOBS.prune, run: prune },
  { name: "capacity-report", ...JOBS["capacity-report"], run: capacityReport },
];

/** Throws when no job has this expression, and what the job throws. */
export async function runScheduled(cron: string, context: JobContext): Promise<void> {
  const scheduled = SCHEDULE.find((candidate) => candidate.cron === cron);
  if (!scheduled) throw new Error(`no job is scheduled at "${cron}"`);
  await runJob(scheduled.name, scheduled.lease_ms, scheduled.run, context);
}
