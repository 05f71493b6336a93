/**
 * What operators may ask of all instances: settings, modes, circuit breakers, the number of
 * instances. Unknown fields are refused, so that a typing error is not silently dropped. The Worker
 * evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { orNull, page, text, whole } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { repeatable, unrepeatable, type CommandTable } from "../operation.ts";
import { get, post, put, type RouteContract } from "../route.ts";
import type { AuditView, ClusterView, ConfigView, DeploymentView } from "./answers.ts";

/** Bounds of the time that a forced state of a circuit breaker, or a mode, lasts, s. */
const TTL_MAX_S = 86_400;
const TTL_DEFAULT_S = 3_600;
const SENTENCE_MAX = 500;
const DEPLOYMENT_ID_MAX = 64;

const sentence = z
  .string({ error: "must be a string" })
  .max(SENTENCE_MAX, `must have at most ${SENTENCE_MAX} characters`);

/** The Coordinator checks each value against its setting; the document shows each one's bounds. */
const configBody = z.strictObject({
  /** null: back to the default. */
  settings: z
    .record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.null()]))
    .refine((settings) => Object.keys(settings).length > 0, "must name at least one setting"),
});
const modeBody = z.strictObject({
  enabled: z.boolean({ error: "must be true or false" }),
  message: sentence.default(""),
  /** It ends by itself; null: it lasts until it is ended. */
  ttl_seconds: whole(1, TTL_MAX_S).nullable().default(null),
});
const breakerBody = z.strictObject({
  backend: z.enum(["turso", "r2"], { error: "must be turso or r2" }),
  /** null: at all of them. */
  instance: orNull(whole(0, LIMITS.instances_max - 1)),
  /** A forced state ends by itself; null: it lasts until it is reset. */
  ttl_seconds: whole(1, TTL_MAX_S).nullable().default(TTL_DEFAULT_S),
  reason: sentence.default(""),
});
const instancesBody = z.strictObject({ count: whole(1, LIMITS.instances_max) });
/** Whose the database and the bucket are until then: so that nothing is taken by mistake. */
const takeoverBody = z.strictObject({
  from: text(DEPLOYMENT_ID_MAX, 1),
  jurisdiction_changed: z
    .boolean()
    .optional()
    .describe("Its objects are in another jurisdiction, and this was changed on purpose"),
});

const auditQuery = page.extend({
  /** What was changed, as entries name it: `api_key`, `oauth_grant`, the name of a setting. */
  what: text(LIMITS.name_max, 1).exactOptional(),
});
export type AuditQuery = z.output<typeof auditQuery>;

export const CLUSTER_ROUTES = {
  getConfig: get("/admin/config", "root"),
  setConfig: put("/admin/config", "root", { body: configBody }),
  listAudit: get("/admin/audit", "root", { query: auditQuery }),
  setMaintenance: post("/admin/maintenance", "root", { body: modeBody }),
  setDegraded: post("/admin/degraded", "root", { body: modeBody }),
  resetBreaker: post("/admin/circuit-breaker/reset", "root", { body: breakerBody }),
  openBreaker: post("/admin/circuit-breaker/open", "root", { body: breakerBody }),
  disableBreaker: post("/admin/circuit-breaker/disable", "root", { body: breakerBody }),
  listInstances: get("/admin/instances", "root"),
  resizeFleet: put("/admin/instances", "root", { body: instancesBody }),
  getDeployment: get("/admin/deployment", "root"),
  takeOverDeployment: post("/admin/deployment/takeover", "root", { body: takeoverBody }),
} as const satisfies Record<string, RouteContract>;

/** What an operator wants of the circuit breakers of a backend. */
export interface BreakerCommand {
  backend: "turso" | "r2";
  action: "open" | "reset" | "disable";
  /** ms since the epoch; null: until it is reset. */
  until: number | null;
  reason: string;
  /** Of turso: null: at every instance. R2 has one breaker, the Coordinator's. */
  instance: number | null;
}

/** What an operator wants of a mode. */
export interface ModeChange {
  name: "maintenance" | "degraded";
  enabled: boolean;
  message: string;
  by: string;
  /** When it ends by itself, ms since the epoch; null, or absent: not. */
  until?: number | null;
}

/** `by` says who, for the audit. */
export const CLUSTER_COMMANDS = {
  "config.get": repeatable<null, ConfigView>(),
  "config.set": unrepeatable<
    { changes: Readonly<Record<string, unknown>>; by: string },
    ConfigView
  >(),
  "audit.list": repeatable<AuditQuery, AuditView>(),
  "mode.set": repeatable<ModeChange, ClusterView>(),
  "breaker.order": unrepeatable<{ order: BreakerCommand; by: string }, ClusterView>(),
  "cluster.view": repeatable<null, ClusterView>(),
  "cluster.resize": repeatable<{ count: number; by: string }, ClusterView>(),
  "deployment.view": repeatable<null, DeploymentView>(),
  "deployment.take_over": unrepeatable<
    { from: string; by: string; isMoved: boolean },
    DeploymentView
  >(),
} as const satisfies CommandTable;
