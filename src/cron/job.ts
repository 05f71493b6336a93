/**
 * Begins a scheduled job: at least once and possibly beside itself, so the Coordinator is asked
 * first, which knows it by the time that it was scheduled for.
 *
 * @module
 */

import type { JobKind, ShortJobKind } from "../contract/backups/answers.ts";
import type { Gateway } from "../gateway/index.ts";
import type { Reporter, Log } from "../observability/index.ts";
import { isoTime } from "../util/time.ts";

export interface CronContext {
  backend: Pick<Gateway, "ask" | "backups" | "overview" | "bucket">;
  reporter: Reporter;
  log: Log;
  now: () => number;
  /** ms since the epoch. */
  scheduledAt: number;
  /** Who starts it, for the audit. */
  by: string;
}

/** How a job that was started stands: `id` of a long one, `detail` of a short one. */
export interface Run {
  status: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
  id: string | null;
  detail: string | null;
}

/** Does its work and says in a few words what it found. Throws when it failed. */
export type Work = (context: CronContext) => Promise<string>;

/** A job of the schedule. */
export interface Scheduled {
  name: string;
  /** UTC, as in wrangler.toml, letter by letter. */
  cron: string;
}

/** Asks for a long job. Throws when it was refused or could not be asked for. */
export async function askFor(
  scheduled: Scheduled,
  job: { kind: JobKind; params: Readonly<Record<string, unknown>> },
  context: CronContext,
): Promise<Run> {
  const key = `cron ${scheduled.name} ${context.scheduledAt}`;
  const { id, status } = await beginning(scheduled, context, () =>
    context.backend.ask("jobs.start", { ...job, key, by: context.by }),
  );
  return { status, id, detail: null };
}

/**
 * Does a short job, unless this very run is done or another of its kind is at work. Throws what the
 * work throws, after it is recorded, so that the platform counts the run as failed too, and when
 * it could not be begun.
 */
export async function runHere(
  scheduled: Scheduled & { name: ShortJobKind },
  work: Work,
  context: CronContext,
): Promise<Run> {
  const { name: job } = scheduled;
  const { backend, log, now, scheduledAt, reporter } = context;
  const scheduled_at = isoTime(scheduledAt);
  const begun = await beginning(scheduled, context, () =>
    backend.ask("jobs.begin", { kind: job, scheduled_at: scheduledAt }),
  );
  if (!begun) {
    log({ event: "job_skipped", level: "info", job, scheduled_at });
    return { status: "skipped", id: null, detail: null };
  }

  const end = { id: begun.id, refused_by: null };
  const begunAt = now();
  log({ event: "job_started", level: "info", job, scheduled_at });
  const ended = (result: "success" | "failure", detail: string): void =>
    log({
      event: "job_ended",
      level: result === "success" ? "info" : "error",
      job,
      scheduled_at,
      result,
      detail,
      duration_ms: now() - begunAt,
    });
  let detail: string;
  try {
    detail = await work(context);
  } catch (error) {
    detail = String(error);
    reporter.bug(error, { job });
    ended("failure", detail);
    await backend.ask("jobs.finish", { ...end, status: "failed", result: null, error: detail });
    throw error;
  }
  ended("success", detail);
  await backend.ask("jobs.finish", { ...end, status: "succeeded", result: detail, error: null });
  return { status: "succeeded", id: null, detail };
}

/**
 * Asks the Coordinator for the job's beginning. Throws what the asking throws, after it is logged
 * and reported: nothing else records a run that never began.
 */
async function beginning<T>(
  { name, cron }: Scheduled,
  { log, reporter }: CronContext,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    log({ event: "job_not_started", level: "error", job: name, cron, reason: String(error) });
    reporter.bug(error, { job: name });
    throw error;
  }
}
