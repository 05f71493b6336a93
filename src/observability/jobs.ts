/**
 * Lists the jobs that a schedule starts, the names of runs of backups, and by when a run must have
 * succeeded. What a job does is in `cron/` and `workflows/`. Pure.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import type { ScheduledJob } from "../contract/vocabulary.ts";

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
} as const satisfies Record<ScheduledJob, JobRule>;

/** Jobs that make a backup, and the kind they make; their runs say when one last succeeded. */
export const BACKUP_JOBS: Readonly<Record<string, string>> = {
  "backup-snapshot": "snapshot",
  "backup-incremental": "incremental",
  "backup-full": "full",
};
/** The job that verifies a backup. */
export const VERIFY_JOB = "backup-verify";

/** A run that is to succeed by the schedule. */
interface ExpectedRun {
  cron: string;
  /** How long after its time it may have succeeded, ms. */
  grace_ms: number;
}

/** A job that waits for others, and then takes its time, ms. */
const LONG_GRACE_MS = 2 * MS.hour;
const SHORT_GRACE_MS = 10 * MS.minute;

/** What the schedule must have made succeed, by the names of runs. */
export const EXPECTED_RUNS: Readonly<Record<string, ExpectedRun>> = {
  ...Object.fromEntries(
    Object.entries<JobRule>(JOBS).map(([job, { cron, lease_ms }]) => {
      const grace_ms = lease_ms === undefined ? LONG_GRACE_MS : SHORT_GRACE_MS;
      return [job, { cron, grace_ms }];
    }),
  ),
  // What is taken and read back with a snapshot.
  "backup-incremental": { cron: JOBS["backup-snapshot"].cron, grace_ms: LONG_GRACE_MS },
  [VERIFY_JOB]: { cron: JOBS["backup-snapshot"].cron, grace_ms: LONG_GRACE_MS },
};

/** The names of all runs. */
export const RUN_NAMES = Object.keys(EXPECTED_RUNS);

/**
 * By when a run must have succeeded again, ms since the epoch; null: nothing expects it.
 *
 * @param last when it last succeeded or, where it never did, since when it is waited for
 */
export function dueAt(run: string, last: number): number | null {
  const expected = EXPECTED_RUNS[run];
  return expected ? nextRun(expected.cron, last) + expected.grace_ms : null;
}

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** No expression of the schedule looks further ahead. */
const YEAR_MS = 366 * MS.day;

/**
 * The first time behind `after` that a cron expression names, UTC, ms since the epoch.
 *
 * @param cron minute, hour, day, month and weekday, each `*`, a star with a step, or one value
 */
export function nextRun(cron: string, after: number): number {
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = cron.split(" ");
  let at = after - (after % MS.minute) + MS.minute;
  const end = after + YEAR_MS;
  while (at < end) {
    const time = new Date(at);
    const isDay =
      isNamed(day, time.getUTCDate()) &&
      isNamed(month, time.getUTCMonth() + 1) &&
      isNamed(weekday, time.getUTCDay());
    if (!isDay) at += MS.day - (at % MS.day);
    else if (!isNamed(hour, time.getUTCHours())) at += MS.hour - (at % MS.hour);
    else if (!isNamed(minute, time.getUTCMinutes())) at += MS.minute;
    else return at;
  }
  throw new RangeError(`no time is named by "${cron}"`);
}

function isNamed(field: string, value: number): boolean {
  if (field === "*") return true;
  const [, step] = /^\*\/(\d+)$/.exec(field) ?? [];
  if (step !== undefined) return value % Number(step) === 0;
  return value === (DAYS.includes(field) ? DAYS.indexOf(field) : Number(field));
}
