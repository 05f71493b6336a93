import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { rowsOf } from "../../support/service/database.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const MIB = 1_048_576;
let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  key = await service.key("large");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function setBound(bytes: number | null): Promise<Answer> {
  const body = { settings: { step_output_max_bytes: bytes } };
  return service.call("PUT", "/admin/config", { key: ADMIN_TOKEN, body });
}
async function started(): Promise<string> {
  const answer = await service.call("POST", "/v1/episodes", {
    key,
    body: { task: "Read large files" },
  });
  return String(answer.body.id);
}
const log = (id: string, steps: unknown[]): Promise<Answer> =>
  service.call("POST", `/v1/episodes/${id}/steps`, { key, body: { steps } });
const success = (output: string): unknown => ({
  tool: "read",
  result: { type: "success", output },
});
const failure = (message: string): unknown => ({
  tool: "read",
  result: { type: "error", message },
});
const stepsOf = async (from: Service, by: string, id: string): Promise<unknown[]> =>
  (await from.call("GET", `/v1/episodes/${id}`, { key: by })).body.steps;

describe("the bound of a step's output", () => {
  it.each([
    ["output", success],
    ["message", failure],
  ])(
    "is 64 KiB by default: a larger %s is refused by name, and all that came with it",
    async (field, make) => {
      const id = await started();
      const fits = await log(id, [make("x".repeat(65_536))]);
      expect(fits.body).toMatchObject({ accepted: 1 });
      const refused = await log(id, [make("fits"), make(`${"x".repeat(65_535)}é`)]);
      expect(refused.status).toBe(422);
      expect(refused.body).toMatchObject({
        code: "limit_exceeded",
        errors: [{ path: `steps.1.result.${field}` }],
      });
      expect(refused.body.detail).toContain("65537 bytes; at most 65536");
      expect(refused.body.detail).toContain("step_output_max_bytes");
      expect(await stepsOf(service, key, id)).toHaveLength(1);
    },
  );

  it("is never above 1 MiB", async () => {
    expect((await setBound(MIB + 1)).status).toBe(400);
    const refused = await log(await started(), [success("ok"), success("x".repeat(MIB + 1))]);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      {
        path: "steps.1.result.output",
        message: expect.stringContaining("1048576 bytes") as string,
      },
    ]);
  });

  it("is a setting, and a step that was taken before is still the same step when it is lowered", async () => {
    const id = await started();
    const large = { ...(success("y".repeat(200_000)) as object), number: 1 };
    expect((await log(id, [large])).status).toBe(422);
    expect((await setBound(200_000)).status).toBe(200);
    expect((await log(id, [large])).body).toMatchObject({ accepted: 1 });
    await setBound(null);
    expect((await log(id, [large])).body).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it("holds for import too", async () => {
    const line = (output: string): unknown => ({
      type: "episode",
      task: "An imported run",
      steps: [success("small"), success(output)],
      outcome: { type: "success" },
    });
    const large = line("z".repeat(500_000));
    const [refused] = await service.import(key, [large]);
    expect(refused).toMatchObject({ status: "error", error: { code: "limit_exceeded" } });
    expect(refused?.error).toMatchObject({ errors: [{ path: "steps.1.result.output" }] });
    await setBound(MIB);
    expect(await service.import(key, [large])).toMatchObject([{ status: "created" }]);
    await setBound(null);
    expect(await service.import(key, [large])).toMatchObject([{ status: "duplicate" }]);
  });
});

describe("values of the largest size", () => {
  it("are stored, and read again by a service that has only the database", async () => {
    await setBound(MIB);
    const id = await started();
    const outputs = [
      "a".repeat(MIB),
      "é".repeat(MIB / 2),
      "\u{1F600}".repeat(MIB / 4),
      "",
      "b".repeat(MIB),
    ];
    expect((await log(id, outputs.map(success))).body).toMatchObject({ accepted: 5 });
    // Together more than the database puts into one answer.
    const more = ["c", "d", "e", "f", "g"].map((letter) => success(letter.repeat(MIB)));
    expect((await log(id, [...more, success("h".repeat(900_000))])).status).toBe(201);
    const here = await stepsOf(service, key, id);
    expect(here).toHaveLength(11);
    await until("all is in the database", async () => {
      const [row] = await rowsOf(
        database.url,
        `SELECT count(*) AS n FROM steps WHERE episode_id = '${id}'`,
      );
      return row?.["n"] === 11;
    });
    const other = await Service.start(database.url);
    try {
      await other.takeOver();
      const there = await stepsOf(other, await other.key("large"), id);
      expect(there.length).toBe(here.length);
      expect(JSON.stringify(there) === JSON.stringify(here)).toBe(true);
    } finally {
      await other.remove();
      await service.takeOver();
    }
  });

  it("are refused by name when they take more than a row as JSON", async () => {
    await setBound(MIB);
    const id = await started();
    const refused = await log(id, [success("fits"), success("\u0001".repeat(MIB))]);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      code: "limit_exceeded",
      errors: [{ path: "steps.1.result.output" }],
    });
    expect(refused.body.detail).toContain("at most 1800000");
    expect((await log(id, [success("\u0001".repeat(290_000))])).status).toBe(201);
    const list = Array.from({ length: 100 }, () => "\u{1F600}".repeat(5_000));
    const outcome = { type: "partial_success", completed: list, failed: list };
    const ended = await service.call("POST", `/v1/episodes/${id}/complete`, {
      key,
      body: { outcome },
    });
    expect(ended.status).toBe(422);
    expect(ended.body).toMatchObject({ code: "limit_exceeded", errors: [{ path: "outcome" }] });
    const again = await service.call("POST", `/v1/episodes/${id}/complete`, {
      key,
      body: { outcome: { type: "success" } },
    });
    expect(again.status).toBe(200);
  });
});
