/**
 * A database that answers, but says no: blocked, full, or with a token that it does not accept.
 */
import { afterEach, describe, expect, it } from "vitest";
import { storedSteps } from "../../support/service/database.ts";
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
async function seen(): Promise<Seen[]> {
  return (await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN })).body
    .instances as Seen[];
}
const errors = async (): Promise<string[]> =>
  (await seen()).flatMap(({ outbox }) => outbox.last_error ?? []);

async function episode(key: string, output: string): Promise<string> {
  const started = await service.call("POST", "/v1/episodes", { key, body: { task: "go on" } });
  expect(started.status).toBe(201);
  const body = { tool: "work", result: { type: "success", output } };
  expect(
    (await service.call("POST", `/v1/episodes/${started.body.id}/steps`, { key, body })).status,
  ).toBe(201);
  expect(
    (await service.call("GET", `/v1/episodes/${started.body.id}`, { key })).body.steps,
  ).toHaveLength(1);
  return String(started.body.id);
}
async function stored(ids: readonly string[]): Promise<void> {
  await until(
    "every step is stored",
    async () => (await storedSteps(database.url)).length === ids.length,
    60_000,
  );
  expect(await storedSteps(database.url)).toEqual(ids.map((id) => `${id} 1`).sort());
}

describe("a database that says no", () => {
  it("because its writes are blocked: nothing is refused, nothing set aside, and all is sent when it is unblocked", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url);
    const key = await service.key("blocked");
    const ids = [await episode(key, "before")];
    await stored(ids);
    await database.configure({ block_writes: true, block_reason: "quota exceeded" });
    for (let i = 0; i < 3; i++) ids.push(await episode(key, "during"));
    await until("it is known why", async () =>
      (await errors()).some((error) => error.startsWith("quota: BLOCKED")),
    );
    // It answers: asking it less would not help, and its reads go on.
    expect((await seen()).map(({ breakers }) => breakers.turso.state)).toEqual([
      "closed",
      "closed",
    ]);
    expect((await seen()).every(({ outbox }) => outbox.dead === 0)).toBe(true);
    await database.configure({ block_writes: false });
    await stored(ids);
  });

  it("because it is full: the rows wait until there is room", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url);
    const key = await service.key("full");
    const ids = [await episode(key, "before")];
    await stored(ids);
    await database.configure({ max_db_size: "1MB" });
    for (let i = 0; i < 40; i++) ids.push(await episode(key, "x".repeat(60_000)));
    await until("it is known why", async () =>
      (await errors()).some((error) => error.startsWith("quota: SQLITE_FULL")),
    );
    expect((await seen()).every(({ outbox }) => outbox.dead === 0)).toBe(true);
    await database.configure({ max_db_size: "1GB" });
    await stored(ids);
  });

  it("to a token that may not write, or that it does not know: said as such, and mended by the right one", async () => {
    const guarded = await Sqld.guarded();
    database = guarded.server;
    service = await Service.start(database.url, { TURSO_AUTH_TOKEN: guarded.token("rw") });
    const key = await service.key("guarded");
    const ids = [await episode(key, "before")];
    const drained = (): Promise<void> =>
      until(
        "every row is sent",
        async () => (await seen()).every(({ outbox }) => outbox.rows === 0),
        60_000,
      );
    await drained();
    for (const [token, status] of [
      [guarded.token("ro"), 403],
      ["not.a.token", 401],
    ] as const) {
      await service.kill();
      await service.start({ TURSO_AUTH_TOKEN: token });
      ids.push(await episode(key, "during"));
      await until("it is known why", async () =>
        (await errors()).some((error) => error === `unauthorized: HTTP ${status}`),
      );
      expect((await seen()).every(({ outbox }) => outbox.dead === 0)).toBe(true);
    }
    await service.kill();
    await service.start({ TURSO_AUTH_TOKEN: guarded.token("rw") });
    await drained();
    const listed = await service.call("GET", "/v1/episodes", { key });
    expect(listed.body.episodes.map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
    expect(listed.body.degraded).toBe(false);
  });
});
