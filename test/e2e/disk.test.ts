/**
 * The database's own disk: full, and then with room again; a page of it broken.
 */
import { afterEach, describe, expect, it } from "vitest";
import { rowsOf, storedSteps } from "../support/database.ts";
import { ADMIN_TOKEN, Service } from "../support/service.ts";
import { Sqld, until } from "../support/sqld.ts";

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
  const { body } = await service.call("GET", "/health/ready");
  return (body.checks as { name: string; status: string; message: string }[]).find((one) => one.name === name);
}

const STEPS = 3;

/** An episode with its steps, acknowledged. */
async function episode(key: string): Promise<string> {
  const started = await service.call("POST", "/v1/episodes", { key, body: { task: "go on" } });
  expect(started.status).toBe(201);
  for (let i = 0; i < STEPS; i++) {
    const body = { tool: "work", result: { type: "success", output: "done" } };
    expect((await service.call("POST", `/v1/episodes/${started.body.id}/steps`, { key, body })).status).toBe(201);
  }
  return String(started.body.id);
}
const drained = (): Promise<void> =>
  until("every row is sent", async () => (await seen()).every(({ outbox }) => outbox.rows === 0), 60_000);

describe.runIf(process.platform === "linux")("a database whose disk is full", () => {
  it("gets everything once there is room, in order and without an operator; until then it is named, and no row is set aside", async () => {
    database = await Sqld.start();
    service = await Service.start(database.url, { BREAKER_WINDOW_SIZE: "4", BREAKER_MINIMUM_CALLS: "2" });
    const key = await service.key("disk");
    const ids = [await episode(key)];
    await drained();

    database.fillDisk();
    await until("both instances ask it no more", async () => {
      ids.push(await episode(key));
      return (await seen()).every(({ breakers }) => breakers.turso.state !== "closed");
    });
    await until("readiness names it", async () => /\[disk\]/.test((await check("storage"))?.message ?? ""));
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
      "SELECT k2 AS id, k3 AS number FROM _changes WHERE t = 'steps' ORDER BY seq",
    );
    for (const id of ids) {
      const numbers = order.filter((row) => row["id"] === id).map((row) => Number(row["number"]));
      expect([...new Set(numbers)]).toEqual([1, 2, 3]);
    }
    await until("it is well again", async () => (await check("storage"))?.status === "healthy");
  });
});
