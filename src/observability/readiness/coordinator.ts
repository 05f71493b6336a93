/**
 * Judges what the Coordinator knows: whether jobs run when they should (backups by their age, the
 * others by their schedule); and names what operators switched on: maintenance, degraded mode, a
 * restore that has the database.
 *
 * @module
 */

import type { RestoreMark } from "../../contract/backups/restore.ts";
import { type Check, degraded, healthy, type ModeFact, spanText } from "./check.ts";

/** The recovery point that is promised, ms. */
const BACKUP_MAX_AGE_MS = 26 * 3_600_000;

const UNKNOWN = degraded("unknown: the Coordinator does not answer");

export const backup: Check = ({ now, coordinator, jobs: known }) => {
  if (!coordinator) return UNKNOWN;
  const runs = coordinator.jobs.filter(({ job }) => known.backups.includes(job));
  if (runs.length === 0) {
    return healthy(
      "no backup was made yet; the first one is made by the schedule or by POST /admin/backups",
    );
  }

  const newest = Math.max(0, ...runs.map((run) => Date.parse(run.last_success_at ?? "") || 0));
  const last =
    newest === 0
      ? "no backup succeeded yet"
      : `the last backup succeeded ${spanText(now - newest)} ago`;
  const failed = runs
    .filter(({ result }) => result === "failure")
    .map(({ job, detail }) => `${job}: ${detail}`);
  if (failed.length > 0) {
    return degraded(`${last}; failed: ${failed.join("; ")}. See GET /admin/jobs and run it again`);
  }
  return newest > 0 && now - newest > BACKUP_MAX_AGE_MS
    ? degraded(`${last}, which is too long. Run one now: POST /admin/backups`)
    : healthy(last);
};

export const jobs: Check = ({ now, coordinator, jobs: known }) => {
  if (!coordinator) return UNKNOWN;
  const runs = coordinator.jobs.filter(({ job }) => !known.backups.includes(job));
  const last = runs.map(({ job, result, started_at, ended_at }) => {
    const age = spanText(now - Date.parse(ended_at ?? started_at));
    return `${job} ${result ?? "running"} ${age} ago`;
  });
  const message = last.length === 0 ? "none ran yet" : last.join("; ");

  const periodOf = (job: string): number => known.periods_ms[job] ?? Number.POSITIVE_INFINITY;
  const failed = runs.filter(({ result }) => result === "failure");
  const late = runs.filter(
    ({ job, started_at }) => now - Date.parse(started_at) > 2 * periodOf(job),
  );
  if (failed.length + late.length === 0) return healthy(message);

  const reasons = [
    ...failed.map(({ job, detail }) => `${job} failed: ${detail}`),
    ...late.map(({ job }) => `${job} is overdue`),
  ];
  return degraded(
    `${reasons.join("; ")}. ${message}. Check the cron triggers of the deployment and the log`,
  );
};

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
