import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admin, jobDone, run } from "../../support/service/jobs.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const OLD = "ab".repeat(32);
const NEW = "cd".repeat(32);

let database: Sqld;
let service: Service;
let key: string;
/** A full backup of the old key, and what was taken first after the rotation. */
let old: string;
let rotated: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { BACKUP_KEY: OLD });
  key = await service.key("k");
  await service.call("POST", "/v1/episodes", { key, body: { task: "lock the shed" } });
  await admin(service, "POST", "/admin/storage/flush");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function deploy(BACKUP_KEY: string): Promise<void> {
  await service.kill();
  await service.start({ BACKUP_KEY });
}
const verify = async (id: string): Promise<[string, string | null]> => {
  const job = await jobDone(service, await admin(service, "POST", `/admin/backups/${id}/verify`));
  return [job.status, job.error];
};
async function backupCheck(): Promise<{ status: string; message: string }> {
  const { checks } = (await admin(service, "GET", "/health/ready")).body;
  return checks.find(({ name }: { name: string }) => name === "backup");
}

describe("BACKUP_KEY on the production bundle", () => {
  it("is rotated as RB-003 says: the new key writes, the old one goes on reading", async () => {
    old = (await run(service, "/admin/backups", { kind: "full" })).id;
    await deploy(`${NEW},${OLD}`);
    const taken = await run(service, "/admin/backups", { kind: "incremental" });
    expect(taken).toMatchObject({ kind: "full", broken: null });
    rotated = taken.id;
    expect([await verify(old), await verify(rotated)]).toEqual([
      ["succeeded", null],
      ["succeeded", null],
    ]);
    const dry = await run(service, `/admin/backups/${old}/restore`, { dry_run: true });
    expect(dry).toMatchObject({ authentic: true, backup: old });
    const { backups } = (await admin(service, "GET", "/admin/backups")).body;
    expect(backups.map((own: { authentic: boolean }) => own.authentic)).toEqual([true, true]);
  });

  it("without the old key opens what the new one wrote, and names the key that is missing", async () => {
    await deploy(NEW);
    expect(await verify(rotated)).toEqual(["succeeded", null]);
    const [status, error] = await verify(old);
    expect([status, error]).toEqual([
      "failed",
      expect.stringMatching(/is of the key [0-9a-f]{16}/),
    ]);
  });

  it("may lose its old key once the keys of backups are wrapped anew", async () => {
    await deploy(`${NEW},${OLD}`);
    const done = await run(service, "/admin/backups/rewrap", {});
    expect(done).toMatchObject({ rewrapped: [old], current: 1, refused: [] });
    await deploy(NEW);
    expect(await verify(old)).toEqual(["succeeded", null]);
    const dry = await run(service, `/admin/backups/${old}/restore`, { dry_run: true });
    expect(dry).toMatchObject({ authentic: true, backup: old });
  });

  it("that is malformed stops nothing but backups, and readiness names it", async () => {
    await deploy("not a key");
    expect((await service.call("GET", "/health/live", {})).status).toBe(200);
    const started = await service.call("POST", "/v1/episodes", { key, body: { task: "go on" } });
    expect(started.status).toBe(201);
    expect(await backupCheck()).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("BACKUP_KEY must be 64 hex digits"),
    });
    const asked = await admin(service, "POST", "/admin/backups", { kind: "full" });
    const job = await jobDone(service, asked);
    expect([job.status, job.error]).toEqual([
      "failed",
      "BACKUP_KEY: its newest key is malformed: nothing is written with it",
    ]);
    await deploy(NEW);
    await run(service, "/admin/backups", { kind: "full" });
    expect((await backupCheck()).status).toBe("healthy");
  });
});

describe("after the loss of everything but R2", () => {
  it("readiness knows within a health check which backups there are", async () => {
    await service.kill();
    service.forgetAllButR2();
    await service.start();
    await service.takeOver();
    expect((await backupCheck()).message).toMatch(/^no backup was made yet/);
    expect(await service.runCron("*/5 * * * *")).toBe(200);
    await until("readiness knows", async () =>
      (await backupCheck()).message.startsWith("the last backup succeeded"),
    );
  });
});
