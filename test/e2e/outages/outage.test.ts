import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf, storedSteps } from "../../support/service/database.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  key = await service.key("outage");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function start(task: string): Promise<string> {
  const answer = await service.call("POST", "/v1/episodes", { key, body: { task } });
  expect(answer.status).toBe(201);
  return String(answer.body.id);
}

async function log(id: string, tool: string): Promise<void> {
  const answer = await service.call("POST", `/v1/episodes/${id}/steps`, {
    key,
    body: { tool, result: { type: "success" } },
  });
  expect(answer.status).toBe(201);
}

describe("an outage of the database", () => {
  it("is not an outage of memory, and afterwards the database holds what was acknowledged, once", async () => {
    const before = await start("refuel the rocket");
    await log(before, "open_valve");
    await service.call("POST", `/v1/episodes/${before}/complete`, {
      key,
      body: { outcome: { type: "success" } },
    });
    await database.kill();

    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const id = await start(`refuel the rocket ${i}`);
      ids.push(id);
      await log(id, "open_valve");
      await log(id, "close_valve");
      const ended = await service.call("POST", `/v1/episodes/${id}/complete`, {
        key,
        body: { outcome: { type: "success" } },
      });
      expect(ended.body).toMatchObject({ status: "completed", learning: "done" });
      expect((await service.call("GET", `/v1/episodes/${id}`, { key })).body.steps).toHaveLength(2);
    }
    const open = await start("left open");
    await log(open, "wait");
    const recalled = await service.call("POST", "/v1/recall", {
      key,
      body: { task: "refuel a rocket", limit: 10 },
    });
    expect(recalled.status).toBe(200);
    expect(recalled.body.episodes.map((episode: { id: string }) => episode.id).sort()).toEqual(
      [before, ...ids].sort(),
    );
    const listed = await service.call("GET", "/v1/episodes?status=completed", { key });
    expect(listed.body).toMatchObject({ degraded: true });
    expect(listed.body.episodes).toHaveLength(6);
    const unknown = await service.call("GET", "/v1/episodes/01900000-0000-7000-8000-000000000000", {
      key,
    });
    expect(unknown.status).toBe(503);
    expect(Number(unknown.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
    const ready = await service.call("GET", "/health/ready");
    expect([ready.status, ready.body.status]).toEqual([200, "degraded"]);

    await database.start();
    const expected = [
      `${before} 1`,
      ...ids.flatMap((id) => [`${id} 1`, `${id} 2`]),
      `${open} 1`,
    ].sort();
    await until(
      "everything is stored",
      async () => (await storedSteps(database.url)).length >= expected.length,
      60_000,
    );
    expect(await storedSteps(database.url)).toEqual(expected);
    await until("every episode has its last version", async () => {
      const rows = await rowsOf(database.url, "SELECT status FROM episodes");
      return rows.length === 7 && rows.filter((row) => row["status"] === "completed").length === 6;
    });
    const again = await service.call("POST", "/v1/recall", {
      key,
      body: { task: "refuel a rocket", limit: 10 },
    });
    expect(again.body).toMatchObject({ degraded: false, completeness: 1 });
    expect(again.body.episodes).toHaveLength(6);
    await until("the service is healthy", async () => {
      return (await service.call("GET", "/health/ready")).body.status === "healthy";
    });
  });

  it("and a crash in the middle of it lose nothing that was acknowledged", async () => {
    await database.kill();
    const acknowledged: string[] = [];
    const tasks = ["one", "two", "three", "four"];
    const ids = await Promise.all(tasks.map(start));
    let running = true;
    const writers = ids.map(async (id) => {
      for (let n = 1; running && n <= 200; n++) {
        const body = { number: n, tool: "work" };
        const answer = await service
          .call("POST", `/v1/episodes/${id}/steps`, { key, body })
          .catch(() => null);
        if (answer?.status !== 201) return;
        acknowledged.push(`${id} ${n}`);
      }
    });
    await until("there is something to lose", () => acknowledged.length >= 60);
    await service.kill();
    running = false;
    await Promise.all(writers);
    await database.start();
    await service.start();
    // The instances wake for their alarms alone; nobody asks for the episodes.
    await until(
      "the acknowledged steps are stored",
      async () => {
        const stored = new Set(await storedSteps(database.url));
        return acknowledged.every((step) => stored.has(step));
      },
      60_000,
    );
    const stored = await storedSteps(database.url);
    expect(new Set(stored).size).toBe(stored.length);
    // At most the one request of each writer that was on its way may be there without its answer.
    const extra = stored.filter(
      (step) => ids.some((id) => step.startsWith(id)) && !acknowledged.includes(step),
    );
    expect(extra.length).toBeLessThanOrEqual(ids.length);
  });
});
