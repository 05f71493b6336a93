import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf, storedSteps } from "../../support/service/database.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {
    BREAKER_OPEN_MS: "500",
    BREAKER_OPEN_MAX_MS: "1000",
  });
  key = await service.key("ops");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, {
    key: ADMIN_TOKEN,
    ...(body === undefined ? {} : { body }),
    headers: { "X-Actor": "ana" },
  });
const set = async (settings: Record<string, unknown>): Promise<void> => {
  expect((await admin("PUT", "/admin/config", { settings })).status).toBe(200);
};
const write = (path: string, body: unknown): Promise<Answer> =>
  service.call("POST", path, { key, body });
const read = (path: string): Promise<Answer> => service.call("GET", path, { key });
async function start(task = "t"): Promise<string> {
  const answer = await write("/v1/episodes", { task });
  expect(answer.status, answer.text).toBe(201);
  return String(answer.body.id);
}
const complete = (id: string): Promise<Answer> =>
  write(`/v1/episodes/${id}/complete`, { outcome: { type: "success" } });
interface View {
  instance: number;
  control_version: number;
  outbox: { rows: number; dead: number };
  breakers: { turso: { state: string } };
}
const instances = async (): Promise<View[]> =>
  (await admin("GET", "/admin/instances")).body.instances as View[];
const allSent = (): Promise<void> =>
  until("everything is sent", async () => {
    await admin("POST", "/admin/storage/flush");
    return (await instances()).every(({ outbox }) => outbox.rows === 0);
  });
const breakers = async (): Promise<string[]> =>
  (await instances()).map((view) => view.breakers.turso.state);

describe("settings at run time", () => {
  it("say their value, their bounds and their meaning", async () => {
    const { settings } = (await admin("GET", "/admin/config")).body;
    expect(settings.cache_max_size).toMatchObject({
      value: 5_000,
      source: "default",
      min: 1,
      max: 100_000,
    });
    expect(settings.breaker_open_ms).toMatchObject({ value: 500, source: "deployment" });
  });

  it.each([
    [{ cache_max_size: 0 }, "settings.cache_max_size"],
    [{ cache_max_size: 1.5 }, "settings.cache_max_size"],
    [{ batch_writes: "yes" }, "settings.batch_writes"],
    [{ log_level: "loud" }, "settings.log_level"],
    [{ no_such_thing: 1 }, "settings.no_such_thing"],
    [{ cache_max_size: 10, batch_size: -1 }, "settings.batch_size"],
  ])("refuse %j by name, and change nothing", async (settings, path) => {
    const before = (await admin("GET", "/admin/config")).body;
    const refused = await admin("PUT", "/admin/config", { settings });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, path]);
    expect((await admin("GET", "/admin/config")).body).toEqual(before);
  });

  it("reach every instance before the answer does, are audited, and survive a restart", async () => {
    await set({ cache_max_size: 1_234, log_level: "warn" });
    const config = (await admin("GET", "/admin/config")).body;
    for (const view of await instances()) expect(view.control_version).toBe(config.version);
    expect(config.audit.slice(0, 2)).toMatchObject([
      { by: "root (ana)", what: "log_level", from: null, to: "warn" },
      { by: "root (ana)", what: "cache_max_size", from: null, to: 1_234 },
    ]);
    await service.kill();
    await service.start();
    expect((await admin("GET", "/admin/config")).body.settings.cache_max_size.value).toBe(1_234);
    for (const view of await instances()) expect(view.control_version).toBe(config.version);
    await set({ cache_max_size: null, log_level: null });
    expect((await admin("GET", "/admin/config")).body.settings.cache_max_size).toMatchObject({
      value: 5_000,
      source: "default",
    });
  });
});

describe("maintenance", () => {
  it("refuses what would begin, with its message, and lets go on what runs", async () => {
    const running = await start();
    await admin("POST", "/admin/maintenance", { enabled: true, message: "We move house." });
    const refused = await write("/v1/episodes", { task: "new" });
    expect([refused.status, refused.body.code]).toEqual([503, "maintenance"]);
    expect(refused.body.detail).toContain("We move house.");
    expect(refused.headers.get("Retry-After")).toBe("60");
    expect((await write(`/v1/episodes/${running}/steps`, { tool: "t" })).status).toBe(201);
    expect((await complete(running)).status).toBe(200);
    expect((await read(`/v1/episodes/${running}`)).status).toBe(200);
    expect((await write("/v1/recall", { task: "t" })).status).toBe(200);
    expect((await admin("GET", "/admin/instances")).body.maintenance).toMatchObject({
      by: "root (ana)",
    });
    await admin("POST", "/admin/maintenance", { enabled: false });
    await complete(await start());
  });

  it("is left by a drain that says what still runs, and that all of it is durable", async () => {
    const running = await start();
    const early = (await admin("POST", "/admin/drain", { timeout_seconds: 1 })).body;
    expect(early).toMatchObject({ drained: false, active_episodes: 1 });
    expect(early.message).toContain("durable");
    await complete(running);
    expect((await admin("POST", "/admin/drain", { timeout_seconds: 30 })).body).toMatchObject({
      drained: true,
      active_episodes: 0,
      unsent_rows: 0,
    });
  });
});

describe("degraded mode by hand", () => {
  it("serves what the instance has, takes writes, and fails the rest at once", async () => {
    const id = await start();
    await admin("POST", "/admin/degraded", { enabled: true, message: "sparing the database" });
    const hit = await read(`/v1/episodes/${id}`);
    expect([hit.status, hit.headers.get("Memory-Cache")]).toEqual([200, "hit"]);
    const step = await write(`/v1/episodes/${id}/steps`, { tool: "t" });
    expect([step.status, step.headers.get("Memory-Durability")]).toEqual([201, "queued"]);
    const missed = await read("/v1/episodes/01900000-0000-7000-8000-000000000000");
    expect([missed.status, missed.body.code]).toEqual([503, "database_unavailable"]);
    expect(missed.body.detail).toContain("degraded");
    expect(Number(missed.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await read("/v1/episodes")).body.degraded).toBe(true);
    await admin("POST", "/admin/degraded", { enabled: false });
    expect((await read("/v1/episodes")).body.degraded).toBe(false);
    await complete(id);
    await allSent();
  });
});

describe("the circuit breaker's orders", () => {
  it("open it everywhere for a time, and reset it", async () => {
    await admin("POST", "/admin/circuit-breaker/open", {
      backend: "turso",
      ttl_seconds: 60,
      reason: "drill",
    });
    expect(await breakers()).toEqual(["forced_open", "forced_open"]);
    const id = await start();
    expect((await read("/v1/episodes/01900000-0000-7000-8000-000000000000")).status).toBe(503);
    await admin("POST", "/admin/circuit-breaker/reset", { backend: "turso" });
    expect(await breakers()).toEqual(["closed", "closed"]);
    await complete(id);
  });

  it("end by themselves, and are about one instance when they name it", async () => {
    await admin("POST", "/admin/circuit-breaker/open", {
      backend: "turso",
      ttl_seconds: 1,
      instance: 1,
    });
    expect(await breakers()).toEqual(["closed", "forced_open"]);
    await until("a trial closed it again", async () => (await breakers())[1] === "closed");
  });

  it.each([
    [{}, "backend"],
    [{ backend: "redb" }, "backend"],
    [{ backend: "turso", ttl_seconds: 0 }, "ttl_seconds"],
    [{ backend: "turso", surprise: true }, "surprise"],
  ])("refuse %j", async (body, path) => {
    const refused = await admin("POST", "/admin/circuit-breaker/open", body);
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, path]);
  });
});

describe("the circuit breaker before R2", () => {
  interface R2 {
    state: string;
    until: string | null;
    reason: string | null;
  }
  const r2 = async (): Promise<R2> =>
    ((await instances())[0] as unknown as { breakers: { r2: R2 } }).breakers.r2;
  const gauge = async (): Promise<string | undefined> =>
    /^memory_circuit_breaker_state\{[^}]*backend="r2"[^}]*\} (\d)$/m.exec(
      (await admin("GET", "/metrics")).text,
    )?.[1];
  const jobs = async (): Promise<Record<string, string>[]> =>
    (await admin("GET", "/admin/jobs")).body.jobs;

  it("forced open for 5 s refuses a backup with the reason, closes by itself, and the backup is made then", async () => {
    const order = { backend: "r2", ttl_seconds: 5, reason: "a drill" };
    const opened = await admin("POST", "/admin/circuit-breaker/open", order);
    expect(opened.status).toBe(200);
    const { state, until: end, reason } = await r2();
    expect([state, reason, await gauge()]).toEqual(["forced_open", "a drill", "1"]);
    const ready = (await service.call("GET", "/health/ready", { key: ADMIN_TOKEN })).body;
    const check = ready.checks.find(({ name }: { name: string }) => name === "circuit_breaker");
    expect(check.message).toContain("r2 forced_open at the Coordinator (a drill)");
    expect((await admin("GET", "/admin/backups")).body.code).toBe("not_ready");

    const started = await admin("POST", "/admin/backups", { kind: "full" });
    const id = String(started.body.id);
    let job: Record<string, unknown> = {};
    await until("the backup has failed", async () => {
      job = (await admin("GET", `/admin/jobs/${id}`)).body;
      return job["finished_at"] !== null;
    });
    expect(job).toMatchObject({ status: "failed", error: expect.stringContaining("(a drill)") });

    await until("it has closed by itself", async () => (await r2()).state === "closed");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(end ?? ""));
    expect(await gauge()).toBe("0");
    await until("the backup was tried again", async () =>
      (await jobs()).some(({ by, status }) => by?.includes(id) && status === "succeeded"),
    );
  });
});

describe("rate limits", () => {
  it("hold for one key, say what is left, and change while it runs", async () => {
    const limited = await service.key("limited");
    const get = (): Promise<Answer> => service.call("GET", "/v1/stats", { key: limited });
    await set({ rate_limit_per_second: 0.1, rate_limit_burst: 5 });
    const answers: Answer[] = [];
    for (let i = 0; i < 8; i++) answers.push(await get());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    expect(answers[0]?.headers.get("RateLimit-Policy")).toBe('"key";q=5;w=50');
    expect(answers[4]?.headers.get("RateLimit")).toMatch(/^"key";r=0;t=\d+$/);
    expect(Number(answers[5]?.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(answers[5]?.body.code).toBe("rate_limited");
    expect((await read("/v1/stats")).status).toBe(200);
    await set({ rate_limit_per_second: null, rate_limit_burst: null });
    expect((await get()).status).toBe(200);
  });
});

describe("too much at once", () => {
  it("is shed before the instance falls over", async () => {
    await set({ instance_in_flight_max: 2 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => write("/v1/recall", { task: "t" })),
    );
    await set({ instance_in_flight_max: null });
    const refused = answers.filter(({ status }) => status !== 200);
    for (const answer of refused) {
      expect([answer.status, answer.body.code, answer.headers.get("Retry-After")]).toEqual([
        503,
        "overloaded",
        "1",
      ]);
    }
    expect(refused.length).toBeLessThan(40);
    expect((await write("/v1/recall", { task: "t" })).status).toBe(200);
  });
});

describe("the outbox", () => {
  it("at its bound refuses new episodes, while running ones go on", async () => {
    const running = await Promise.all([start(), start(), start(), start()]);
    await allSent();
    await database.kill();
    await set({ outbox_max_rows: 5 });
    for (const id of running) {
      for (let i = 0; i < 6; i++)
        expect((await write(`/v1/episodes/${id}/steps`, { tool: "t" })).status).toBe(201);
    }
    const refused = await Promise.all(
      Array.from({ length: 8 }, () => write("/v1/episodes", { task: "new" })),
    );
    expect(refused.some(({ status, body }) => status === 503 && body.code === "outbox_full")).toBe(
      true,
    );
    await database.start();
    await allSent();
    await set({ outbox_max_rows: null });
    await complete(await start());
  });

  it("sets aside what the database never takes, sends the rest, and sends it again when asked", async () => {
    const poison =
      "CREATE TRIGGER poison BEFORE INSERT ON steps WHEN new.body LIKE '%arsenic%' BEGIN SELECT RAISE(ABORT, 'no'); END";
    await rowsOf(database.url, poison);
    const id = await start();
    for (const tool of ["bread", "arsenic", "water"])
      await write(`/v1/episodes/${id}/steps`, { tool });
    await until(
      "the others are stored",
      async () =>
        (await storedSteps(database.url)).filter((step) => step.startsWith(id)).length === 2,
    );
    const [letter] = (await admin("GET", "/admin/outbox/dead")).body.dead_letters;
    expect(letter).toMatchObject({
      table: "steps",
      key: ["ops", id, 2],
      reason: "constraint",
      tries: 1,
    });
    expect((await read(`/v1/episodes/${id}`)).body.steps).toHaveLength(3);
    await rowsOf(database.url, "DROP TRIGGER poison");
    expect((await admin("POST", "/admin/outbox/dead/retry")).body).toEqual({ retried: 1 });
    await allSent();
    expect((await storedSteps(database.url)).filter((step) => step.startsWith(id))).toHaveLength(3);
    expect((await admin("GET", "/admin/outbox/dead")).body.dead_letters).toEqual([]);
  });
});

describe("what an instance knows", () => {
  it("is read anew from the database when it is asked to, while it serves", async () => {
    const id = await start("paint the fence green");
    await write(`/v1/episodes/${id}/steps`, { tool: "brush" });
    await complete(id);
    await allSent();
    const synced = await admin("POST", "/admin/storage/sync", { namespace: "ops" });
    expect([synced.status, synced.body.namespaces]).toEqual([202, ["ops"]]);
    const recalled = await write("/v1/recall", { task: "paint a fence" });
    expect(recalled.body.episodes[0].id).toBe(id);
    await until(
      "it is loaded",
      async () =>
        (await write("/v1/recall", { task: "paint a fence" })).body.served_by === "instance",
    );
    expect((await write("/v1/recall", { task: "paint a fence" })).body.episodes[0].id).toBe(id);
  });

  it("is shown, marked as stale, when it is too old and the database is away", async () => {
    const id = await start();
    await complete(id);
    await allSent();
    await set({ cache_ttl_seconds: 1 });
    await sleep(1_100);
    await database.kill();
    const stale = await read(`/v1/episodes/${id}`);
    // The alarm may have dropped it already: then only the database can answer.
    if (stale.status === 200) expect(stale.headers.get("Memory-Cache")).toBe("stale");
    else expect(stale.status).toBe(503);
    await database.start();
    // What is stale is answered with 200 too, so the status alone would not tell that the database
    // was asked.
    await until("it is read again", async () => {
      const again = await read(`/v1/episodes/${id}`);
      return again.status === 200 && /^(hit|miss)$/.test(again.headers.get("Memory-Cache") ?? "");
    });
    await set({ cache_ttl_seconds: null });
  });
});

describe("a caller's own deadline", () => {
  it("bounds how long the database is waited for", async () => {
    const refused = await service.call("GET", "/v1/episodes/x", {
      key,
      headers: { "Request-Timeout": "soon" },
    });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, "Request-Timeout"]);
    const fine = await service.call("GET", "/v1/stats", {
      key,
      headers: { "Request-Timeout": "20000" },
    });
    expect(fine.status).toBe(200);
  });
});
