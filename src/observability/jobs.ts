/**
 * Lists the jobs that a schedule starts, and the names of runs of backups. What a job does is in
 * `cron/` and `workflows/`.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";

export interface JobRule {
  /** The expression in wrangler.toml, UTC. */
  cron: string;
  /** The longest time between two runs. */
  period_ms: number;
  /** Of a short job: a run that has not ended after this is taken as dead. */
  lease_ms?: number;
}

export const JOBS = {
  "health-check": { cron: "*/5 * * * *", period_ms: 5 * MS.minute, lease_ms: 2 * MS.minute },
  "backup-snapshot": { cron: "0 2 * * *", period_ms: MS.day },
  "backup-full": { cron: "0 3 * * SUN", period_ms: 7 * MS.day },
  "restore-drill": { cron: "0 5 * * SUN", period_ms: 7 * MS.day },
  retention: { cron: "30 5 * * *", period_ms: MS.day },
  prune: { cron: "0 4 * * MON", period_ms: 7 * MS.day, lease_ms: 15 * MS.minute },
  "capacity-report": { cron: "0 5 1 * *", period_ms: 31 * MS.day, lease_ms: 15 * MS.minute },
} as const satisfies Record<string, JobRule>;

/** Jobs that make a backup, and the kind they make; their runs say when one last succeeded. */
export const BACKUP_JOBS: Readonly<Record<string, string>> = {
  "backup-snapshot": "snapshot",
  "backup-incremental": "incremental",
  "backup-full": "full",
};
/** The job that verifies a backup. */
export const VERIFY_JOB = "backup-verify";
