/**
 * Judges what the Coordinator knows: whether jobs succeed when they should, those that never ran
 * too; whether backups have a key that can be used; and names what operators switched on: maintenance, degraded mode, a
 * restore that has the database.
 *
 * @module
 */

import type { RestoreMark } from "../../contract/backups/restore.ts";
import { MS } from "../../contract/limits.ts";
import type { JobRunView } from "../../contract/watching/answers.ts";
import { BACKUP_JOBS, dueAt, RUN_NAMES, VERIFY_JOB } from "../jobs.ts";
import {
  type Check,
  degraded,
  healthy,
  type ModeFact,
  type ReadinessFacts,
  spanText,
} from "./check.ts";

/** A time that lies ahead by more than this is of a clock that is wrong, ms. */
const CLOCK_MS = 5 * MS.minute;

const UNKNOWN = degraded("unknown: the Coordinator does not answer");
const NONE_YET = "no backup was made yet";
const FIRST = "; the first one is made by the schedule or by POST /admin/backups";

export const backup: Check = ({ now, coordinator, backup_key_problem = null }) => {
  if (!coordinator) return UNKNOWN;
  const names = [...Object.keys(BACKUP_JOBS), VERIFY_JOB];
  const runs = coordinator.jobs.filter(({ job }) => names.includes(job));
  const newest = Math.max(0, ...runs.map(successOf));
  const last =
    newest > 0
      ? `the last backup succeeded ${spanText(now - newest)} ago`
      : runs.length === 0
        ? NONE_YET
        : "no backup succeeded yet";

  const failed = runs
    .filter(({ result }) => result === "failure")
    .map(({ job, detail }) => `${job}: ${detail}`);
  const late = lateRuns(names, coordinator, now);
  const problems = [
    ...foreignBucket(coordinator.foreign_bucket ?? null),
    ...(backup_key_problem === null
      ? []
      : [`${backup_key_problem}. See Rotate the key in RB-003, and set it again`]),
    ...(failed.length > 0
      ? [`failed: ${failed.join("; ")}. See GET /admin/jobs and run it again`]
      : []),
    ...(late.length > 0
      ? [`${late.join("; ")}. Run one now: POST /admin/backups; and see why the schedule did not`]
      : []),
  ];
  if (problems.length > 0) return degraded(`${last}; ${problems.join("; ")}`);
  return healthy(last === NONE_YET ? `${last}${FIRST}` : last);
};

function foreignBucket(owner: string | null): string[] {
  if (owner === null) return [];
  return [
    `the bucket is marked as that of another deployment (${owner}), so no backup is written. Bind one of this deployment's own as BACKUPS, or take it over: memory-cli deployment show`,
  ];
}

export const jobs: Check = ({ now, coordinator }) => {
  if (!coordinator) return UNKNOWN;
  const names = RUN_NAMES.filter((name) => !(name in BACKUP_JOBS) && name !== VERIFY_JOB);
  const runs = coordinator.jobs.filter(({ job }) => names.includes(job));
  const last = runs.map(({ job, result, started_at, ended_at }) => {
    const age = spanText(now - Date.parse(ended_at ?? started_at));
    return `${job} ${result ?? "running"} ${age} ago`;
  });
  const message = last.length === 0 ? "none ran yet" : last.join("; ");

  const failed = runs.filter(({ result }) => result === "failure");
  const reasons = [
    ...failed.map(({ job, detail }) => `${job} failed: ${detail}`),
    ...lateRuns(names, coordinator, now),
  ];
  if (reasons.length === 0) return healthy(message);
  return degraded(
    `${reasons.join("; ")}. ${message}. Check the cron triggers of the deployment and the log`,
  );
};

type Runs = Pick<NonNullable<ReadinessFacts["coordinator"]>, "jobs" | "jobs_since">;

/** Those of these runs that did not succeed in their time, and why that is known. */
function lateRuns(names: readonly string[], coordinator: Runs, now: number): string[] {
  const since = Date.parse(coordinator.jobs_since ?? "") || now;
  return names.flatMap((name) => {
    const run = coordinator.jobs.find(({ job }) => job === name);
    const success = run ? successOf(run) : 0;
    if (success > now + CLOCK_MS) {
      return [`${name} succeeded ${spanText(success - now)} ahead of now: a clock is wrong`];
    }
    const due = dueAt(name, success === 0 ? since : success);
    if (due === null || due >= now) return [];
    const ago = success === 0 ? "never succeeded" : `last succeeded ${spanText(now - success)} ago`;
    return [`${name} is overdue: it ${ago}`];
  });
}

/** ms since the epoch; 0: never. */
const successOf = ({ last_success_at }: JobRunView): number =>
  Date.parse(last_success_at ?? "") || 0;

export const mode: Check = ({ coordinator }) => {
  if (!coordinator) {
    return degraded(
      "unknown: the Coordinator does not answer; instances go on with what they were told",
    );
  }

  const { maintenance, degraded: byHand, restore } = coordinator;
  const on = [
    ...(restore ? [restoreText(restore)] : []),
    ...(maintenance
      ? [
          `maintenance ${lastsText(maintenance)}: ${maintenance.message} (end it: POST /admin/maintenance {"enabled":false})`,
        ]
      : []),
    ...(byHand
      ? [
          `degraded mode by hand ${lastsText(byHand)}: ${byHand.message} (end it: POST /admin/degraded {"enabled":false})`,
        ]
      : []),
  ];
  return on.length === 0 ? healthy("normal") : degraded(on.join("; "));
};

function lastsText({ since, until }: ModeFact): string {
  return until ? `since ${since}, until ${until}` : `since ${since}`;
}

function restoreText({ backup, job, since, phase }: RestoreMark): string {
  const held = `backup ${backup} has the database since ${since}, which is not asked meanwhile; writes are kept here (job ${job})`;
  return phase === "running"
    ? `a restore of ${held}`
    : `a restore that did not end: ${held}. Run it again, or give the database back: POST /admin/jobs/${job}/cancel {"release":true}`;
}
