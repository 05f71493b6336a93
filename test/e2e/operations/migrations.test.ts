import { createClient } from "@libsql/client/web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../../../src/storage/index.ts";
import { rowsOf } from "../../support/service/database.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  // As the first release left it.
  const [first] = MIGRATIONS;
  await change(
    ...(first?.statements ?? []),
    "CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    "INSERT INTO _migrations VALUES (1, 'episodes, learning and search', 5)",
  );
  service = await Service.start(database.url);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function change(...statements: string[]): Promise<void> {
  const client = createClient({ url: database.url });
  await client.batch(statements, "write");
  client.close();
}
const plan = (): Promise<Answer> => service.call("GET", "/admin/migrations", { key: ADMIN_TOKEN });
const post = (body: unknown): Promise<Answer> =>
  service.call("POST", "/admin/migrations", {
    key: ADMIN_TOKEN,
    body,
    headers: { "X-Actor": "ana" },
  });
const ready = (): Promise<Answer> => service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
/** All but the first, which is what an earlier release left. */
const LATER = MIGRATIONS.slice(1);
const isExpand = ({ kind }: { kind: string | null }): boolean => kind === "expand";
const forget = (): Promise<void> =>
  change(
    "DELETE FROM _migrations WHERE version > 1",
    "DELETE FROM _migration_steps WHERE version > 1",
  );

describe("migrations of the service", () => {
  it("are planned before anything is connected, with the SQL of what is pending", async () => {
    const { status, body } = await plan();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      schema_version: 1,
      needed_version: SCHEMA_VERSION,
      executed: false,
      lease: null,
    });
    expect(body.problems).toEqual(
      LATER.filter(isExpand).map(
        ({ version, name }) => `migration ${version} (${name}) is not applied`,
      ),
    );
    expect(body.migrations[0]).toMatchObject({
      version: 1,
      state: "applied",
      applied_at: "1970-01-01T00:00:00.005Z",
    });
    expect(body.migrations[1]).toMatchObject({
      version: 2,
      kind: "expand",
      state: "pending",
      applied_checksum: null,
    });
    expect(body.migrations[1].sql).toEqual(MIGRATIONS[1]?.statements);
  });

  it("that only add are applied on the first connection, and the feed of changes begins", async () => {
    await until("it is ready", async () => (await ready()).body.status === "healthy");
    const { body } = await plan();
    expect(body).toMatchObject({ schema_version: SCHEMA_VERSION, problems: [] });
    expect(
      body.migrations
        .filter(isExpand)
        .every((one: { state: string; sql: string[] }) => one.state === "applied" && !one.sql[0]),
    ).toBe(true);
    expect(body.migrations[1].applied_checksum).toBe(body.migrations[1].checksum);
    key = await service.key("feed");
    const episode = await service.call("POST", "/v1/episodes", {
      key,
      body: { task: "Follow the changes" },
    });
    const fed = (): Promise<Record<string, unknown>[]> =>
      rowsOf(database.url, "SELECT k1, k2 FROM _changes WHERE t = 'episodes'");
    await until("the feed says it", async () => (await fed()).length > 0);
    expect(await fed()).toEqual([{ k1: "feed", k2: episode.body.id }]);
    await service.call("DELETE", `/v1/episodes/${episode.body.id}`, { key });
    await until("the feed says that it is gone", async () => (await fed()).length > 1);
  });

  it("that take away are applied by an operator, and the feed goes on; then there is nothing to execute", async () => {
    const contracts = MIGRATIONS.filter((one) => !isExpand(one));
    expect((await post({ execute: true })).body).toMatchObject({
      executed: true,
      applied: contracts.map(({ version }) => version),
      problems: [],
    });
    const names = await rowsOf(
      database.url,
      "SELECT name FROM sqlite_schema WHERE name IN ('episodes_open', '_changes_steps_insert')",
    );
    expect(names).toEqual([]);
    const episode = await service.call("POST", "/v1/episodes", { key, body: { task: "grows" } });
    const { id } = episode.body;
    const stored = { key, headers: { Prefer: "wait=stored" } };
    const steps = { ...stored, body: { steps: [{ tool: "a" }, { tool: "b" }] } };
    await service.call("POST", `/v1/episodes/${id}/steps`, steps);
    // A step has no line of its own: its episode's says it.
    const lines = await rowsOf(database.url, `SELECT DISTINCT t FROM _changes WHERE k2 = '${id}'`);
    expect(lines).toEqual([{ t: "episodes" }]);
    expect((await post({ execute: true })).body).toMatchObject({
      executed: true,
      applied: [],
      backup: null,
    });
  });

  it("are not executed without being told to, and after a backup", async () => {
    await forget();
    expect((await post({})).body).toMatchObject({ executed: false, schema_version: 1 });
    expect((await post({ execute: "yes" })).body.errors).toEqual([
      { path: "execute", message: "must be true or false" },
    ]);
    const ran = await post({ execute: true });
    expect(ran.body).toMatchObject({
      executed: true,
      applied: LATER.map(({ version }) => version),
      problems: [],
    });
    const taken = await service.call("GET", `/admin/backups/${ran.body.backup}`, {
      key: ADMIN_TOKEN,
    });
    expect(taken.body.verified).toMatchObject({ ok: true });
    await until("the log says it", () => service.log().includes('"event":"migration_applied"'));
  });

  it("whose text was changed after they were applied are named in readiness and in the plan", async () => {
    await change("UPDATE _migration_steps SET checksum = 'other' WHERE version = 2 AND step = 3");
    const problem =
      "migration 2 (change feed) was changed after it was applied: statement 3 differs";
    expect((await plan()).body.problems).toEqual([problem]);
    const finding = async (): Promise<{ status: string; message: string }> =>
      (await ready()).body.checks.find((check: { name: string }) => check.name === "migrations");
    await until("readiness names it", async () => (await finding()).status === "unhealthy");
    expect((await finding()).message).toContain(problem);
    expect((await ready()).status).toBe(503);
    // It is an alarm, not an outage.
    expect(
      (await service.call("POST", "/v1/episodes", { key, body: { task: "goes on" } })).status,
    ).toBe(201);
    await forget();
    await post({ execute: true, without_backup: true });
    await until("it is ready again", async () => (await ready()).status === 200);
  });

  it("of a later release do not make this one unready", async () => {
    await change(
      `INSERT INTO _migrations VALUES (${MIGRATIONS.length + 1}, 'later', 7)`,
      "ALTER TABLE domains ADD COLUMN rank INTEGER NOT NULL DEFAULT 0",
    );
    expect((await ready()).status).toBe(200);
    expect((await plan()).body.migrations.at(-1)).toMatchObject({
      name: "later",
      kind: null,
      state: "applied",
    });
    const started = await service.call("POST", "/v1/episodes", {
      key,
      body: { task: "on a later schema" },
      headers: { Prefer: "wait=stored" },
    });
    expect(started.body.durability).toBe("stored");
  });
});
