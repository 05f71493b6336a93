/**
 * How a scheduled job runs: at least once, possibly beside itself, so it takes a lease and is known
 * by the time that it was scheduled for.
 *
 * @module
 */

import type { createBackend } from "../gateway/index.ts";
import type { Reporter } from "../observability/index.ts";
import { isoTime } from "../util/time.ts";

export interface CronContext {
  backend: ReturnType<typeof createBackend>;
  bucket: R2Bucket;
  reporter: Reporter;
  log: (event: Record<string, unknown>) => void;
  now: () => number;
  /** ms since the epoch. */
  scheduledAt: number;
}

/** Does its work and says in a few words what it found. Throws when it failed. */
export type Job = (context: CronContext) => Promise<string>;

/** What is known of a job by its schedule. */
export interface Scheduled {
  name: string;
  /** UTC, as in wrangler.toml, letter by letter. */
  cron: string;
  /** How long a run that says nothing keeps others from beginning, ms. */
  lease_ms: number;
}

/**
 * Asks the Coordinator for the job's beginning. Throws what the asking throws, after it is logged
 * and reported: nothing else records a run that never began.
 */
export async function beginning<T>(
  { name, cron }: Scheduled,
  context: CronContext,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    context.log({
      event: "job_not_started",
      level: "error",
      job: name,
      cron,
      reason: String(error),
    });
    context.reporter.bug(error, { job: name });
    throw error;
  }
}

/**
 * Runs short work, unless this very run is done or another of the job is at work. Throws what the
 * job throws, after it is recorded, so that the platform counts the run as failed as well, and when
 * it could not be begun.
 */
export async function runJob(scheduled: Scheduled, job: Job, context: CronContext): Promise<void> {
  const { name, lease_ms } = scheduled;
  const { backend, log, now, scheduledAt, reporter } = context;
  const scheduled_at = isoTime(scheduledAt);
  const may = await beginning(scheduled, context, () =>
    backend.tell("job_begin", { job: name, scheduled_at: scheduledAt, lease_ms }),
  );
  if (!may) {
    log({ event: "job_skipped", level: "info", job: name, scheduled_at });
    return;
  }
  const begun = now();
  log({ event: "job_started", level: "info", job: name, scheduled_at });
  let result: "success" | "failure" = "success";
  let detail = "";
  try {
    detail = await job(context);
  } catch (error) {
    result = "failure";
    detail = String(error);
    reporter.bug(error, { job: name });
    throw error;
  } finally {
    const level = result === "success" ? "info" : "error";
    log({
      event: "job_ended",
      level,
      job: name,
      scheduled_at,
      result,
      detail,
      duration_ms: now() - begun,
    });
    await backend.tell("job_end", { job: name, scheduled_at: scheduledAt, result, detail });
  }
}
