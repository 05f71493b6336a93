import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { SCHEMA_VERSION } from "../../../src/storage/index.ts";
import { FakeSentry } from "../../support/processes/sentry.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const HEALTH_CHECK = "*/5 * * * *";
/** Words that may be in no line of the log and in no report. */
const TASK = "transfer the xylophone of Ms Quill";

let database: Sqld;
let sentry: FakeSentry;
let service: Service;
let key: string;

beforeAll(async () => {
  [database, sentry] = await Promise.all([Sqld.start(), FakeSentry.start()]);
  service = await Service.start(database.url, {
    SENTRY_DSN: sentry.dsn,
    LOG_LEVEL: "debug",
    BREAKER_OPEN_MS: "500",
    BREAKER_OPEN_MAX_MS: "1000",
  });
  key = await service.key("watched");
});
afterAll(async () => {
  await service.remove();
  await Promise.all([database.remove(), sentry.remove()]);
});

const admin = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  service.call(method, path, {
    key: ADMIN_TOKEN,
    ...(body === undefined ? {} : { body }),
    headers,
  });
interface Check {
  name: string;
  status: string;
  message: string;
  latency_ms: number;
}
async function ready(): Promise<{
  status: string;
  code: number;
  ms: number;
  checks: Map<string, Check>;
}> {
  const begun = performance.now();
  const answer = await service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
  const ms = performance.now() - begun;
  const checks = answer.body.checks as Check[];
  return {
    status: answer.body.status,
    code: answer.status,
    ms,
    checks: new Map(checks.map((check) => [check.name, check])),
  };
}
const titles = async (since = "1h"): Promise<string[]> =>
  (await admin("GET", `/admin/incidents?since=${since}`)).body.incidents.map(
    (incident: { title: string }) => incident.title,
  );
const lines = (): Record<string, unknown>[] =>
  service
    .log()
    .split("\n")
    .flatMap((line) =>
      line.includes('{"event"')
        ? [JSON.parse(line.slice(line.indexOf('{"event"'))) as Record<string, unknown>]
        : [],
    );

describe("a fresh service", () => {
  it("is healthy in every check, and says how each was found", async () => {
    await until("it is healthy", async () => (await ready()).status === "healthy");
    const { code, checks } = await ready();
    expect(code).toBe(200);
    expect([...checks.keys()]).toEqual([
      "instances",
      "storage",
      "cache",
      "circuit_breaker",
      "outbox",
      "background",
      "backup",
      "migrations",
      "mode",
      "jobs",
    ]);
    for (const { latency_ms, message } of checks.values()) {
      expect(latency_ms).toBeGreaterThanOrEqual(0);
      expect(message).not.toBe("");
    }
    expect(checks.get("backup")?.message).toContain("no backup was made yet");
  });

  it("tells its version, its schema, and a digest that changes with the settings", async () => {
    const version = async () => (await service.call("GET", "/version")).body;
    const before = await version();
    expect(before).toMatchObject({ name: "memory-service", schema_version: SCHEMA_VERSION });
    expect(before.settings.digest).toMatch(/^[0-9a-f]{16}$/);
    await admin("PUT", "/admin/config", { settings: { batch_size: 123 } });
    expect((await version()).settings.digest).not.toBe(before.settings.digest);
    await admin("PUT", "/admin/config", { settings: { batch_size: null } });
    expect((await version()).settings.digest).toBe(before.settings.digest);
  });
});

describe("the log", () => {
  it("ties the Worker's and the instances' lines together, and goes on into the database's request", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = {
      "X-Request-Id": "req-of-this-test",
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    };
    const started = await service.call("POST", "/v1/episodes", {
      key,
      body: { task: TASK },
      headers,
    });
    const id = String(started.body.id);
    await service.call("POST", `/v1/episodes/${id}/steps`, {
      key,
      body: { tool: "carry", action: TASK },
      headers,
    });
    await service.call("POST", `/v1/episodes/${id}/complete`, {
      key,
      body: { outcome: { type: "success", verdict: TASK } },
      headers,
    });
    await service.call("GET", "/v1/episodes", { key, headers });
    await until("the instance's lines are there", () =>
      lines().some(
        ({ event, request_id }) =>
          event === "storage_operation" && request_id === "req-of-this-test",
      ),
    );
    const mine = lines().filter(({ request_id }) => request_id === "req-of-this-test");
    expect(mine.every(({ trace_id }) => trace_id === trace)).toBe(true);
    expect(new Set(mine.map(({ event }) => event))).toEqual(
      new Set(["request", "call", "storage_operation"]),
    );
    expect(
      mine
        .filter(({ event }) => event === "call")
        .every(({ duration_ms }) => Number(duration_ms) >= 0),
    ).toBe(true);
  });

  it("holds no secret and no text of a task, even at debug", () => {
    for (const secret of [ADMIN_TOKEN, key, "xylophone", "Quill"])
      expect(service.log()).not.toContain(secret);
  });

  it("is as loud as the setting says, at once", async () => {
    await admin("PUT", "/admin/config", { settings: { log_level: "warn" } });
    await service.call("GET", "/v1/stats", { key });
    const before = lines().length;
    await service.call("GET", "/v1/stats", { key });
    await service.call("GET", "/v1/stats", { key });
    expect(lines().slice(before)).toEqual([]);
    await admin("PUT", "/admin/config", { settings: { log_level: null } });
    await service.call("GET", "/v1/stats", { key });
  });
});

describe("jobs", () => {
  it("run once for a scheduled time, however often it is started, and are reported", async () => {
    const at = Date.now();
    for (let i = 0; i < 3; i++) expect(await service.runCron(HEALTH_CHECK, at)).toBe(200);
    const { text } = await admin("GET", "/metrics");
    expect(text).toContain('memory_job_runs_total{job="health-check",result="success"} 1\n');
    expect(text).toContain('memory_job_runs_total{job="health-check",result="skipped"} 2\n');
    expect(text).toMatch(/memory_job_last_success_timestamp_seconds\{job="health-check"\} \d+/);
    await until("readiness knows", async () =>
      /health-check success \d+ s ago/.test((await ready()).checks.get("jobs")?.message ?? ""),
    );
  });

  it("prune, and write a capacity report that the samples allow", async () => {
    expect(await service.runCron("0 4 * * MON")).toBe(200);
    expect(await service.runCron("0 5 1 * *")).toBe(200);
    const capacity = (await admin("GET", "/admin/capacity")).body;
    expect(capacity.storage.database_bytes).toBeGreaterThan(4_096);
    expect(capacity.storage.instance_bytes).toBeGreaterThan(4_096);
    expect(capacity.storage.r2_bytes).toBeGreaterThan(0);
    expect(capacity.forecasts.map((forecast: { resource: string }) => forecast.resource)).toEqual([
      "database",
      "fullest instance",
      "bucket",
      "outboxes",
    ]);
  });
});

describe("incidents", () => {
  it("are made of what operators do, and read as JSON and as Markdown", async () => {
    await admin("POST", "/admin/maintenance", { enabled: true, message: "We move | house." });
    await admin("POST", "/admin/maintenance", { enabled: false });
    await admin("POST", "/admin/circuit-breaker/open", {
      backend: "turso",
      ttl_seconds: 60,
      instance: 0,
    });
    await admin("POST", "/admin/circuit-breaker/reset", { backend: "turso" });
    await until("the instance said so", async () =>
      (await titles()).some((title) => title.includes("instance 0: closed again after")),
    );
    const found = (await titles()).join("\n");
    expect(found).toContain(`version ${packageJson.version} answers`);
    expect(found).toContain("maintenance mode on: We move | house. (root)");
    expect(found).toContain("maintenance mode off");
    expect(found).toContain("batch_size: null → 123 (root)");
    expect(found).toContain("instance 0: closed → forced_open");
    const markdown = await admin("GET", "/admin/incidents?since=1h", undefined, {
      Accept: "text/markdown",
    });
    expect(markdown.headers.get("Content-Type")).toContain("text/markdown");
    expect(markdown.text).toContain("## Timeline");
    expect(markdown.text).toContain("We move \\| house.");
    expect(
      (await admin("GET", "/admin/incidents?since=1h&format=markdown")).text.split("\n")[0],
    ).toBe("# Incident report");
  });

  it.each(["soon", "0h", "91d"])("refuse since=%s", async (since) => {
    const refused = await admin("GET", `/admin/incidents?since=${since}`);
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, "since"]);
  });

  it("are made by the health check when the database takes no writes, and reported, scrubbed", async () => {
    await service.runCron(HEALTH_CHECK, Date.now() + 1);
    await database.configure({ block_writes: true, block_reason: "quota" });
    // Reads go on: only the probe write shows it.
    await until(
      "the probe write shows it",
      async () => (await ready()).checks.get("storage")?.status === "degraded",
    );
    const { status, checks } = await ready();
    expect(status).toBe("degraded");
    expect(checks.get("storage")?.message).toContain("[quota]");
    expect(checks.get("storage")?.message).toContain("Raise the plan");
    await service.runCron(HEALTH_CHECK, Date.now() + 2);
    expect(await titles()).toContain("storage: healthy → degraded");
    await until("it is reported", () =>
      sentry.envelopes.some((envelope) => envelope.includes("storage: healthy")),
    );
    for (const secret of [ADMIN_TOKEN, key, "xylophone"])
      expect(sentry.envelopes.join("\n")).not.toContain(secret);
    await database.configure({ block_writes: false });
    await until(
      "the probe write succeeds",
      async () => (await ready()).checks.get("storage")?.status === "healthy",
    );
    await service.runCron(HEALTH_CHECK, Date.now() + 3);
    expect(await titles()).toContain("storage: degraded → healthy");
  });
});

describe("with the database gone", () => {
  it("liveness and readiness answer at once, and readiness says what failed and what to do", async () => {
    await database.kill();
    await until("it is noticed", async () => (await ready()).status !== "healthy");
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      expect((await service.call("GET", "/health/live")).text).toBe("OK");
      times.push(Math.max(performance.now() - begun, (await ready()).ms));
      // So that the next answer is not the one that is kept for a second.
      await sleep(1_100);
    }
    // A busy machine may hold one of them up; a service that waited for the database would hold all
    // of them up.
    expect(Math.min(...times)).toBeLessThan(1_000);
    const { status, code, checks } = await ready();
    expect([status, code]).toEqual(["degraded", 200]);
    expect(checks.get("storage")).toMatchObject({ status: "degraded" });
    expect(checks.get("storage")?.message).toContain("[unreachable]");
    expect(checks.get("storage")?.message).toContain("TURSO_DATABASE_URL");
    expect(checks.get("migrations")?.status).toBe("healthy");
    const { text } = await admin("GET", "/metrics");
    expect(text).toMatch(/memory_storage_errors_total\{[^}]*kind="unreachable"[^}]*\} [1-9]/);
    await database.start();
    await until("it is healthy again", async () => (await ready()).status === "healthy");
  });
});
