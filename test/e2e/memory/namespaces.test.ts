import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../../src/api/routes/index.ts";
import { Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";

/** Words that only namespace a has; none may reach a key of namespace b. */
const SECRETS = [
  "quetzalcoatl",
  "obsidian_tool",
  "jade_error",
  "maize-tag",
  "cacao-domain",
  "turquoise-state",
];

let database: Sqld;
let service: Service;
let a: string;
let b: string;
let id: string;
let otherId: string;
let recallId: string;
let patternId: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  [a, b] = [await service.key("a"), await service.key("b")];
  const write = (path: string, body: unknown): Promise<Answer> =>
    service.call("POST", path, { key: a, body });
  const task = "summon quetzalcoatl";
  const context = { domain: "cacao-domain", tags: ["maize-tag"] };
  id = (await write("/v1/episodes", { task, context, tags: ["maize-tag"] })).body.id;
  otherId = (await write("/v1/episodes", { task, context })).body.id;
  for (const episode of [id, otherId]) {
    const steps = [
      { tool: "obsidian_tool", result: { type: "error", message: "jade_error" } },
      { tool: "obsidian_tool", result: { type: "success", output: "quetzalcoatl" } },
    ];
    await write(`/v1/episodes/${episode}/steps`, { steps });
    await write(`/v1/episodes/${episode}/checkpoints`, { reason: "r", state: "turquoise-state" });
  }
  await write(`/v1/episodes/${id}/relationships`, { type: "follows", to: otherId });
  patternId = (
    await write(`/v1/episodes/${otherId}/complete`, {
      outcome: { type: "success", verdict: "quetzalcoatl" },
    })
  ).body.patterns[0].id;
  recallId = (await write("/v1/recall", { task })).body.recall_id;
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

interface Attempt {
  path: string;
  body?: unknown;
  /** What b may be told: that there is nothing, or an answer about b alone. */
  allowed: readonly number[];
}

const NOT_FOUND = [404];
const OWN = [200];

/** How b tries each route on what belongs to a. */
function attempts(): Record<string, Attempt> {
  const episode = `/v1/episodes/${id}`;
  return {
    "POST /v1/episodes": { path: "/v1/episodes", body: { task: "mine" }, allowed: [201] },
    "GET /v1/episodes": { path: "/v1/episodes?text=quetzalcoatl", allowed: OWN },
    "GET /v1/episodes/:id": { path: episode, allowed: NOT_FOUND },
    "PATCH /v1/episodes/:id": { path: episode, body: { task: "mine now" }, allowed: NOT_FOUND },
    "DELETE /v1/episodes/:id": { path: episode, allowed: NOT_FOUND },
    "POST /v1/episodes/:id/steps": {
      path: `${episode}/steps`,
      body: { tool: "t" },
      allowed: NOT_FOUND,
    },
    "POST /v1/episodes/:id/complete": {
      path: `${episode}/complete`,
      body: { outcome: { type: "success" } },
      allowed: NOT_FOUND,
    },
    "POST /v1/episodes/:id/fail": {
      path: `${episode}/fail`,
      body: { reason: "r" },
      allowed: NOT_FOUND,
    },
    "POST /v1/episodes/:id/checkpoints": {
      path: `${episode}/checkpoints`,
      body: { reason: "r" },
      allowed: NOT_FOUND,
    },
    "GET /v1/episodes/:id/handoff": { path: `${episode}/handoff`, allowed: NOT_FOUND },
    "GET /v1/episodes/:id/tags": { path: `${episode}/tags`, allowed: NOT_FOUND },
    "POST /v1/episodes/:id/tags": {
      path: `${episode}/tags`,
      body: { tags: ["t"] },
      allowed: NOT_FOUND,
    },
    "DELETE /v1/episodes/:id/tags/:tag": { path: `${episode}/tags/maize-tag`, allowed: NOT_FOUND },
    "GET /v1/episodes/:id/relationships": { path: `${episode}/relationships`, allowed: NOT_FOUND },
    "POST /v1/episodes/:id/relationships": {
      path: `${episode}/relationships`,
      body: { type: "follows", to: otherId },
      allowed: NOT_FOUND,
    },
    "DELETE /v1/episodes/:id/relationships/:type/:to": {
      path: `${episode}/relationships/follows/${otherId}`,
      allowed: NOT_FOUND,
    },
    "POST /v1/recall": {
      path: "/v1/recall",
      body: {
        task: "summon quetzalcoatl",
        recent_steps: [{ tool: "obsidian_tool", result: "error", message: "jade_error" }],
      },
      allowed: OWN,
    },
    "POST /v1/advise": {
      path: "/v1/advise",
      body: {
        task: "summon quetzalcoatl",
        recent_steps: [{ tool: "obsidian_tool", result: "error", message: "jade_error" }],
        next_tool: "other_tool",
        error: "jade_error",
      },
      allowed: OWN,
    },
    "GET /v1/search": { path: "/v1/search?q=quetzalcoatl+obsidian_tool+jade_error", allowed: OWN },
    "GET /v1/patterns": { path: "/v1/patterns", allowed: OWN },
    "GET /v1/patterns/:id": { path: `/v1/patterns/${patternId}`, allowed: NOT_FOUND },
    "GET /v1/heuristics": { path: "/v1/heuristics", allowed: OWN },
    "POST /v1/playbooks": {
      path: "/v1/playbooks",
      body: { task: "summon quetzalcoatl" },
      allowed: OWN,
    },
    "POST /v1/feedback": {
      path: "/v1/feedback",
      body: { recall_id: recallId, used: [id], helpful: true },
      allowed: NOT_FOUND,
    },
    "GET /v1/stats": { path: "/v1/stats", allowed: OWN },
    "POST /v1/import": {
      path: "/v1/import",
      body: { type: "episode", id, task: "a copy of mine" },
      allowed: OWN,
    },
    "GET /v1/export": { path: "/v1/export", allowed: OWN },
    "DELETE /v1/namespaces/:name": { path: "/v1/namespaces/a", allowed: [403] },
    "POST /mcp": {
      path: "/mcp",
      body: {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "memory_resume", arguments: { episode_id: id } },
      },
      allowed: OWN,
    },
    "POST /admin/keys": {
      path: "/admin/keys",
      body: { name: "k", scopes: ["read"], namespaces: ["a"] },
      allowed: [403],
    },
    "GET /admin/keys": { path: "/admin/keys", allowed: [403] },
    "DELETE /admin/keys/:id": { path: "/admin/keys/x", allowed: [403] },
    "GET /admin/config": { path: "/admin/config", allowed: [403] },
    "PUT /admin/config": {
      path: "/admin/config",
      body: { settings: { log_level: "debug" } },
      allowed: [403],
    },
    "POST /admin/maintenance": {
      path: "/admin/maintenance",
      body: { enabled: true },
      allowed: [403],
    },
    "POST /admin/degraded": { path: "/admin/degraded", body: { enabled: true }, allowed: [403] },
    "POST /admin/circuit-breaker/reset": {
      path: "/admin/circuit-breaker/reset",
      body: { backend: "turso" },
      allowed: [403],
    },
    "POST /admin/circuit-breaker/open": {
      path: "/admin/circuit-breaker/open",
      body: { backend: "turso" },
      allowed: [403],
    },
    "POST /admin/circuit-breaker/disable": {
      path: "/admin/circuit-breaker/disable",
      body: { backend: "turso" },
      allowed: [403],
    },
    "GET /admin/instances": { path: "/admin/instances", allowed: [403] },
    "PUT /admin/instances": { path: "/admin/instances", body: { count: 3 }, allowed: [403] },
    "POST /admin/storage/flush": { path: "/admin/storage/flush", allowed: [403] },
    "POST /admin/storage/sync": {
      path: "/admin/storage/sync",
      body: { namespace: "a" },
      allowed: [403],
    },
    "POST /admin/drain": { path: "/admin/drain", body: {}, allowed: [403] },
    "GET /metrics": { path: "/metrics", allowed: [403] },
    "GET /admin/incidents": { path: "/admin/incidents?since=1h", allowed: [403] },
    "GET /admin/capacity": { path: "/admin/capacity", allowed: [403] },
    "GET /admin/overview": { path: "/admin/overview", allowed: [403] },
    "GET /admin/migrations": { path: "/admin/migrations", allowed: [403] },
    "POST /admin/migrations": {
      path: "/admin/migrations",
      body: { execute: true },
      allowed: [403],
    },
    "GET /admin/outbox/dead": { path: "/admin/outbox/dead", allowed: [403] },
    "POST /admin/outbox/dead/retry": { path: "/admin/outbox/dead/retry", allowed: [403] },
    "POST /admin/backups": { path: "/admin/backups", body: { kind: "full" }, allowed: [403] },
    "GET /admin/backups": { path: "/admin/backups", allowed: [403] },
    "GET /admin/backups/:id": { path: "/admin/backups/x", allowed: [403] },
    "DELETE /admin/backups/:id": { path: "/admin/backups/x", allowed: [403] },
    "POST /admin/backups/:id/verify": { path: "/admin/backups/x/verify", allowed: [403] },
    "POST /admin/backups/:id/restore": {
      path: "/admin/backups/x/restore",
      body: {},
      allowed: [403],
    },
    "POST /admin/drills": { path: "/admin/drills", allowed: [403] },
    "GET /admin/jobs": { path: "/admin/jobs", allowed: [403] },
    "GET /admin/jobs/:id": { path: "/admin/jobs/x", allowed: [403] },
    "POST /admin/jobs/:id/cancel": { path: "/admin/jobs/x/cancel", body: {}, allowed: [403] },
  };
}

const closed = ROUTES.filter((route) => route.scope !== null).map((route) => ({
  ...route,
  name: `${route.method} ${route.path}`,
}));

describe("a namespace is a wall", () => {
  it("and every route is tried", () => {
    expect(Object.keys(attempts()).sort()).toEqual(closed.map((route) => route.name).sort());
  });

  it.each(closed)("that $name does not open", async ({ name, method }) => {
    const attempt = attempts()[name];
    if (!attempt) throw new Error(`no attempt for ${name}`);
    const { path, body, allowed } = attempt;
    const options = { key: b, ...(body === undefined ? {} : { body }) };
    const own = await service.call(method, path, options);
    expect(allowed).toContain(own.status);
    // An id that b names itself may be named back to it.
    const ids = [otherId, patternId].filter((known) => !path.includes(known));
    for (const secret of [...SECRETS, ...ids]) expect(own.text).not.toContain(secret);
    if (!name.includes("/admin/") && !name.includes("/namespaces/")) {
      const named = await service.call(method, path, {
        ...options,
        headers: { "X-Memory-Namespace": "a" },
      });
      expect(named.status).toBe(403);
    }
  });

  it.each(closed)("and $name needs a key", async ({ name, method }) => {
    const attempt = attempts()[name];
    const options = attempt?.body === undefined ? {} : { body: attempt.body };
    expect((await service.call(method, attempt?.path ?? "/", options)).status).toBe(401);
    const wrong = await service.call(method, attempt?.path ?? "/", {
      ...options,
      key: "mk_nobody_000000000000",
    });
    expect([401, 403]).toContain(wrong.status);
  });

  it("and what a has is still there", async () => {
    const mine = await service.call("GET", `/v1/episodes/${id}`, { key: a });
    expect(mine.body).toMatchObject({
      task: "summon quetzalcoatl",
      status: "in_progress",
      tags: ["maize-tag"],
    });
    expect(mine.body.steps).toHaveLength(2);
  });
});
