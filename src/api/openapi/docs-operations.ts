/**
 * The document's part about running the service, by "METHOD path".
 *
 * @module
 */

import * as z from "zod";
import { rpcAnswer, rpcMessage } from "../mcp/index.ts";
import * as schema from "../schemas-operations.ts";
import { idParameter, keyBody } from "../schemas.ts";
import { EXAMPLE_IDS as ids, type RouteDoc } from "./route-doc.ts";
import * as shape from "./shapes-operations.ts";

const clusterNow = [
  { status: 200, description: "The instances as they are now", schema: shape.fleet },
] as const;
const waits = ["not_ready"] as const;
const breakerExample = {
  all: {
    summary: "At every instance",
    body: { backend: "turso", ttl_seconds: 600, reason: "drill" },
  },
};

const health: Record<string, RouteDoc> = {
  "GET /health/live": {
    id: "isAlive",
    tag: "Health",
    summary: "Whether the Worker answers",
    answers: [{ status: 200, description: "It does", schema: shape.alive }],
  },
};

const keys: Record<string, RouteDoc> = {
  "POST /admin/keys": {
    id: "createKey",
    tag: "Keys",
    summary: "Make a key",
    description: "Only its hash is kept; the key is shown in this answer and never again.",
    body: {
      schema: keyBody,
      examples: {
        agent: {
          summary: "For an agent",
          body: {
            name: "agent",
            scopes: ["read", "write"],
            namespaces: ["my-agent"],
            expires_at: null,
          },
        },
      },
    },
    answers: [{ status: 201, description: "The key", schema: shape.keyMade }],
    errors: ["not_ready", "database_unavailable"],
  },
  "GET /admin/keys": {
    id: "listKeys",
    tag: "Keys",
    summary: "List keys",
    answers: [{ status: 200, description: "The keys, without their secrets", schema: shape.keys }],
    errors: ["not_ready", "database_unavailable"],
  },
  "DELETE /admin/keys/:id": {
    id: "revokeKey",
    tag: "Keys",
    summary: "Revoke a key",
    description: "Answers once every instance knows.",
    params: {
      id: { schema: idParameter, description: "The key's id, not the key", example: ids.key },
    },
    answers: [{ status: 200, description: "The key, revoked", schema: shape.key }],
    errors: ["not_found", "not_ready", "database_unavailable"],
  },
};

const control: Record<string, RouteDoc> = {
  "GET /admin/config": {
    id: "getConfig",
    tag: "Settings",
    summary: "Settings with their bounds and their history",
    answers: [{ status: 200, description: "The settings", schema: shape.config }],
    errors: waits,
  },
  "PUT /admin/config": {
    id: "setConfig",
    tag: "Settings",
    summary: "Change settings while the service runs",
    description:
      "All or nothing; every instance has them when this answers. `X-Actor` names who did it.",
    body: {
      schema: shape.configChanges,
      examples: {
        cache: { summary: "A larger cache", body: { settings: { cache_max_size: 2_000 } } },
      },
    },
    answers: [{ status: 200, description: "The settings", schema: shape.config }],
    errors: waits,
  },
  "POST /admin/maintenance": {
    id: "setMaintenance",
    tag: "Modes",
    summary: "Maintenance on or off",
    description: "New episodes get 503 with the message; running ones go on, and reads too.",
    body: {
      schema: schema.modeBody,
      examples: { off: { summary: "Off", body: { enabled: false, message: "" } } },
    },
    answers: clusterNow,
    errors: waits,
  },
  "POST /admin/degraded": {
    id: "setDegraded",
    tag: "Modes",
    summary: "Degraded mode on or off",
    description: "The database is spared: reads from the instances, writes into their outboxes.",
    body: {
      schema: schema.modeBody,
      examples: { off: { summary: "Off", body: { enabled: false, message: "" } } },
    },
    answers: clusterNow,
    errors: waits,
  },
  "POST /admin/circuit-breaker/reset": {
    id: "resetBreaker",
    tag: "Circuit breaker",
    summary: "Close the circuit breaker",
    body: {
      schema: schema.breakerBody,
      examples: { all: { summary: "At every instance", body: { backend: "turso" } } },
    },
    answers: clusterNow,
    errors: ["not_ready"],
  },
  "POST /admin/circuit-breaker/open": {
    id: "openBreaker",
    tag: "Circuit breaker",
    summary: "Force the circuit breaker open, for a drill",
    body: { schema: schema.breakerBody, examples: breakerExample },
    answers: clusterNow,
    errors: ["not_ready"],
  },
  "POST /admin/circuit-breaker/disable": {
    id: "disableBreaker",
    tag: "Circuit breaker",
    summary: "Let everything pass the circuit breaker",
    body: { schema: schema.breakerBody, examples: breakerExample },
    answers: clusterNow,
    errors: ["not_ready"],
  },
};

const instances: Record<string, RouteDoc> = {
  "GET /admin/instances": {
    id: "listInstances",
    tag: "Instances",
    summary: "The state of each instance",
    answers: clusterNow,
    errors: waits,
  },
  "PUT /admin/instances": {
    id: "resizeFleet",
    tag: "Instances",
    summary: "Change the number of instances",
    description:
      "Nothing is lost and nothing stale is served: what moves is handed over before it is served.",
    body: {
      schema: schema.instancesBody,
      examples: { two: { summary: "Two", body: { count: 2 } } },
    },
    answers: clusterNow,
    errors: ["not_ready", "conflict"],
  },
  "POST /admin/storage/flush": {
    id: "flushStorage",
    tag: "Storage",
    summary: "Send what waits to the database now",
    answers: clusterNow,
    errors: waits,
  },
  "POST /admin/storage/sync": {
    id: "syncStorage",
    tag: "Storage",
    summary: "Rebuild what instances know from the database",
    body: {
      schema: schema.syncBody,
      examples: { one: { summary: "One namespace", body: { namespace: "my-agent" } } },
    },
    answers: [{ status: 202, description: "It has begun, for these", schema: shape.synced }],
    errors: ["not_ready", "database_unavailable"],
  },
  "POST /admin/drain": {
    id: "drain",
    tag: "Storage",
    summary: "Wait until nothing runs and nothing waits",
    description: "After the timeout it says what is left; that is durable.",
    body: {
      schema: schema.drainBody,
      examples: { once: { summary: "Look once", body: { timeout_seconds: 0 } } },
    },
    answers: [{ status: 200, description: "What is left", schema: shape.drain }],
    errors: waits,
  },
  "GET /admin/migrations": {
    id: "planMigrations",
    tag: "Storage",
    summary: "The migrations of the database, with the SQL of what is pending",
    description:
      "Changes nothing. A migration whose text is not what was applied is among the problems.",
    answers: [{ status: 200, description: "The plan", schema: shape.migrations }],
    errors: ["database_unavailable", ...waits],
  },
  "POST /admin/migrations": {
    id: "migrate",
    tag: "Storage",
    summary: "Execute what is pending, after a backup",
    description:
      "Without `execute` it answers with the plan. One run at a time; a run that was stopped goes on where it was. Contract migrations are applied by this request only, once no earlier release runs.",
    body: {
      schema: schema.migrationsBody,
      examples: {
        plan: { summary: "What would be done", body: {} },
        execute: {
          summary: "Execute, with a backup taken elsewhere",
          body: { execute: true, without_backup: true },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "What was applied, and the plan afterwards",
        schema: shape.migrations,
      },
    ],
    errors: ["conflict", "not_ready", "database_unavailable"],
  },
  "GET /admin/outbox/dead": {
    id: "listDeadLetters",
    tag: "Storage",
    summary: "Rows that the database never took",
    query: schema.deadQuery,
    queryExample: { limit: 100 },
    answers: [{ status: 200, description: "The rows, and why", schema: shape.deadLetters }],
    errors: waits,
  },
  "POST /admin/outbox/dead/retry": {
    id: "retryDeadLetters",
    tag: "Storage",
    summary: "Send them again",
    answers: [{ status: 200, description: "How many", schema: shape.retried }],
    errors: waits,
  },
};

const ways: Record<string, RouteDoc> = {
  "POST /mcp": {
    id: "mcp",
    tag: "Model Context Protocol",
    summary: "The memory as tools, resources and prompts for agents",
    description:
      "Streamable HTTP, stateless: each message is a request of its own. The tools run under the key's scopes. Errors of the protocol itself are JSON-RPC errors.",
    body: {
      schema: rpcMessage,
      examples: {
        list: {
          summary: "Which tools there are",
          body: { jsonrpc: "2.0", id: 1, method: "tools/list" },
        },
      },
    },
    answers: [
      { status: 200, description: "A JSON-RPC answer", schema: rpcAnswer, orStream: true },
      { status: 202, description: "A notification was taken" },
    ],
    protocolErrors: rpcAnswer,
  },
  "GET /openapi.json": {
    id: "getDocument",
    tag: "About",
    summary: "This document",
    answers: [
      { status: 200, description: "OpenAPI 3.1", schema: z.looseObject({ openapi: z.string() }) },
    ],
  },
  "GET /docs": {
    id: "getReference",
    tag: "About",
    summary: "This document as a page",
    answers: [{ status: 200, description: "HTML", type: "text/html" }],
  },
};

export const OPERATIONS_DOCS: Readonly<Record<string, RouteDoc>> = {
  ...health,
  ...keys,
  ...control,
  ...instances,
  ...ways,
};
