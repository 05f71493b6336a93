/**
 * Handlers of the routes by which operators run the service: keys and grants, settings, modes, circuit
 * breakers, instances, storage.
 *
 * @module
 */

import type { ACCESS_ROUTES } from "../../contract/access/requests.ts";
import type { CLUSTER_ROUTES } from "../../contract/cluster/requests.ts";
import type { STORAGE_ROUTES } from "../../contract/storage/requests.ts";
import type { RequestContext } from "../request-context.ts";
import { actor, type Asked, type Handlers, command, respond } from "./route.ts";

/** Loaded when it is first needed, with the library of OAuth. */
const grants = () => import("../oauth/grants.ts");

export const ACCESS_HANDLERS: Handlers<typeof ACCESS_ROUTES> = {
  createKey(context, { body }) {
    const input = { key: body, by: actor(context) };
    return respond(context.backend.command("keys.create", input), (key) => key, 201);
  },

  listKeys: (context) => respond(context.backend.command("keys.list", null), (keys) => ({ keys })),

  rotateKey(context, { params: { id }, body: { overlap_seconds } }) {
    const input = { id, overlap_ms: overlap_seconds * 1_000, by: actor(context) };
    return respond(context.backend.command("keys.rotate", input), (key) => key, 201);
  },

  revokeKey: (context, { params: { id } }) =>
    command(context, "keys.revoke", { id, by: actor(context) }),

  listGrants: async (context, { query }) => (await grants()).listGrants(context, query),

  revokeGrant: async (context, { params: { id } }) =>
    (await grants()).revokeGrant(context, id, actor(context)),
};

type BreakerBody = Asked<(typeof CLUSTER_ROUTES)["openBreaker"]>["body"];

function orderBreakers(
  context: RequestContext,
  action: "open" | "reset" | "disable",
  { backend, instance, ttl_seconds, reason }: BreakerBody,
): Promise<Response> {
  const lastsMs = action === "reset" || ttl_seconds === null ? null : ttl_seconds * 1_000;
  const until = lastsMs === null ? null : context.options.now() + lastsMs;
  const order = { backend, action, until, reason, instance };
  return command(context, "breaker.order", { order, by: actor(context) });
}

function setMode(
  context: RequestContext,
  name: "maintenance" | "degraded",
  { enabled, message, ttl_seconds }: Asked<(typeof CLUSTER_ROUTES)["setMaintenance"]>["body"],
): Promise<Response> {
  const until = ttl_seconds === null ? null : context.options.now() + ttl_seconds * 1_000;
  const input = { name, enabled, message, until, by: actor(context) };
  return command(context, "mode.set", input);
}

export const CLUSTER_HANDLERS: Handlers<typeof CLUSTER_ROUTES> = {
  getConfig: (context) => command(context, "config.get", null),

  setConfig: (context, { body: { settings } }) =>
    command(context, "config.set", { changes: settings, by: actor(context) }),

  listAudit: (context, { query }) => command(context, "audit.list", query),

  setMaintenance: (context, { body }) => setMode(context, "maintenance", body),
  setDegraded: (context, { body }) => setMode(context, "degraded", body),

  resetBreaker: (context, { body }) => orderBreakers(context, "reset", body),
  openBreaker: (context, { body }) => orderBreakers(context, "open", body),
  disableBreaker: (context, { body }) => orderBreakers(context, "disable", body),

  listInstances: (context) => command(context, "cluster.view", null),

  resizeFleet: (context, { body: { count } }) =>
    command(context, "cluster.resize", { count, by: actor(context) }),

  getDeployment: (context) => command(context, "deployment.view", null),

  takeOverDeployment: (context, { body: { from, jurisdiction_changed: isMoved = false } }) =>
    command(context, "deployment.take_over", { from, isMoved, by: actor(context) }),
};

export const STORAGE_HANDLERS: Handlers<typeof STORAGE_ROUTES> = {
  flushStorage: (context) => command(context, "outbox.flush", null),

  syncStorage: (context, { body }) =>
    respond(context.backend.command("knowledge.sync", body), (synced) => synced, 202),

  drain: (context, { body: { timeout_seconds } }) =>
    command(context, "outbox.drain", { timeout_ms: timeout_seconds * 1_000 }),

  planMigrations: (context) => command(context, "migrations.plan", null),

  migrate(context, { body: { execute, without_backup } }) {
    const { backend } = context;
    const input = { without_backup, by: actor(context) };
    return respond(
      execute
        ? backend.command("migrations.execute", input)
        : backend.command("migrations.plan", null),
    );
  },

  listDeadLetters(context, { query: { limit } }) {
    const letters = context.backend.command("outbox.dead", { limit });
    return respond(letters, (dead_letters) => ({ dead_letters }));
  },

  retryDeadLetters: (context) => command(context, "outbox.retry_dead", null),
};
