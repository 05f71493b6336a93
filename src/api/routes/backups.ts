/**
 * Handlers of the routes about backups, restores and jobs. Long work answers 202 with its job.
 *
 * @module
 */

import type { JobKind } from "../../contract/backups/answers.ts";
import type { BACKUP_ROUTES } from "../../contract/backups/requests.ts";
import type { RequestContext } from "../request-context.ts";
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

export const BACKUP_HANDLERS: Handlers<typeof BACKUP_ROUTES> = {
  createBackup: (context, { body: { kind, window_days, namespace } }) =>
    kind === "snapshot"
      ? start(context, "snapshot", {})
      : start(context, "backup", { kind, window_days, namespace }),

  listBackups: (context, { query: { limit } }) => respond(context.backend.backups.list(limit)),

  getBackup: (context, { params: { id } }) => respond(context.backend.backups.get(id)),

  deleteBackup: (context, { params: { id } }) => start(context, "retention", { backup: id }),

  verifyBackup: (context, { params: { id } }) => start(context, "verify", { backup: id }),

  restoreBackup: (context, { params: { id }, body }) =>
    start(context, "restore", { backup: id, ...body }),

  drillRestore: (context) => start(context, "drill", {}),

  listJobs: (context, { query: { limit } }) =>
    respond(context.backend.command("jobs.list", { limit }), (jobs) => ({ jobs })),

  getJob: (context, { params: { id } }) => command(context, "jobs.get", { id }),

  cancelJob: (context, { params: { id }, body: { release } }) =>
    command(context, "jobs.cancel", { id, release, by: actor(context) }),
};
