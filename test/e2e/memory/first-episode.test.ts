import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  key = await service.key("first");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const step = (tool: string, result: unknown = { type: "success", output: "ok" }): unknown => ({
  tool,
  parameters: { a: 1 },
  result,
});

async function started(task = "Cancel a flight"): Promise<string> {
  const answer = await service.call("POST", "/v1/episodes", {
    key,
    body: { task, context: { domain: "airline" } },
  });
  expect(answer.status).toBe(201);
  return String(answer.body.id);
}

describe("the service", () => {
  it("is ready, with its database migrated", async () => {
    // The first look may come before the database has answered its first write.
    await until(
      "it is healthy",
      async () => (await service.call("GET", "/health/ready")).body.status === "healthy",
    );
    const ready = await service.call("GET", "/health/ready");
    expect(ready.status).toBe(200);
    expect(ready.body.status, ready.text).toBe("healthy");
    const named = new Map(
      ready.body.checks.map((check: { name: string; status: string }) => [
        check.name,
        check.status,
      ]),
    );
    for (const name of ["storage", "cache", "circuit_breaker", "outbox", "backup", "migrations"]) {
      expect([name, named.get(name)]).toEqual([name, "healthy"]);
    }
  });

  it("records an episode, learns from it and recalls it", async () => {
    const id = await started();
    const steps = [
      step("get_reservation"),
      step("cancel_reservation", { type: "error", message: "seat 12A locked" }),
      step("cancel_reservation"),
    ];
    const logged = await service.call("POST", `/v1/episodes/${id}/steps`, { key, body: { steps } });
    expect(logged.body).toMatchObject({ accepted: 3, duplicates: 0, last_number: 3 });
    const ended = await service.call("POST", `/v1/episodes/${id}/complete`, {
      key,
      body: { outcome: { type: "success", verdict: "cancelled" } },
    });
    expect(ended.status).toBe(200);
    expect(ended.body.learning).toBe("done");
    expect(ended.body.reward.total).toBeGreaterThan(0.5);
    expect(ended.body.reflection.insights.join(" ")).toContain("cancel_reservation");
    const kinds = new Set(ended.body.patterns.map((pattern: { kind: string }) => pattern.kind));
    expect(kinds).toEqual(
      new Set(["tool_sequence", "decision_point", "error_recovery", "context_pattern"]),
    );
    const recalled = await service.call("POST", "/v1/recall", {
      key,
      body: { task: "cancel my flight please" },
    });
    expect(recalled.body.episodes[0]).toMatchObject({
      id,
      outcome: "success",
      matched_terms: expect.arrayContaining(["flight"]),
    });
    const nothing = await service.call("POST", "/v1/recall", {
      key,
      body: { task: "xylophone quark" },
    });
    expect(nothing.body).toMatchObject({
      episodes: [],
      patterns: [],
      heuristics: [],
      playbook: null,
      next_tools: [],
    });
  });

  it("advises at the moment of action, and counts what came of it", async () => {
    const mine = await service.key("advised");
    const call = (path: string, body: unknown): ReturnType<Service["call"]> =>
      service.call("POST", path, { key: mine, body });
    const lines = [1, 2, 3].map((i) => ({
      type: "episode",
      id: `run-${i}`,
      task: `send parcel ${i} to the customer`,
      steps: [
        { tool: "weigh", result: { type: "error", message: `scale ${i} is not level` } },
        { tool: "level_scale", result: { type: "success", output: "level" } },
        { tool: "weigh", result: { type: "success", output: "3 kg" } },
        { tool: "ship", result: { type: "success", output: "shipped" } },
      ],
      outcome: { type: "success" },
    }));
    for (const { status } of await service.import(mine, lines)) expect(status).toBe("created");
    const recent_steps = [{ tool: "weigh", result: "error", message: "scale 99 is not level" }];
    const asked = { task: "send parcel 77 to the customer", recent_steps, next_tool: "sing" };
    const { status, body } = await call("/v1/advise", asked);
    expect(status).toBe(200);
    expect(body.next_tools[0]).toMatchObject({
      tool: "level_scale",
      episodes: expect.arrayContaining(["run-1"]),
    });
    expect(body.recoveries[0]).toMatchObject({ tool: "weigh", likeness: 1, path: ["level_scale"] });
    expect(body.proposed).toMatchObject({ tool: "sing", verdict: "unusual", rank: null });
    expect(body.outlook).toMatchObject({ base_rate: 1, runs: 3 });
    const { id } = (await call("/v1/episodes", { task: asked.task })).body;
    await call(`/v1/episodes/${id}/complete`, {
      outcome: { type: "success" },
      recall_id: body.recall_id,
    });
    const stats = (await service.call("GET", "/v1/stats", { key: mine })).body;
    expect(stats.recall_effect).toMatchObject({
      with_recall: { episodes: 1, rate: 1 },
      without_recall: { episodes: 3 },
    });
    expect(stats.use.episodes.used).toBeGreaterThan(0);
    const wrong = await call("/v1/advise", { task: "t", recent_steps: [{ tool: "" }] });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain("recent_steps.0.tool");
  });

  it("takes the same step and the same request once", async () => {
    const id = await started();
    const body = { ...(step("look") as object), number: 1 };
    await service.call("POST", `/v1/episodes/${id}/steps`, { key, body });
    expect(
      (await service.call("POST", `/v1/episodes/${id}/steps`, { key, body })).body,
    ).toMatchObject({
      accepted: 0,
      duplicates: 1,
    });
    expect(
      (
        await service.call("POST", `/v1/episodes/${id}/steps`, {
          key,
          body: { ...body, tool: "other" },
        })
      ).status,
    ).toBe(409);
    const headers = { "Idempotency-Key": "one" };
    const once = await service.call("POST", "/v1/episodes", {
      key,
      headers,
      body: { task: "again" },
    });
    const twice = await service.call("POST", "/v1/episodes", {
      key,
      headers,
      body: { task: "again" },
    });
    expect(twice.body.id).toBe(once.body.id);
    expect(twice.headers.get("Idempotency-Replayed")).toBe("true");
    expect(
      (await service.call("POST", "/v1/episodes", { key, headers, body: { task: "else" } })).status,
    ).toBe(422);
  });

  it("numbers concurrent steps without a gap or a loss", async () => {
    const id = await started();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        service.call("POST", `/v1/episodes/${id}/steps`, { key, body: step("work") }),
      ),
    );
    const numbers = answers.map((answer) => Number(answer.body.last_number)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await service.call("GET", `/v1/episodes/${id}`, { key })).body.steps).toHaveLength(20);
  });

  it("amends with If-Match, and deletes everywhere", async () => {
    const id = await started("Rebook the zeppelin");
    const read = await service.call("GET", `/v1/episodes/${id}`, { key });
    const etag = read.headers.get("ETag") ?? "";
    expect(
      (await service.call("GET", `/v1/episodes/${id}`, { key, headers: { "If-None-Match": etag } }))
        .status,
    ).toBe(304);
    const patch = { key, body: { tags: ["a"] }, headers: { "If-Match": etag } };
    expect((await service.call("PATCH", `/v1/episodes/${id}`, patch)).status).toBe(200);
    expect((await service.call("PATCH", `/v1/episodes/${id}`, patch)).status).toBe(412);
    await service.call("POST", `/v1/episodes/${id}/complete`, {
      key,
      body: { outcome: { type: "success" } },
    });
    const found = async (): Promise<number> =>
      (await service.call("POST", "/v1/recall", { key, body: { task: "zeppelin" } })).body.episodes
        .length;
    expect(await found()).toBe(1);
    expect((await service.call("DELETE", `/v1/episodes/${id}`, { key })).status).toBe(204);
    expect((await service.call("GET", `/v1/episodes/${id}`, { key })).status).toBe(404);
    expect(await found()).toBe(0);
  });

  it("lists by filter, newest first, page by page", async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const body = {
        task: `page ${n}`,
        context: { domain: "paging" },
        tags: n % 2 === 0 ? ["even"] : [],
      };
      await service.call("POST", "/v1/episodes", { key, body });
    }
    const tasks: string[] = [];
    let cursor = "";
    for (let pages = 0; pages < 5; pages++) {
      const page = await service.call("GET", `/v1/episodes?domain=paging&limit=2${cursor}`, {
        key,
      });
      tasks.push(...page.body.episodes.map((episode: { task: string }) => episode.task));
      if (page.body.next_cursor === null) break;
      cursor = `&cursor=${page.body.next_cursor}`;
    }
    expect(tasks).toEqual(["page 5", "page 4", "page 3", "page 2", "page 1"]);
    const even = await service.call("GET", "/v1/episodes?tag=even&text=PAGE", { key });
    expect(even.body.episodes.map((episode: { task: string }) => episode.task)).toEqual([
      "page 4",
      "page 2",
    ]);
  });

  it("keeps depends_on acyclic, and hands over from a checkpoint", async () => {
    const [a, b] = [await started(), await started()];
    const tie = (from: string, to: string): ReturnType<Service["call"]> =>
      service.call("POST", `/v1/episodes/${from}/relationships`, {
        key,
        body: { type: "depends_on", to },
      });
    expect((await tie(a, b)).status).toBe(201);
    expect((await tie(b, a)).body.code).toBe("cycle");
    await service.call("POST", `/v1/episodes/${a}/steps`, { key, body: step("one") });
    const checkpoint = await service.call("POST", `/v1/episodes/${a}/checkpoints`, {
      key,
      body: { reason: "shift ends", state: { left: 2 } },
    });
    expect(checkpoint.status).toBe(201);
    await service.call("POST", `/v1/episodes/${a}/steps`, {
      key,
      body: step("two", { type: "error", message: "no" }),
    });
    const pack = await service.call("GET", `/v1/episodes/${a}/handoff`, { key });
    expect(pack.body).toMatchObject({
      checkpoint: { state: { left: 2 }, step_number: 1 },
      progress: { steps: 2, succeeded: 1, failed: 1 },
    });
    expect(pack.body.open_errors).toEqual([{ step_number: 2, tool: "two", message: "no" }]);
  });

  it("names the field and the bound of what it refuses", async () => {
    const long = await service.call("POST", "/v1/episodes", {
      key,
      body: { task: "x".repeat(10_001), tsk: 1 },
    });
    expect(long.status).toBe(400);
    const said = JSON.stringify(long.body.errors);
    expect(said).toContain("10000");
    expect(said).toContain("tsk");
    const id = await started();
    const output = "x".repeat(65_537);
    const big = await service.call("POST", `/v1/episodes/${id}/steps`, {
      key,
      body: step("t", { type: "success", output }),
    });
    expect(JSON.stringify(big.body.errors)).toContain("65536");
    expect(
      (
        await service.call("POST", "/v1/episodes", {
          key,
          body: "{",
          headers: { "Content-Type": "text/plain" },
        })
      ).status,
    ).toBe(415);
    expect((await service.call("PUT", "/v1/episodes", { key })).headers.get("Allow")).toBe(
      "POST, GET, HEAD, OPTIONS",
    );
  });

  it("waits for the database when it is asked to", async () => {
    const answer = await service.call("POST", "/v1/episodes", {
      key,
      body: { task: "wait" },
      headers: { Prefer: "wait=stored" },
    });
    expect(answer.headers.get("Memory-Durability")).toBe("stored");
  });

  it("refuses a revoked key at once", async () => {
    const admin = "an-admin-token-for-tests-only";
    const made = await service.call("POST", "/admin/keys", {
      key: admin,
      body: { name: "k", scopes: ["read"], namespaces: ["first"] },
    });
    expect((await service.call("GET", "/v1/stats", { key: made.body.key })).status).toBe(200);
    expect(
      (await service.call("POST", "/v1/episodes", { key: made.body.key, body: { task: "no" } }))
        .status,
    ).toBe(403);
    await service.call("DELETE", `/admin/keys/${made.body.id}`, { key: admin });
    expect((await service.call("GET", "/v1/stats", { key: made.body.key })).status).toBe(401);
  });
});
