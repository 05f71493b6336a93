import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admin, run } from "../../support/service/jobs.ts";
import { Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {
    BACKUP_KEY: "cd".repeat(32),
    RATE_LIMIT_PER_SECOND: "100000",
  });
  key = await service.key("shelf", ["read", "write", "admin"]);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> =>
  service.call(method, path, {
    key,
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  });

/** An ended episode. */
async function ended(task: string): Promise<string> {
  const { id } = (await call("POST", "/v1/episodes", { task, tags: ["plants"] })).body;
  const steps = [{ tool: "look" }, { tool: "pour", result: { type: "success" } }];
  await call("POST", `/v1/episodes/${id}/steps`, { steps });
  const outcome = { type: "success", verdict: "watered" };
  expect((await call("POST", `/v1/episodes/${id}/complete`, { outcome })).status).toBe(200);
  return String(id);
}

const idsOf = (all: { id: string }[]): string[] => all.map(({ id }) => id).sort();
const listed = async (query = ""): Promise<string[]> =>
  idsOf((await call("GET", `/v1/episodes?tag=plants${query}`)).body.episodes);
async function recalled(): Promise<string[]> {
  const body = { task: "water the plants", limit: 50 };
  return idsOf((await call("POST", "/v1/recall", body)).body.episodes);
}

describe("an archived episode over HTTP", () => {
  let kept: string;
  let gone: string;

  it("is archived once, at the version that is named", async () => {
    kept = await ended("water the plants on the roof");
    gone = await ended("water the plants in the hall");
    const path = `/v1/episodes/${gone}/archive`;
    const etag = (await call("GET", `/v1/episodes/${gone}`)).headers.get("ETag") ?? "";
    expect((await call("POST", path, undefined, { "If-Match": '"1"' })).status).toBe(412);
    const archived = await call("POST", path, undefined, { "If-Match": etag });
    expect(archived).toMatchObject({ status: 200, body: { id: gone, durability: "queued" } });
    expect(archived.headers.get("ETag")).toBe(`"${archived.body.version}"`);
    const again = await call("POST", path);
    expect(again.body).toEqual({ ...archived.body, durability: again.body.durability });
    const { id } = (await call("POST", "/v1/episodes", { task: "water them later" })).body;
    const running = await call("POST", `/v1/episodes/${id}/archive`);
    expect([running.status, running.body.code]).toEqual([409, "conflict"]);
  });

  it("is read, and is neither listed nor recalled, also after a crash", async () => {
    const check = async (): Promise<void> => {
      const { body } = await call("GET", `/v1/episodes/${gone}`);
      expect(body.archived_at).toMatch(/^20.*Z$/);
      expect(await listed()).toEqual([kept]);
      expect(await listed("&archived=only")).toEqual([gone]);
      expect(await listed("&archived=any")).toEqual(idsOf([{ id: kept }, { id: gone }]));
      expect(await recalled()).toEqual([kept]);
      const found = await call("GET", "/v1/search?q=water+plants&archived=only");
      expect(idsOf(found.body.results)).toEqual([gone]);
    };
    await check();
    await service.kill();
    await service.start();
    await check();
    const wrong = await call("GET", "/v1/episodes?archived=all");
    expect([wrong.status, wrong.body.errors?.[0]?.path]).toEqual([400, "archived"]);
  });

  it("comes back archived with a backup", async () => {
    await until("everything is sent", async () => {
      const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
      return instances.every((view: { outbox?: { rows: number } }) => view.outbox?.rows === 0);
    });
    const { id } = await run(service, "/admin/backups", { kind: "full" });
    expect((await call("DELETE", "/v1/namespaces/shelf")).status).toBe(200);
    expect(await listed("&archived=any")).toEqual([]);
    await run(service, `/admin/backups/${id}/restore`, { mode: "replace" });
    await until("the namespace is learned again", async () => (await recalled()).includes(kept));
    expect(await recalled()).toEqual([kept]);
    expect(await listed("&archived=only")).toEqual([gone]);
  });

  it("is kept by a filter, and brought back by one", async () => {
    await call("PUT", "/v1/filters/shelved", { tag: "plants", archived: "only" });
    expect(await listed("&filter=shelved")).toEqual([gone]);
    const empty = await call("POST", "/v1/episodes/unarchive", { filter: {} });
    expect([empty.status, empty.body.errors?.[0]?.path]).toEqual([400, "filter"]);
    const body = { filter: { tag: "plants" } };
    const none = { running: 0, refused: [], next_cursor: null };
    const dry = await call("POST", "/v1/episodes/unarchive", { ...body, dry_run: true });
    expect(dry.body).toEqual({ ...none, changed: 1 });
    expect((await call("POST", "/v1/episodes/unarchive", body)).body).toEqual(dry.body);
    expect((await call("POST", "/v1/episodes/unarchive", body)).body).toEqual({
      ...none,
      changed: 0,
    });
    expect(await recalled()).toEqual(idsOf([{ id: kept }, { id: gone }]));
  });
});
