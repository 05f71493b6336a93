/**
 * The routes of backups, restores and jobs. Long work answers 202 with its job.
 *
 * @module
 */

import type { JobKind } from "../../contract/jobs.ts";
import { actor, respond } from "../answer-operations.ts";
import type { Context } from "../context.ts";
import { id, type Route } from "./route.ts";
import * as schema from "../schemas-backups.ts";

/** An `Idempotency-Key` makes two requests one job. */
async function start(
  context: Context,
  kind: JobKind,
  params: Record<string, unknown>,
): Promise<Response> {
  const given = context.idempotencyKey();
  const key = given === null ? context.options.randomUUID() : `${kind} ${given}`;
  const input = { kind, params, key, by: actor(context) };
  return respond(context.backend.command("jobs.start", input), (job) => job, 202);
}

export const BACKUP_ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: "/admin/backups",
    scope: "root",
    async handle(context) {
      const { kind, window_days, namespace } = await context.body(schema.backupBody);
      return kind === "snapshot"
        ? start(context, "snapshot", {})
        : start(context, "backup", { kind, window_days, namespace });
    },
  },
  {
    method: "GET",
    path: "/admin/backups",
    scope: "root",
    async handle(context) {
      const { limit } = context.query(schema.listQuery);
      return respond(context.backend.backups.list(limit));
    },
  },
  {
    method: "GET",
    path: "/admin/backups/:id",
    scope: "root",
    handle: (context) => respond(context.backend.backups.get(id(context))),
  },
  {
    method: "DELETE",
    path: "/admin/backups/:id",
    scope: "root",
    handle: (context) => start(context, "retention", { backup: id(context) }),
  },
  {
    method: "POST",
    path: "/admin/backups/:id/verify",
    scope: "root",
    handle: (context) => start(context, "verify", { backup: id(context) }),
  },
  {
    method: "POST",
    path: "/admin/backups/:id/restore",
    scope: "root",
    handle: async (context) =>
      start(context, "restore", {
        backup: id(context),
        ...(await context.body(schema.restoreBody)),
      }),
  },
  {
    method: "POST",
    path: "/admin/drills",
    scope: "root",
    handle: (context) => start(context, "drill", {}),
  },
  {
    method: "GET",
    path: "/admin/jobs",
    scope: "root",
    async handle(context) {
      const { limit } = context.query(schema.listQuery);
      return respond(context.backend.command("jobs.list", { limit }), (jobs) => ({ jobs }));
    },
  },
  {
    method: "GET",
    path: "/admin/jobs/:id",
    scope: "root",
    handle: (context) => respond(context.backend.command("jobs.get", { id: id(context) })),
  },
  {
    method: "POST",
    path: "/admin/jobs/:id/cancel",
    scope: "root",
    async handle(context) {
      const { release } = await context.body(schema.cancelBody);
      const input = { id: id(context), release, by: actor(context) };
      return respond(context.backend.command("jobs.cancel", input));
    },
  },
];
