import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOf } from "../../support/backups/ports.ts";
import { rowsOf } from "../../support/service/database.ts";
import { admin, jobDone, run } from "../../support/service/jobs.ts";
import { Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { BACKUP_KEY: "ab".repeat(32) });
  key = await service.key("b");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key, ...(body === undefined ? {} : { body }) });
async function episode(task: string): Promise<string> {
  const started = await call("POST", "/v1/episodes", { task });
  const id = String(started.body.id);
  await call("POST", `/v1/episodes/${id}/steps`, {
    tool: "hammer",
    result: { type: "success", output: `${task} 😀` },
  });
  await call("POST", `/v1/episodes/${id}/complete`, {
    outcome: { type: "success", verdict: "done" },
  });
  return id;
}
const flush = (): Promise<void> =>
  until("everything is sent", async () => {
    const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
    return instances.every((view: { outbox?: { rows: number } }) => view.outbox?.rows === 0);
  });

describe("backups on the production bundle", () => {
  it("are taken whole and as increments, encrypted, listed and verified", async () => {
    await episode("build a shed");
    await flush();
    const full = await run(service, "/admin/backups", { kind: "full" });
    expect(full).toMatchObject({ kind: "full", note: null });
    await episode("paint the shed");
    await flush();
    const increment = await run(service, "/admin/backups", { kind: "incremental" });
    expect(increment).toMatchObject({ kind: "incremental", note: null });
    const { backups } = (await admin(service, "GET", "/admin/backups")).body;
    expect(backups.map((view: { id: string }) => view.id)).toEqual([increment.id, full.id]);
    expect(backups[0]).toMatchObject({ parent: full.id, encrypted: true, verified: { ok: true } });
    await run(service, `/admin/backups/${increment.id}/verify`);
    const drill = await run(service, "/admin/drills");
    expect(drill).toMatchObject({ backup: increment.id, differences: 0, ok: true });
    // Two episodes, two steps, the key, and what was learned.
    const content = await contentOf(database.url);
    expect(content["patterns"]?.length).toBeGreaterThan(0);
    expect(drill.rows).toBe(5 + Number(content["patterns"]?.length));
  });

  it("come back into an empty database, and the memory with them", async () => {
    await flush();
    const { id } = await run(service, "/admin/backups", { kind: "incremental" });
    const before = await contentOf(database.url);
    for (const table of Object.keys(before)) await rowsOf(database.url, `DELETE FROM ${table}`);
    const dry = await run(service, `/admin/backups/${id}/restore`, { dry_run: true });
    expect(dry.tables.episodes).toMatchObject({ missing: 2, changed: 0, surplus: 0, rows: 0 });
    const result = await run(service, `/admin/backups/${id}/restore`, { mode: "replace" });
    expect(result.tables.episodes.rows).toBe(2);
    const { api_keys: keys, ...rest } = before;
    // What was learned is learned again from what came back, and shown again.
    await until("all of it is learned", async () => {
      const { body } = await call("POST", "/v1/recall", { task: "paint a shed" });
      return body.completeness === 1;
    });
    await flush();
    const { api_keys: _later, ...restored } = await contentOf(database.url);
    expect(restored).toEqual(rest);
    // No restore writes keys: the Coordinator has them, and sends them.
    await until("the keys are there", async () => {
      const now = await contentOf(database.url);
      return JSON.stringify(now["api_keys"]) === JSON.stringify(keys);
    });
    const recalled = await call("POST", "/v1/recall", { task: "paint a shed" });
    expect(recalled.body.episodes.length).toBe(2);
    expect((await admin(service, "GET", "/health/ready")).status).toBe(200);
  });

  it.each([
    ["POST", "/admin/backups/nothing/restore", {}],
    ["POST", "/admin/backups/nothing/verify", undefined],
    ["DELETE", "/admin/backups/nothing", undefined],
    ["GET", "/admin/backups/nothing", undefined],
  ])("that nobody knows are not found, and no job is begun: %s %s", async (method, path, body) => {
    const refused = await admin(service, method, path, body);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      404,
      "not_found",
      "There is no backup nothing.",
    ]);
  });

  it("are restored at instances that there are, of a snapshot", async () => {
    const { id, database: whole } = await run(service, "/admin/backups", { kind: "snapshot" });
    const restore = (backup: string, instance: number) =>
      admin(service, "POST", `/admin/backups/${backup}/restore`, { instance, dry_run: true });
    const { instances } = (await admin(service, "GET", `/admin/backups/${id}`)).body;
    expect(instances).toBeGreaterThan(0);
    const beyond = await restore(id, 9);
    expect([beyond.status, beyond.body.errors]).toEqual([
      400,
      [{ path: "instance", message: expect.stringContaining("must be from 0 to") }],
    ]);
    expect((await restore(whole.id, 0)).body.errors[0].message).toMatch(/is a part of a snapshot/);
    expect((await jobDone(service, await restore(id, instances - 1))).status).toBe("succeeded");
  });

  it("do not bring back what was deleted since, unless they are asked to", async () => {
    const id = await episode("dig a pond");
    await flush();
    const { id: backup } = await run(service, "/admin/backups", { kind: "incremental" });
    await call("DELETE", `/v1/episodes/${id}`);
    await flush();
    await run(service, `/admin/backups/${backup}/restore`, { namespace: "b" });
    expect((await call("GET", `/v1/episodes/${id}`)).status).toBe(404);
    await run(service, `/admin/backups/${backup}/restore`, {
      namespace: "b",
      episode: id,
      deleted: "bring_back",
    });
    const back = await call("GET", `/v1/episodes/${id}`);
    expect([back.status, back.body.steps?.[0]?.result.output]).toEqual([200, "dig a pond 😀"]);
    await until("it is recalled again", async () => {
      const recalled = await call("POST", "/v1/recall", { task: "dig a pond" });
      return recalled.body.episodes[0]?.id === id;
    });
  });

  it("lose nothing that was acknowledged while a restore ran", async () => {
    await service.import(
      key,
      Array.from({ length: 400 }, (_, i) => ({
        type: "episode",
        id: `many-${i}`,
        task: `carry stone ${i}`,
        steps: [{ tool: "carry", result: { type: "success" } }],
        outcome: { type: "success", verdict: "done" },
      })),
    );
    await flush();
    const { id: backup } = await run(service, "/admin/backups", { kind: "full" });
    const started = await admin(service, "POST", `/admin/backups/${backup}/restore`, {
      mode: "replace",
    });
    const ids: string[] = [];
    // What was sent before the restore had the database is newer than the backup, and goes.
    let held = false;
    for (;;) {
      const job = (await admin(service, "GET", `/admin/jobs/${String(started.body.id)}`)).body;
      if (job.finished_at !== null) break;
      held ||= job.progress?.phase === "restore";
      const id = await episode(`written meanwhile ${ids.length}`);
      if (held) ids.push(id);
    }
    expect(ids.length).toBeGreaterThan(0);
    expect((await jobDone(service, started)).status).toBe("succeeded");
    await flush();
    for (const id of ids) expect((await call("GET", `/v1/episodes/${id}`)).status).toBe(200);
    const stored = await rowsOf(
      database.url,
      "SELECT id FROM episodes WHERE task LIKE 'written meanwhile%'",
    );
    expect(stored.map((row) => row["id"])).toEqual(expect.arrayContaining(ids));
  });
});

describe("snapshots", () => {
  it("hold what the database has not seen, and bring it back when everything else is gone", async () => {
    await flush();
    const { database: full } = await run(service, "/admin/backups", { kind: "snapshot" });
    await database.kill();
    const id = await episode("only the instance knows");
    const taken = await jobDone(
      service,
      await admin(service, "POST", "/admin/backups", { kind: "snapshot" }),
    );
    await database.start();
    expect([taken.status, taken.error]).toEqual(["failed", expect.stringContaining("was taken.")]);
    for (const table of Object.keys(await contentOf(database.url))) {
      if (table !== "api_keys") await rowsOf(database.url, `DELETE FROM ${table}`);
    }
    await run(service, `/admin/backups/${full.id}/restore`, { mode: "replace", outbox: "keep" });
    await run(service, `/admin/backups/${taken.result.id}/restore`, {});
    const stored = await rowsOf(
      database.url,
      `SELECT id FROM steps JOIN episodes ON episode_id = id WHERE id = '${id}'`,
    );
    expect(stored).toHaveLength(1);
  });
});

describe("jobs", () => {
  it("are one for one Idempotency-Key, and are reported", async () => {
    const headers = { "Idempotency-Key": "weekly-1" };
    const options = { key: "an-admin-token-for-tests-only", body: { kind: "full" }, headers };
    const [first, second] = await Promise.all([
      service.call("POST", "/admin/backups", options),
      service.call("POST", "/admin/backups", options),
    ]);
    expect(first.body.id).toBe(second.body.id);
    const job = await jobDone(service, first);
    expect(job.progress.percent).toBe(100);
    const { jobs } = (await admin(service, "GET", "/admin/jobs?limit=5")).body;
    expect(jobs[0].id).toBe(first.body.id);
    const again = await admin(service, "POST", `/admin/jobs/${job.id}/cancel`, {});
    expect([again.status, again.body.code]).toEqual([409, "conflict"]);
  });

  it("are started by the clock once for each time, and only by times that somebody knows", async () => {
    const tick = (): Promise<number> => service.runCron("30 5 * * *", 1_800_000_000_000);
    await Promise.all([tick(), tick()]);
    await tick();
    const { jobs } = (await admin(service, "GET", "/admin/jobs")).body;
    const mine = jobs.filter(
      (job: { kind: string; by: string }) => job.kind === "retention" && job.by === "cron",
    );
    expect(mine).toHaveLength(1);
  });
});

describe("what is asked of backups", () => {
  it.each([
    ["/admin/backups", { kind: "daily" }, "kind"],
    ["/admin/backups", { kind: "incremental", window_days: 3 }, "window_days"],
    ["/admin/backups", { window_days: 0 }, "window_days"],
    ["/admin/backups/x/restore", { episode: "e" }, "namespace"],
    ["/admin/backups/x/restore", { mode: "overwrite" }, "mode"],
    ["/admin/backups/x/restore", { surprise: 1 }, "surprise"],
  ])("%s refuses %j", async (path, body, field) => {
    const refused = await admin(service, "POST", path, body);
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, field]);
  });
});
