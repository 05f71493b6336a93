/**
 * `MIGRATIONS=manual`: nothing is applied to a database that has tables but by an operator, and
 * memory goes on meanwhile.
 */

import { createClient } from "@libsql/client/web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../../../src/storage/index.ts";
import { Cli } from "../../support/processes/cli.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";
import { rowsOf } from "../../support/service/database.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";

const EXPANDING = MIGRATIONS.filter(({ kind }) => kind === "expand").slice(1);
const CONTRACTING = MIGRATIONS.filter(({ kind }) => kind === "contract");
const versionsOf = (migrations: readonly { version: number }[]): number[] =>
  migrations.map(({ version }) => version);

let database: Sqld;
let service: Service;
let operator: Cli;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  const [first] = MIGRATIONS;
  const client = createClient({ url: database.url });
  // As the first release left it.
  const ledger = [
    "CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    "INSERT INTO _migrations VALUES (1, 'episodes, learning and search', 5)",
  ];
  await client.batch([...(first?.statements ?? []), ...ledger], "write");
  client.close();
  service = await Service.start(database.url, { MIGRATIONS: "manual" });
  operator = new Cli({
    MEMORY_URL: service.url,
    MEMORY_ADMIN_TOKEN: ADMIN_TOKEN,
    USER: "ana",
    NO_COLOR: "1",
  });
  key = await service.key("manual");
});
afterAll(async () => {
  operator.remove();
  await service.remove();
  await database.remove();
});

const migrationsCheck = async (): Promise<{ status: string; message: string }> => {
  const { body } = await service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
  return body.checks.find((check: { name: string }) => check.name === "migrations");
};
const applied = (): Promise<Record<string, unknown>[]> =>
  rowsOf(database.url, "SELECT version, applied_at FROM _migrations ORDER BY version");
const begin = (task: string): Promise<Answer> =>
  service.call("POST", "/v1/episodes", { key, body: { task } });
const storedTasks = async (): Promise<unknown[]> =>
  (await rowsOf(database.url, "SELECT task FROM episodes ORDER BY task")).map(({ task }) => task);
const incidents = async (): Promise<{ kind: string; title: string; detail: unknown }[]> =>
  (await service.call("GET", "/admin/incidents?since=60m", { key: ADMIN_TOKEN })).body.incidents;

describe("with MIGRATIONS = manual", () => {
  it("nothing is applied, readiness says what waits, and what is written is kept", async () => {
    expect((await begin("began before the migration")).status).toBe(201);
    await until("readiness says it", async () => (await migrationsCheck()).status === "unhealthy");
    const { message } = await migrationsCheck();
    for (const { version, name } of EXPANDING)
      expect(message).toContain(`migration ${version} (${name}) is not applied`);
    expect((await service.call("GET", "/health/ready")).status).toBe(503);
    await service.call("POST", "/admin/storage/flush", { key: ADMIN_TOKEN });
    expect(versionsOf((await applied()) as { version: number }[])).toEqual([1]);
    expect(await storedTasks()).toEqual([]);
  });

  it("the plan says of each migration that it waits, and diagnose where to go", async () => {
    const plan = await operator.run(["migrate", "--dry-run"]);
    expect(plan).toMatchObject({ exit: 0 });
    for (const { version, name } of [...EXPANDING, ...CONTRACTING])
      expect(plan.out).toContain(`${version}  ${name}`);
    expect(versionsOf((await applied()) as { version: number }[])).toEqual([1]);
    const diagnosed = await operator.run(["diagnose", "--window", "1s"]);
    expect(diagnosed.exit).toBe(1);
    expect(diagnosed.out).toContain("RB-007");
  });

  it("--execute takes its backup before anything is taken away", async () => {
    const ran = await operator.ok("migrate", "--execute", "--yes");
    expect(ran.json).toMatchObject({
      executed: true,
      problems: [],
      schema_version: SCHEMA_VERSION,
    });
    expect(ran.json.applied).toEqual([...versionsOf(EXPANDING), ...versionsOf(CONTRACTING)]);
    // The local runtime has no point-in-time recovery: nothing is said of it.
    expect(ran.json).not.toHaveProperty("bookmarks");
    const backup = await service.call("GET", `/admin/backups/${ran.json.backup}`, {
      key: ADMIN_TOKEN,
    });
    expect(backup.body).toMatchObject({ id: ran.json.backup, verified: { ok: true } });
    const times = new Map(
      (await applied()).map((row) => [row["version"], Number(row["applied_at"])]),
    );
    const takenAt = Date.parse(backup.body.started_at);
    for (const version of versionsOf(EXPANDING))
      expect(times.get(version)).toBeLessThanOrEqual(takenAt);
    for (const version of versionsOf(CONTRACTING))
      expect(times.get(version)).toBeGreaterThanOrEqual(takenAt);
  });

  it("each is an event of the log and an entry of the timeline, with who and which backup", async () => {
    const entries = (await incidents()).filter(({ kind }) => kind === "migration");
    for (const { version, name } of [...EXPANDING, ...CONTRACTING]) {
      const title = `applied migration ${version} (${name})`;
      expect(entries.filter((entry) => entry.title.endsWith(title))).toHaveLength(1);
      expect(service.log()).toMatch(
        new RegExp(`"event":"migration_applied"[^\\n]*"version":${version},`),
      );
    }
    const last = entries.find(({ title }) => title.includes("(fewer rows for a step)"));
    expect(last?.detail).toMatchObject({ kind: "contract", backup: expect.any(String) });
  });

  it("then it is ready, and what waited arrives", async () => {
    await until("it is ready", async () => (await migrationsCheck()).status === "healthy");
    await until("what waited arrives", async () => (await storedTasks()).length === 1);
    expect(await storedTasks()).toEqual(["began before the migration"]);
    expect((await operator.run(["migrate", "--dry-run"])).out).toContain("Nothing is pending.");
  });
});
