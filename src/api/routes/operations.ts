/**
 * Handlers of the routes by which operators run the service: keys, settings, modes, circuit
 * breakers, instances, storage.
 *
 * @module
 */

import type { ACCESS_ROUTES } from "../../contract/access/requests.ts";
import type { CLUSTER_ROUTES } from "../../contract/cluster/requests.ts";
import type { STORAGE_ROUTES } from "../../contract/storage/requests.ts";
import type { RequestContext } from "../request-context.ts";
import { actor, respond } from "./operators.ts";
import type { Asked, Handlers } from "./route.ts";

export const ACCESS_HANDLERS: Handlers<typeof ACCESS_ROUTES> = {
  createKey: (context, { body }) =>
    respond(context.backend.keys.create(body, actor(context)), (key) => key, 201),

  listKeys: (context) => respond(context.backend.keys.list(), (keys) => ({ keys })),

  revokeKey: (context, { params: { id } }) =>
    respond(context.backend.keys.revoke(id, actor(context))),
};

type BreakerBody = Asked<(typeof CLUSTER_ROUTES)["openBreaker"]>["body"];

function orderBreakers(
  context: RequestContext,
  action: "open" | "reset" | "disable",
  { backend, instance, ttl_seconds, reason }: BreakerBody,
): Promise<Response> {
  const lasts = action === "reset" || ttl_seconds === null ? null : ttl_seconds * 1_000;
  const until = lasts === null ? null : context.options.now() + lasts;
  const order = { backend, action, until, reason, instance };
  return respond(context.backend.cluster.order(order, actor(context)));
}

function setMode(
  context: RequestContext,
  name: "maintenance" | "degraded",
  { enabled, message }: { enabled: boolean; message: string },
): Promise<Response> {
  return respond(context.backend.cluster.setMode(name, enabled, message, actor(context)));
}

export const CLUSTER_HANDLERS: Handlers<typeof CLUSTER_ROUTES> = {
  getConfig: (context) => respond(context.backend.cluster.config()),

  setConfig: (context, { body: { settings } }) =>
    respond(context.backend.cluster.configure(settings, actor(context))),

  setMaintenance: (context, { body }) => setMode(context, "maintenance", body),
  setDegraded: (context, { body }) => setMode(context, "degraded", body),

  resetBreaker: (context, { body }) => orderBreakers(context, "reset", body),
  openBreaker: (context, { body }) => orderBreakers(context, "open", body),
  disableBreaker: (context, { body }) => orderBreakers(context, "disable", body),

  listInstances: (context) => respond(context.backend.cluster.view()),

  resizeFleet: (context, { body: { count } }) =>
    respond(context.backend.cluster.resize(count, actor(context))),
};

export const STORAGE_HANDLERS: Handlers<typeof STORAGE_ROUTES> = {
  flushStorage: (context) => respond(context.backend.cluster.flush()),

  syncStorage: (context, { body: { namespace } }) =>
    respond(context.backend.cluster.sync(namespace), (synced) => synced, 202),

  drain: (context, { body: { timeout_seconds } }) =>
    respond(context.backend.cluster.drain(timeout_seconds * 1_000)),

  planMigrations: (context) => respond(context.backend.migrations.plan()),

  migrate(context, { body: { execute, without_backup } }) {
    const { migrations } = context.backend;
    return respond(
      execute ? migrations.execute(without_backup, actor(context)) : migrations.plan(),
    );
  },

  listDeadLetters: (context, { query: { limit } }) =>
    respond(context.backend.cluster.dead(limit), (dead_letters) => ({ dead_letters })),

  retryDeadLetters: (context) => respond(context.backend.cluster.retryDead()),
};
