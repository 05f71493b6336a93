/**
 * How a scheduled job runs: at least once, possibly beside itself, so it takes a lease and is known by the time that it
 * was scheduled for.
 *
 * @module
 */

import type { createBackend } from "../durable/index.ts";
import type { Reporter } from "../observability/index.ts";

export interface JobContext {
  backend: ReturnType<typeof createBackend>;
  bucket: R2Bucket;
  reporter: Reporter;
  log: (event: Record<string, unknown>) => void;
  now: () => number;
  /** ms since the epoch. */
  scheduledAt: number;
}

/** Does its work and says in a few words what it found. Throws when it failed. */
export type Job = (context: JobContext) => Promise<string>;

/** Throws what the job throws, after it is recorded, so that the platform counts the run as failed as well. */
export async function runJob(name: string, leaseMs: number, job: Job, context: JobContext): Promise<void> {
  const { backend, log, now, scheduledAt, reporter } = context;
  const scheduled_at = new Date(scheduledAt).toISOString();
  if (!(await backend.tell("job_begin", { job: name, scheduled_at: scheduledAt, lease_ms: leaseMs }))) {
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
    log({ event: "job_ended", level, job: name, scheduled_at, result, detail, duration_ms: now() - begun });
    await backend.tell("job_end", { job: name, scheduled_at: scheduledAt, result, detail });
  }
}
