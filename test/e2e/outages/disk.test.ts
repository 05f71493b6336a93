/**
 * The database's own disk: full, and then with room again; a page of it broken.
 */
import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { rowsOf, storedSteps } from "../../support/service/database.ts";
import { spoilPage } from "../../support/service/damage.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
afterEach(async () => {
  await service.remove();
  await database.remove();
});

interface Seen {
  outbox: { rows: number; dead: number; last_error: string | null };
  breakers: { turso: { state: string } };
}
const seen = async (): Promise<Seen[]> =>
  (await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN })).body.instances as Seen[];

async function check(name: string): Promise<{ status: string; message: string } | undefined> {
  const { body } = await service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
  return (body.checks as { name: string; status: string; message: string }[]).find(
    (one) => one.name === name,
  );
}

const STEPS = 3;

/** An episode with its steps, acknowledged. */
async function episode(key: string, output = "done"): Promise<string> {
  const started = await service.call("POST", "/v1/episodes", { key, body: { task: "go on" } });
  expect(started.status).toBe(201);
  for (let i = 0; i < STEPS; i++) {
    const body = { tool: "work", result: { type: "success", output } };
    expect(
      (await service.call("POST", `/v1/episodes/${started.body.id}/steps`, { key, body })).status,
    ).toBe(201);
  }
  return String(started.body.id);
}
const drained = (): Promise<void> =>
  until(
    "every row is sent",
    async () => (await seen()).every(({ outbox }) => outbox.rows === 0),
    60_000,
  );

describe.runIf(process.platform === "linux")("a database whose disk is full", () => {
  it("gets everything once there is room, in order and without an operator; until then it is named, and no row is set aside", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url, {
      BREAKER_WINDOW_SIZE: "4",
      BREAKER_MINIMUM_CALLS: "2",
    });
    const key = await service.key("disk");
    const ids = [await episode(key)];
    await drained();

    database.fillDisk();
    await until("both instances ask it no more", async () => {
      ids.push(await episode(key));
      return (await seen()).every(({ breakers }) => breakers.turso.state !== "closed");
    });
    await until("readiness names it", async () =>
      /\[disk\]/.test((await check("storage"))?.message ?? ""),
    );
    expect(await check("storage")).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(/its disk is full.*make room/i) as unknown,
    });
    expect((await seen()).map(({ outbox }) => outbox.dead)).toEqual([0, 0]);

    database.makeRoom();
    await drained();
    expect((await seen()).map(({ outbox }) => outbox.dead)).toEqual([0, 0]);
    const steps = ids.flatMap((id) => Array.from({ length: STEPS }, (_, i) => `${id} ${i + 1}`));
    expect(await storedSteps(database.url)).toEqual(steps.sort());
    const order = await rowsOf(
      database.url,
      "SELECT episode_id AS id, number FROM steps ORDER BY rowid",
    );
    for (const id of ids) {
      const numbers = order.filter((row) => row["id"] === id).map((row) => Number(row["number"]));
      expect([...new Set(numbers)]).toEqual([1, 2, 3]);
    }
    await until("it is well again", async () => (await check("storage"))?.status === "healthy");
  });
});

describe("a database with a damaged page", () => {
  it("is told from one that is out of reach, with what mends it; no row is set aside for it", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url);
    const key = await service.key("damage");
    const id = await episode(key, "what-the-page-has");
    await drained();
    // Only the database has it then.
    await service.kill();
    service.forgetAllButR2();
    await database.kill();
    spoilPage(database.file, "what-the-page-has");
    await database.start();
    await service.start();
    await service.takeOver();

    const answer = await service.call("GET", `/v1/episodes/${id}`, { key });
    expect([answer.status, answer.body.code]).toEqual([503, "database_unavailable"]);
    expect(answer.body.detail).toContain("a part of it is damaged (corrupt: SQLITE_CORRUPT)");
    const storage = await check("storage");
    expect(storage).toMatchObject({ status: "degraded" });
    expect(storage?.message).toMatch(/\[corrupt\].*Restore .* into a new database.*RB-003/);

    await episode(key);
    await until("a batch met it", async () =>
      (await seen()).some(({ outbox }) => outbox.last_error === "corrupt: SQLITE_CORRUPT"),
    );
    expect((await seen()).map(({ outbox }) => outbox.dead)).toEqual([0, 0]);
  });
});

describe("an instance with a damaged page", () => {
  const EPISODES = 30;
  const text = (i: number): string => `output of ${i}: ${"x".repeat(1_200)}`;
  const read = (key: string, ids: readonly string[]) =>
    Promise.all(ids.map((id) => service.call("GET", `/v1/episodes/${id}`, { key })));
  /** @param of the beginning of a text: what of it is behind may be on another page */
  async function spoil(of: string, type: "leaf" | "interior"): Promise<void> {
    await service.kill();
    const [file = ""] = service.filesOf("MemoryInstance");
    spoilPage(file, of, type);
  }
  async function startEmpty(): Promise<void> {
    await service.kill();
    for (const file of service.filesOf("MemoryInstance")) {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    }
    await service.start();
  }

  it("reads from the database what it cannot read itself, says so, and serves the rest", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url, { INSTANCE_COUNT: "1" });
    const key = await service.key("local");
    const ids: string[] = [];
    for (let i = 0; i < EPISODES; i++) ids.push(await episode(key, text(i)));
    await drained();
    await spoil(text(15).slice(0, 200), "leaf");
    await service.start();

    const answers = await read(key, ids);
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
    const outputs = answers.map(({ body }) =>
      body.steps.map((step: { result: { output: string } }) => step.result.output),
    );
    expect(outputs).toEqual(ids.map((_, i) => [text(i), text(i), text(i)]));
    expect(await check("instances")).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(
        /^instances 0: a page of their own storage is damaged.*RB-006/,
      ) as unknown,
    });
    const metrics = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
    expect(metrics.text).toMatch(/^memory_local_damage_total\{instance="0"\} [1-9]/m);
    expect(service.log()).toContain("local_storage_corrupt");
    // It goes on, and with an empty storage it is well: all was sent.
    ids.push(await episode(key));
    await drained();
    await startEmpty();
    expect((await read(key, ids)).map(({ status, body }) => [status, body.steps.length])).toEqual(
      ids.map(() => [200, STEPS]),
    );
    expect(await check("instances")).toMatchObject({ status: "healthy" });
  });

  it("that most of a table hangs on serves what the database has, refuses what it cannot write, and does not hang", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url, { INSTANCE_COUNT: "1" });
    const key = await service.key("local");
    const ids: string[] = [];
    for (let i = 0; i < EPISODES; i++) ids.push(await episode(key, text(i)));
    await drained();
    await spoil("output of ", "interior");
    await service.start();

    const whole = ids.map(() => [200, STEPS]);
    const found = async () =>
      (await read(key, ids)).map(({ status, body }) => [status, body.steps.length]);
    expect(await found()).toEqual(whole);
    const started = await service.call("POST", "/v1/episodes", { key, body: { task: "go on" } });
    expect(started.status).toBe(201);
    const step = { tool: "work", result: { type: "success", output: "done" } };
    const path = `/v1/episodes/${started.body.id}/steps`;
    const added = await service.call("POST", path, { key, body: step });
    expect(added.status).toBeGreaterThanOrEqual(500);
    expect(await found()).toEqual(whole);
    expect(await check("instances")).toMatchObject({ status: "degraded" });

    // What is unsent when the storage is taken away is lost with it.
    const stored = `SELECT id FROM episodes WHERE id = '${String(started.body.id)}'`;
    await until(
      "the database has what was started",
      async () => (await rowsOf(database.url, stored)).length > 0,
    );
    await startEmpty();
    expect((await service.call("POST", path, { key, body: step })).status).toBe(201);
    expect(await found()).toEqual(whole);
    expect(await check("instances")).toMatchObject({ status: "healthy" });
  });

  it("does not pass off the database's copy of an episode of which something is unsent", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url, { INSTANCE_COUNT: "1" });
    const key = await service.key("local");
    const ids: string[] = [];
    for (let i = 0; i < EPISODES; i++) ids.push(await episode(key));
    await drained();
    await database.kill();
    for (const [i, id] of ids.entries()) {
      const body = { tool: "work", result: { type: "success", output: text(i) } };
      expect((await service.call("POST", `/v1/episodes/${id}/steps`, { key, body })).status).toBe(
        201,
      );
    }
    await spoil(text(15).slice(0, 200), "leaf");
    await database.start();
    await service.start();
    const damaged = (await read(key, ids)).filter(({ status }) => status !== 200);
    expect(damaged.map(({ body }) => body.code)).toEqual(damaged.map(() => "internal"));
    expect(damaged.length).toBeGreaterThan(0);
    const others = (await read(key, ids)).filter(({ status }) => status === 200);
    expect(others.every(({ body }) => body.steps.length === STEPS + 1)).toBe(true);
  });
});
