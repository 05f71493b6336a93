import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../src/storage/index.ts";
import { rowsOf, storedSteps } from "../../support/service/database.ts";
import { FaultProxy, type Fault } from "../../support/processes/fault-proxy.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let proxy: FaultProxy;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  proxy = await FaultProxy.start(database.port);
  service = await Service.start(proxy.url, {
    DATABASE_TIMEOUT_MS: "1000",
    BREAKER_OPEN_MAX_MS: "2000",
  });
  key = await service.key("faults");
});
afterAll(async () => {
  await service.remove();
  await proxy.remove();
  await database.remove();
});

describe("a bad connection to the database", () => {
  it.each<Fault>([
    "drop_reply",
    "garble",
    "cut",
    "truncate",
    "garbage",
    "stall",
    "throttle",
    "late",
  ])("(%s) loses nothing and doubles nothing", async (fault) => {
    const { body } = await service.call("POST", "/v1/episodes", { key, body: { task: fault } });
    const before = proxy.faults;
    proxy.fault = fault;
    proxy.delayMs = fault === "late" ? 1_500 : 0;
    for (let n = 1; n <= 10; n++) {
      const answer = await service.call("POST", `/v1/episodes/${body.id}/steps`, {
        key,
        body: { tool: "t" },
      });
      expect(answer.body).toMatchObject({ accepted: 1, last_number: n });
    }
    await until("the fault was met", () => proxy.faults > before);
    proxy.fault = "pass";
    proxy.delayMs = 0;
    const expected = Array.from({ length: 10 }, (_, i) => `${body.id} ${i + 1}`).sort();
    const mine = async (): Promise<string[]> =>
      (await storedSteps(database.url)).filter((step) => step.startsWith(body.id)).sort();
    await until(
      "every step is stored",
      async () => (await mine()).length >= expected.length,
      60_000,
    );
    expect(await mine()).toEqual(expected);
    const [episode] = await rowsOf(
      database.url,
      `SELECT step_count FROM episodes WHERE id = '${body.id}'`,
    );
    expect(episode?.["step_count"]).toBe(10);
  });
});

describe("two services that start on an empty database at once", () => {
  it("migrate it once, and it is one's; the other says so, and may take it over", async () => {
    const empty = await Sqld.start();
    const [one, two] = await Promise.all([Service.start(empty.url), Service.start(empty.url)]);
    try {
      await Promise.all([one.key("a"), two.key("a")]);
      const statuses = () =>
        Promise.all(
          [one, two].map(
            async (each) => (await each.call("GET", "/health/ready")).body.status as string,
          ),
        );
      await until("one is healthy, and the other knows that it is not", async () => {
        const found = await statuses();
        return found.includes("healthy") && found.includes("unhealthy");
      });
      const other = (await statuses())[0] === "healthy" ? two : one;
      await other.takeOver();
      await until(
        "the other is healthy",
        async () => (await other.call("GET", "/health/ready")).body.status === "healthy",
      );
      expect(await rowsOf(empty.url, "SELECT version FROM _migrations")).toEqual(
        MIGRATIONS.map(({ version }) => ({ version })),
      );
    } finally {
      await Promise.all([one.remove(), two.remove()]);
      await empty.remove();
    }
  });
});
