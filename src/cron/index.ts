/**
 * The front door of `cron/`: what an expression of wrangler.toml starts. Everything it starts is a
 * job of the Coordinator's ledger, under the time that it was scheduled for, so it is the same job
 * however often the platform starts it. A short one is done here; a long one is asked for, and a
 * Workflow does it.
 *
 * @module
 */

import type { JobKind, ShortJobKind } from "../contract/backups/answers.ts";
import { JOBS } from "../observability/index.ts";
import type { ScheduledJob } from "../contract/vocabulary.ts";
import { capacityReport } from "./capacity-report.ts";
import { healthCheck } from "./health-check.ts";
import { askFor, runHere, type CronContext, type Run, type Scheduled, type Work } from "./job.ts";
import { prune } from "./prune.ts";

/** What a schedule starts: work of its own, or a long job. */
type Entry =
  | (Scheduled & { name: ShortJobKind; work: Work })
  | (Scheduled & { name: keyof typeof JOBS; kind: JobKind; params: Record<string, unknown> });

export const SCHEDULE: readonly Entry[] = [
  { name: "health-check", ...JOBS["health-check"], work: healthCheck },
  // What the instances hold, and with it what changed in the database.
  { name: "backup-snapshot", ...JOBS["backup-snapshot"], kind: "snapshot", params: {} },
  // From which a new chain begins.
  { name: "backup-full", ...JOBS["backup-full"], kind: "backup", params: { kind: "full" } },
  // The newest chain is restored into a scratch place and compared.
  { name: "restore-drill", ...JOBS["restore-drill"], kind: "drill", params: {} },
  { name: "retention", ...JOBS.retention, kind: "retention", params: {} },
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
  const entry = SCHEDULE.find((candidate) => candidate.cron === cron);
  if (!entry) throw new Error(`no job is scheduled at "${cron}"`);
  await start(entry, context);
}

/**
 * Does now what is scheduled under this name, or sees to it that a long job is taken. Work that
 * fails is an answer and no throw; a job that could not be begun throws.
 */
export async function runNamed(name: ScheduledJob, context: CronContext): Promise<Run> {
  const entry = SCHEDULE.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`no job is called "${name}"`);
  let failure: string | null = null;
  const noting =
    (work: Work): Work =>
    async (given) => {
      try {
        return await work(given);
      } catch (error) {
        failure = String(error);
        throw error;
      }
    };
  try {
    return await start("work" in entry ? { ...entry, work: noting(entry.work) } : entry, context);
  } catch (error) {
    if (failure === null) throw error;
    return { status: "failed", id: null, detail: failure };
  }
}

function start(entry: Entry, context: CronContext): Promise<Run> {
  return "work" in entry
    ? runHere(entry, entry.work, context)
    : askFor(entry, { kind: entry.kind, params: entry.params }, context);
}
