/**
 * Handlers of the routes about backups, restores and jobs. Long work answers 202 with its job.
 *
 * @module
 */

import type { BackupView, JobKind } from "../../contract/backups/answers.ts";
import type { BACKUP_ROUTES } from "../../contract/backups/requests.ts";
import { answer } from "../answer.ts";
import { problemOf } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import { invalid } from "../validate.ts";
import { actor, type Handlers, command, respond } from "./route.ts";

/** Starts a job. An `Idempotency-Key` makes two requests one job. */
async function start(
  context: RequestContext,
  kind: JobKind,
  params: Record<string, unknown>,
): Promise<Response> {
  const given = context.idempotencyKey();
  const key = given === null ? context.options.randomUUID() : `${kind} ${given}`;
  const input = { kind, params, key, by: actor(context) };
  return respond(context.backend.command("jobs.start", input), (job) => job, 202);
}

/**
 * Throws `Problem` when there is no backup of this id, or R2 cannot be asked. One that cannot be
 * read is there: the job says what is wrong with it.
 */
async function requireBackup(context: RequestContext, id: string): Promise<BackupView | null> {
  const found = await context.backend.backups.get(id);
  if (found.ok) return found.value;
  if (found.error.code === "conflict") return null;
  throw problemOf(found.error);
}

/** Throws `Problem` for an instance that neither the snapshot has nor the service. */
async function requireInstance(
  context: RequestContext,
  { kind, instances }: BackupView,
  instance: number,
): Promise<void> {
  const count = Math.max(instances, await context.backend.instanceCount());
  if (kind === "snapshot" && instance < count) return;
  const detail =
    kind === "snapshot"
      ? `must be from 0 to ${count - 1}: neither the snapshot nor the service has others`
      : "is a part of a snapshot, and this is none";
  throw invalid("instance", detail);
}

export const BACKUP_HANDLERS: Handlers<typeof BACKUP_ROUTES> = {
  createBackup: (context, { body: { kind, window_days, namespace } }) =>
    kind === "snapshot"
      ? start(context, "snapshot", {})
      : start(context, "backup", { kind, window_days, namespace }),

  listBackups: (context, { query: { limit } }) => respond(context.backend.backups.list(limit)),

  getBackup: (context, { params: { id } }) => respond(context.backend.backups.get(id)),

  deleteBackup: async (context, { params: { id } }) => {
    await requireBackup(context, id);
    return start(context, "retention", { backup: id });
  },

  verifyBackup: async (context, { params: { id } }) => {
    await requireBackup(context, id);
    return start(context, "verify", { backup: id });
  },

  restoreBackup: async (context, { params: { id }, body }) => {
    const backup = await requireBackup(context, id);
    if (backup && body.instance !== null) await requireInstance(context, backup, body.instance);
    return start(context, "restore", { backup: id, ...body });
  },

  rewrapBackups: async (context, { body: { backup } }) => {
    if (backup !== null) await requireBackup(context, backup);
    return start(context, "rewrap", { backup });
  },

  drillRestore: (context) => start(context, "drill", {}),

  runJob: async (context, { body: { job } }) => {
    const run = await context.options.runJob(job, actor(context));
    return answer({ job, ...run }, { status: 202 });
  },

  listJobs: (context, { query: { limit } }) =>
    respond(context.backend.command("jobs.list", { limit }), (jobs) => ({ jobs })),

  getJob: (context, { params: { id } }) => command(context, "jobs.get", { id }),

  cancelJob: (context, { params: { id }, body: { release } }) =>
    command(context, "jobs.cancel", { id, release, by: actor(context) }),
};
