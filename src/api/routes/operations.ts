/**
 * The routes of those who run the service: health, keys, settings, modes, circuit breakers,
 * instances, the outbox.
 *
 * @module
 */

import { canonicalJson } from "../../memory/canonical.ts";
import { actor, respond } from "../answer-operations.ts";
import { answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { sha256Hex } from "../../util/hash.ts";
import { id, type Route } from "./route.ts";
import * as schema from "../schemas-operations.ts";
import { keyBody } from "../schemas.ts";

/**
 * What answers, what it needs of the database, and a digest that tells whether two services are set
 * alike.
 */
async function versionOf(context: Context): Promise<Response> {
  const { backend, options } = context;
  const known = await backend.overview.settings();
  const digest = known && (await sha256Hex(canonicalJson(known.settings))).slice(0, 16);
  return answer({
    ...options.version,
    schema_version: backend.schemaVersion,
    settings: known && { version: known.version, digest },
  });
}

async function order(context: Context, action: "open" | "reset" | "disable"): Promise<Response> {
  const { backend, instance, ttl_seconds, reason } = await context.body(schema.breakerBody);
  const until =
    action === "reset" || ttl_seconds === null ? null : context.options.now() + ttl_seconds * 1_000;
  const order = { backend, action, until, reason, instance };
  return respond(context.backend.command("breaker.order", { order, by: actor(context) }));
}

async function setMode(context: Context, name: "maintenance" | "degraded"): Promise<Response> {
  const { enabled, message } = await context.body(schema.modeBody);
  const input = { name, enabled, message, by: actor(context) };
  return respond(context.backend.command("mode.set", input));
}

export const OPERATIONS_ROUTES: readonly Route[] = [
  { method: "GET", path: "/health/live", scope: null, handle: () => answer({ status: "alive" }) },
  {
    method: "GET",
    path: "/health/ready",
    scope: null,
    async handle(context) {
      const [readiness, whole] = await Promise.all([
        context.backend.overview.readiness(),
        context.isWatcher(),
      ]);
      // What is found names jobs, backups and errors: it is for those who watch.
      const checks = readiness.checks.map(({ name, status }) => ({ name, status }));
      return answer(whole ? readiness : { status: readiness.status, checks }, {
        status: readiness.status === "unhealthy" ? 503 : 200,
      });
    },
  },
  { method: "GET", path: "/version", scope: null, handle: versionOf },
  {
    method: "POST",
    path: "/admin/keys",
    scope: "root",
    async handle(context) {
      const input = { key: await context.body(keyBody), by: actor(context) };
      return respond(context.backend.command("keys.create", input), (key) => key, 201);
    },
  },
  {
    method: "GET",
    path: "/admin/keys",
    scope: "root",
    handle: (context) => respond(context.backend.command("keys.list", null), (keys) => ({ keys })),
  },
  {
    method: "DELETE",
    path: "/admin/keys/:id",
    scope: "root",
    handle: (context) =>
      respond(context.backend.command("keys.revoke", { id: id(context), by: actor(context) })),
  },
  {
    method: "GET",
    path: "/admin/config",
    scope: "root",
    handle: (context) => respond(context.backend.command("config.get", null)),
  },
  {
    method: "PUT",
    path: "/admin/config",
    scope: "root",
    async handle(context) {
      const { settings } = await context.body(schema.configBody);
      const input = { changes: settings, by: actor(context) };
      return respond(context.backend.command("config.set", input));
    },
  },
  {
    method: "POST",
    path: "/admin/maintenance",
    scope: "root",
    handle: (context) => setMode(context, "maintenance"),
  },
  {
    method: "POST",
    path: "/admin/degraded",
    scope: "root",
    handle: (context) => setMode(context, "degraded"),
  },
  {
    method: "POST",
    path: "/admin/circuit-breaker/reset",
    scope: "root",
    handle: (context) => order(context, "reset"),
  },
  {
    method: "POST",
    path: "/admin/circuit-breaker/open",
    scope: "root",
    handle: (context) => order(context, "open"),
  },
  {
    method: "POST",
    path: "/admin/circuit-breaker/disable",
    scope: "root",
    handle: (context) => order(context, "disable"),
  },
  {
    method: "GET",
    path: "/admin/instances",
    scope: "root",
    handle: (context) => respond(context.backend.command("cluster.view", null)),
  },
  {
    method: "PUT",
    path: "/admin/instances",
    scope: "root",
    async handle(context) {
      const { count } = await context.body(schema.instancesBody);
      return respond(context.backend.command("cluster.resize", { count, by: actor(context) }));
    },
  },
  {
    method: "POST",
    path: "/admin/storage/flush",
    scope: "root",
    handle: (context) => respond(context.backend.command("outbox.flush", null)),
  },
  {
    method: "POST",
    path: "/admin/storage/sync",
    scope: "root",
    async handle(context) {
      const { namespace } = await context.body(schema.syncBody);
      return respond(
        context.backend.command("knowledge.sync", { namespace }),
        (value) => value,
        202,
      );
    },
  },
  {
    method: "POST",
    path: "/admin/drain",
    scope: "root",
    async handle(context) {
      const { timeout_seconds } = await context.body(schema.drainBody);
      const input = { timeout_ms: timeout_seconds * 1_000 };
      return respond(context.backend.command("outbox.drain", input));
    },
  },
  {
    method: "GET",
    path: "/admin/migrations",
    scope: "root",
    handle: (context) => respond(context.backend.command("migrations.plan", null)),
  },
  {
    method: "POST",
    path: "/admin/migrations",
    scope: "root",
    async handle(context) {
      const { execute, without_backup } = await context.body(schema.migrationsBody);
      const { backend } = context;
      const input = { without_backup, by: actor(context) };
      return respond(
        execute
          ? backend.command("migrations.execute", input)
          : backend.command("migrations.plan", null),
      );
    },
  },
  {
    method: "GET",
    path: "/admin/outbox/dead",
    scope: "root",
    async handle(context) {
      const { limit } = context.query(schema.deadQuery);
      const letters = context.backend.command("outbox.dead", { limit });
      return respond(letters, (dead_letters) => ({ dead_letters }));
    },
  },
  {
    method: "POST",
    path: "/admin/outbox/dead/retry",
    scope: "root",
    handle: (context) => respond(context.backend.command("outbox.retry_dead", null)),
  },
];
