import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryClient } from "../../../client/index.ts";
import { admin, run } from "../../support/service/jobs.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const SETTINGS = "/v1/namespace/settings";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {
    BACKUP_KEY: "cd".repeat(32),
    RATE_LIMIT_PER_SECOND: "100000",
  });
  key = await service.key("held", ["read", "write", "admin"]);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key, ...(body === undefined ? {} : { body }) });
const shareNow = async (): Promise<number> =>
  (await call("GET", SETTINGS)).body.settings.recall_holdout;

/** An episode that asks when it begins. Answers whether it was held out. */
async function episode(n: number): Promise<boolean> {
  const started = await call("POST", "/v1/episodes", { task: `water plant ${n}` });
  const id = String(started.body.id);
  const recalled = await call("POST", "/v1/recall", { task: "water a plant", episode_id: id });
  const isHeld = recalled.body.held_out === true;
  const steps = { steps: Array.from({ length: isHeld ? 3 : 1 }, () => ({ tool: "pour" })) };
  await call("POST", `/v1/episodes/${id}/steps`, steps);
  const outcome = isHeld ? { type: "failure", reason: "too dry" } : { type: "success" };
  const ended = await call("POST", `/v1/episodes/${id}/complete`, { outcome });
  expect(ended.status).toBe(200);
  return isHeld;
}

describe("a hold-out over HTTP", () => {
  it("needs the scope admin, and refuses what is out of bounds", async () => {
    const plain = await service.key("held", ["read", "write"]);
    expect((await service.call("GET", SETTINGS, { key: plain })).status).toBe(403);
    for (const share of [0.6, -0.1, 0.125, "0.1"])
      expect((await call("PUT", SETTINGS, { recall_holdout: share })).status).toBe(400);
    expect((await call("PUT", SETTINGS, {})).status).toBe(400);
    expect((await call("PUT", SETTINGS, { recall_holdouts: 0.1 })).status).toBe(400);
    const root = { key: ADMIN_TOKEN, headers: { "X-Memory-Namespace": "held" } };
    expect((await service.call("GET", SETTINGS, root)).body.settings.recall_holdout).toBe(0);
  });

  it("is compared in the stats, told over MCP, and counted with the client's record", async () => {
    expect((await call("PUT", SETTINGS, { recall_holdout: 0.5 })).body).toMatchObject({
      namespace: "held",
      settings: { recall_holdout: 0.5 },
    });
    let held = 0;
    for (let n = 0; n < 24; n++) held += (await episode(n)) ? 1 : 0;
    expect(held).toBeGreaterThan(3);
    const { holdout } = (await call("GET", "/v1/stats")).body;
    expect(holdout).toMatchObject({
      share: 0.5,
      comparisons: [
        {
          share: 0.5,
          shown: { episodes: 24 - held, success: { rate: 1 }, mean_steps: 1 },
          held_out: { episodes: held, success: { rate: 0 }, mean_steps: 3 },
          effect: { success: { value: 1 }, steps: { value: -2 } },
          verdict: "helps",
        },
      ],
    });

    const seen = new Set<boolean>();
    for (let n = 0; n < 30 && seen.size < 2; n++) {
      const answer = await call("POST", "/mcp", {
        jsonrpc: "2.0",
        id: n,
        method: "tools/call",
        params: {
          name: "memory_recall",
          arguments: { task: "water", episode_id: `e${n}`, recent_steps: [{ tool: "pour" }] },
        },
      });
      seen.add(answer.text.includes("held_out"));
    }
    expect(seen.size).toBe(2);

    const client = new MemoryClient({ url: service.url, key, namespace: "held" });
    for (let n = 0; n < 8; n++)
      await client.record("water a plant", async (recording) => {
        const recalled = await recording.recall();
        await recording.tool("pour", {}, () => "wet");
        // One lot for all that a run is told.
        const advised = await recording.advise();
        expect(advised).not.toBeNull();
        expect(advised?.held_out).toBe(recalled?.held_out);
      });
    const after = (await client.stats()).holdout?.comparisons[0];
    expect((after?.shown.episodes ?? 0) + (after?.held_out.episodes ?? 0)).toBe(32);
  });

  it("comes back with a backup: the share, and the groups", async () => {
    const before = (await call("GET", "/v1/stats")).body.holdout;
    await until("everything is sent", async () => {
      const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
      return instances.every((view: { outbox?: { rows: number } }) => view.outbox?.rows === 0);
    });
    const { id } = await run(service, "/admin/backups", { kind: "full" });
    await call("PUT", SETTINGS, { recall_holdout: 0.1 });
    expect((await call("DELETE", "/v1/namespaces/held")).status).toBe(200);
    expect(await shareNow()).toBe(0);
    await run(service, `/admin/backups/${id}/restore`, { mode: "replace" });
    await until("the namespace is learned again", async () => {
      const { holdout } = (await call("GET", "/v1/stats")).body;
      return JSON.stringify(holdout) === JSON.stringify(before);
    });
    expect(await shareNow()).toBe(0.5);
  });
});
