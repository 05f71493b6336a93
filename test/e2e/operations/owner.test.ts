import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { rowsOf } from "../../support/service/database.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let first: Sqld;
let second: Sqld;
let one: Service;
let two: Service;
let keyOfOne: string;
let keyOfTwo: string;

beforeAll(async () => {
  [first, second] = await Promise.all([Sqld.start(), Sqld.start()]);
  [one, two] = await Promise.all([Service.start(first.url), Service.start(second.url)]);
  [keyOfOne, keyOfTwo] = await Promise.all([one.key("a"), two.key("b")]);
});
afterAll(async () => {
  await Promise.all([one.remove(), two.remove()]);
  await Promise.all([first.remove(), second.remove()]);
});

const admin = (service: Service, method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) });
const ready = async (service: Service): Promise<string> =>
  (await admin(service, "GET", "/health/ready")).body.status;
const check = async (service: Service, name: string): Promise<{ message: string }> =>
  (await admin(service, "GET", "/health/ready")).body.checks.find(
    (one: { name: string }) => one.name === name,
  );
const deployment = async (service: Service): Promise<Answer["body"]> =>
  (await admin(service, "GET", "/admin/deployment")).body;
const takeOver = (service: Service, from: string): Promise<Answer> =>
  admin(service, "POST", "/admin/deployment/takeover", { from });

async function recorded(service: Service, key: string, task: string): Promise<string> {
  const answer = await service.call("POST", "/v1/episodes", { key, body: { task } });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
const isIn = async (database: Sqld, id: string): Promise<boolean> =>
  (await rowsOf(database.url, `SELECT 1 AS n FROM episodes WHERE id = '${id}'`)).length > 0;

describe("a deployment that comes to another's database", () => {
  it("writes nothing to it, says whose it is, and keeps what it is told for its own", async () => {
    const there = await recorded(one, keyOfOne, "moor the barge");
    await until("it is stored", () => isIn(first, there));
    await until("the other has its own", () => isReady(two));

    await two.kill();
    await two.start({}, first.url);
    const id = await recorded(two, keyOfTwo, "splice the rope");
    await until("it knows", async () => (await ready(two)) === "unhealthy");
    const said = await admin(two, "GET", "/health/ready");
    expect(said.status).toBe(503);
    expect((await check(two, "storage")).message).toMatch(/\[foreign\].*deployment show/);
    const { id: own } = await deployment(one);
    expect((await deployment(two)).database).toMatchObject({ state: "foreign", deployment: own });

    const held = await two.call("GET", `/v1/episodes/${id}`, { key: keyOfTwo });
    expect([held.status, held.body.task]).toEqual([200, "splice the rope"]);
    // The other's is not read, whoever asks.
    const asked = await two.call("GET", `/v1/episodes/${there}`, { key: ADMIN_TOKEN });
    expect(asked.status).not.toBe(200);
    const migrated = await admin(two, "POST", "/admin/migrations", { execute: true });
    expect([migrated.status, migrated.body.code]).toEqual([409, "conflict"]);
    expect(await ready(one)).toBe("healthy");
    expect(await isIn(first, id)).toBe(false);

    await two.kill();
    await two.start({}, second.url);
    await until("it has what was recorded meanwhile", () => isIn(second, id));
    await until("it is well", () => isReady(two));
    expect(await isIn(first, id)).toBe(false);
  });

  it("takes it over when it is asked to by the owner's name, and the owner stops", async () => {
    const before = await recorded(one, keyOfOne, "paint the hull");
    await until("it is stored", () => isIn(first, before));
    const { id: owner } = await deployment(one);
    await two.kill();
    await two.start({}, first.url);
    const kept = await recorded(two, keyOfTwo, "caulk the deck");

    const wrong = await takeOver(two, "somebody");
    expect([wrong.status, wrong.body.code]).toEqual([409, "conflict"]);
    const taken = await takeOver(two, owner);
    expect(taken.status).toBe(200);
    expect(taken.body.database).toMatchObject({ state: "own", deployment: taken.body.id });
    await until("it is well", () => isReady(two));
    await until("what waited is stored", () => isIn(first, kept));
    const got = await two.call("GET", `/v1/episodes/${before}`, { key: keyOfOne });
    expect([got.status, got.body.task]).toEqual([200, "paint the hull"]);
    const { audit } = (await admin(two, "GET", "/admin/config")).body;
    expect(audit[0]).toMatchObject({ what: "deployment", from: { owner } });

    const late = await recorded(one, keyOfOne, "too late");
    await until("the former owner says so", async () => (await ready(one)) === "unhealthy");
    expect(await isIn(first, late)).toBe(false);
    await one.takeOver();
    await until("it is the former owner's again", () => isReady(one));
    await until("what it held is stored", () => isIn(first, late));
    await until("the other has stopped", async () => (await ready(two)) === "unhealthy", 60_000);
    await two.kill();
    await two.start({}, second.url);
  });
});

describe("a deployment that lost its objects", () => {
  it("is the same after the loss of the Coordinator's storage", async () => {
    const { id } = await deployment(one);
    await recorded(one, keyOfOne, "trim the sails");
    await one.kill();
    for (const file of one.filesOf("Coordinator")) rmSync(file);
    await one.start();
    expect((await deployment(one)).id).toBe(id);
    await until("it is well", () => isReady(one));
  });

  it("reads another's bucket and writes to it after a takeover", async () => {
    const backUp = async (): Promise<Answer["body"]> => {
      const job = (await admin(two, "POST", "/admin/backups", { kind: "full" })).body;
      let seen: Answer["body"] = job;
      await until("the job has ended", async () => {
        seen = (await admin(two, "GET", `/admin/jobs/${job.id}`)).body;
        return seen.finished_at !== null;
      });
      return seen;
    };
    await until("it is well", () => isReady(two));
    expect((await backUp()).status).toBe("succeeded");
    const { id: lost } = await deployment(two);
    const fresh = await Sqld.start();
    try {
      await two.kill();
      two.forgetAllButR2();
      await two.start({}, fresh.url);
      expect((await deployment(two)).bucket).toMatchObject({ state: "foreign", deployment: lost });
      expect(await backUp()).toMatchObject({
        status: "failed",
        error: expect.stringContaining("the bucket is marked"),
      });
      expect((await check(two, "backup")).message).toContain("memory-cli deployment show");
      expect((await admin(two, "GET", "/admin/backups")).body.backups).toHaveLength(1);
      expect((await takeOver(two, lost)).status).toBe(200);
      expect((await backUp()).status).toBe("succeeded");
    } finally {
      await two.kill();
      await fresh.remove();
    }
  });
});

async function isReady(service: Service): Promise<boolean> {
  return (await ready(service)) !== "unhealthy";
}
