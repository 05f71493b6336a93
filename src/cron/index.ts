/**
 * What runs by the clock. Cron only starts jobs: the same time twice is the same job, because the platform promises
 * neither once nor without overlap.
 *
 * @module
 */

import type { JobKind } from "../memory/jobs.ts";
import type { Result } from "../memory/operations.ts";
import { drill } from "./drill.ts";
import { full } from "./full.ts";
import { retention } from "./retention.ts";
import { snapshot } from "./snapshot.ts";

export interface CronJob {
  /** As in wrangler.toml, letter by letter; UTC. */
  cron: string;
  kind: JobKind;
  params: Record<string, unknown>;
}

export const SCHEDULE: readonly CronJob[] = [snapshot, full, drill, retention];

/** Starts what is due. Throws for an expression that nobody knows. */
export async function runCron(
  cron: string,
  scheduledTime: number,
  start: (kind: JobKind, params: Record<string, unknown>, key: string, by: string) => Promise<Result<unknown>>,
): Promise<void> {
  const job = SCHEDULE.find((candidate) => candidate.cron === cron);
  if (!job) throw new Error(`No job is scheduled for ${cron}.`);
  const said = await start(job.kind, job.params, `cron ${job.kind} ${scheduledTime}`, "cron");
  if (!said.ok) throw new Error(said.error.detail);
}
