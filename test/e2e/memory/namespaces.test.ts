import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docOf } from "../../../scripts/openapi/docs.ts";
import type { RouteContract } from "../../../src/contract/route.ts";
import * as example from "../../../src/contract/route.ts";
import { ROUTE_IDS, type RouteId, ROUTES } from "../../../src/contract/operations.ts";
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
let lessonId: string;

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
  await service.call("PUT", "/v1/filters/mine", { key: a, body: { domain: "cacao-domain" } });
  lessonId = (
    await write("/v1/lessons", {
      text: "Summon quetzalcoatl with the obsidian_tool",
      kind: "do",
      applies_to: { domain: "cacao-domain", tools: ["obsidian_tool"] },
    })
  ).body.id;
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

/** Attempts that must name what a has, where the example of the route does not. */
function particularAttempts(): Partial<Record<RouteId, Partial<Attempt>>> {
  const task = "summon quetzalcoatl";
  const recent_steps = [{ tool: "obsidian_tool", result: "error", message: "jade_error" }];
  const resume = { name: "memory_resume", arguments: { episode_id: id } };
  return {
    listEpisodes: { path: "/v1/episodes?text=quetzalcoatl" },
    renameTag: { body: { from: "maize-tag", to: "mine" } },
    archiveEpisodes: { body: { filter: { tag: "maize-tag" } } },
    unarchiveEpisodes: { body: { filter: { tag: "maize-tag" } } },
    saveFilter: { path: "/v1/filters/failed-vip" },
    removeFilter: { path: "/v1/filters/mine", allowed: [404] },
    removeTag: { path: `/v1/episodes/${id}/tags/maize-tag` },
    removeRelationship: { path: `/v1/episodes/${id}/relationships/follows/${otherId}` },
    recall: { body: { task, recent_steps } },
    advise: { body: { task, recent_steps, next_tool: "other_tool", error: "jade_error" } },
    search: { path: "/v1/search?q=quetzalcoatl+obsidian_tool+jade_error" },
    playbook: { body: { task } },
    // A key that may erase its namespace may decide in it, and finds nothing of a there.
    curate: { allowed: [404] },
    setReview: { allowed: [200] },
    streamEvents: { path: "/v1/events?seconds=1" },
    listLessons: { path: "/v1/lessons?q=quetzalcoatl&state=all" },
    giveFeedback: { allowed: [404] },
    importEpisodes: { body: { type: "episode", id, task: "a copy of mine" } },
    eraseNamespace: { path: "/v1/namespaces/a" },
    getNamespaceSettings: { allowed: [200] },
    setNamespaceSettings: { allowed: [200] },
    mcp: { body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: resume } },
  };
}

/** The example's ids, and the things of a that stand for them. */
function ofA<T>(value: T): T {
  const things = [
    [example.EPISODE_ID, id],
    [example.OTHER_EPISODE_ID, otherId],
    [example.RECALL_ID, recallId],
    [example.PATTERN_ID, patternId],
    [example.LESSON_ID, lessonId],
  ] as const;
  let text = JSON.stringify(value);
  for (const [of, thing] of things) text = text.replaceAll(of, thing);
  return JSON.parse(text) as T;
}

/** How b tries a route on what belongs to a: by the example that the route is documented with. */
function attemptOf(routeId: RouteId): Attempt {
  const { path, scope }: RouteContract = ROUTES[routeId];
  const { params = {}, examples = {}, answers } = docOf(routeId);
  const [body] = Object.values(examples).map((one) => one.body);
  const isForOperators = scope !== "read" && scope !== "write";
  const statuses = answers.map(({ status }) => status);
  return {
    path: ofA(path.replaceAll(/:(\w+)/g, (_all, name: string) => params[name]?.example ?? "x")),
    ...(body === undefined ? {} : { body: ofA(body) }),
    allowed: isForOperators ? [403] : path.includes("/:id") ? [404] : statuses,
    ...particularAttempts()[routeId],
  };
}

const closed = ROUTE_IDS.filter((routeId) => ROUTES[routeId].scope !== null);

describe("a namespace is a wall", () => {
  it.each(closed)("that %s does not open", async (routeId) => {
    const { method, scope } = ROUTES[routeId];
    const { path, body, allowed } = attemptOf(routeId);
    const options = { key: b, ...(body === undefined ? {} : { body }) };
    const own = await service.call(method, path, options);
    expect(allowed).toContain(own.status);
    // An id that b names itself may be named back to it.
    const sent = `${path} ${JSON.stringify(body)}`;
    const ids = [otherId, patternId, lessonId].filter((one) => !sent.includes(one));
    for (const secret of [...SECRETS, ...ids]) expect(own.text).not.toContain(secret);
    if (scope === "root" || routeId === "eraseNamespace") return;

    const headers = { "X-Memory-Namespace": "a" };
    const named = await service.call(method, path, { ...options, headers });
    expect(named.status).toBe(403);
  });

  it.each(closed)("and %s needs a key", async (routeId) => {
    const { method } = ROUTES[routeId];
    const { path, body } = attemptOf(routeId);
    const options = body === undefined ? {} : { body };
    expect((await service.call(method, path, options)).status).toBe(401);
    const wrong = await service.call(method, path, { ...options, key: "mk_nobody_000000000000" });
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
