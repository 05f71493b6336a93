import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../bench/quality/tau.ts";
import { contentOf } from "../../support/backups/ports.ts";
import { rowsOf } from "../../support/service/database.ts";
import { admin, run } from "../../support/service/jobs.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const MiB = 1_048_576;
let database: Sqld;
let service: Service;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

it(
  "600 episodes of real runs, and outputs of 1 MiB, come back byte by byte",
  { timeout: 600_000 },
  async () => {
    const key = await service.key("*");
    const sent = (namespace: string, path: string, body: unknown) =>
      service.call("POST", path, { key, body, headers: { "X-Memory-Namespace": namespace } });
    const rows = readFileSync(
      join(import.meta.dirname, "../../fixtures/tau_retail_sample.jsonl"),
      "utf8",
    )
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TauEpisode);
    let episodes = 0;
    for (let copy = 0; episodes < 600; copy++) {
      const lines = rows.slice(0, 600 - episodes).map((row) => JSON.stringify(tauEpisodeLine(row)));
      const headers = {
        "Content-Type": "application/x-ndjson",
        "X-Memory-Namespace": `retail-${copy}`,
      };
      const answer = await service.call("POST", "/v1/import", {
        key,
        body: lines.join("\n"),
        headers,
      });
      expect(answer.text.match(/"status":"created"/g)).toHaveLength(lines.length);
      episodes += lines.length;
    }

    const setting = (value: number) =>
      admin(service, "PUT", "/admin/config", { settings: { step_output_max_bytes: value } });
    const { id } = (await sent("big", "/v1/episodes", { task: "größte 😀 Ausgabe" })).body;
    const step = (output: string) =>
      sent("big", `/v1/episodes/${id}/steps`, { tool: "t", result: { type: "success", output } });
    const refused = await step("x".repeat(65_537));
    expect([refused.body.code, refused.body.errors[0].path]).toEqual([
      "limit_exceeded",
      "steps.0.result.output",
    ]);
    expect(refused.body.detail).toContain("65536");
    expect((await setting(MiB + 1)).status).toBe(400);
    expect((await setting(MiB)).status).toBe(200);
    const outputs = [
      "",
      "x".repeat(MiB),
      "😀".repeat(MiB / 4),
      '"\\\n\u2028'.repeat(100_000),
      "9007199254740993",
    ];
    for (const output of outputs) expect((await step(output)).status).toBe(201);
    expect((await step("x".repeat(MiB + 1))).status).toBe(400);
    expect((await step("\u0001".repeat(MiB / 2))).body.code).toBe("limit_exceeded");

    await until(
      "everything is sent",
      async () => {
        const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
        return instances.every(
          (view: { outbox?: { rows: number; dead: number } }) => view.outbox?.rows === 0,
        );
      },
      120_000,
    );
    const { id: backup } = await run(service, "/admin/backups", { kind: "full" });
    const before = await contentOf(database.url);
    expect(before["episodes"]).toHaveLength(601);
    for (const table of Object.keys(before)) await rowsOf(database.url, `DELETE FROM ${table}`);
    await run(service, `/admin/backups/${backup}/restore`, { mode: "replace" });
    // Keys are none of what a restore writes: those that are in force are sent by their own outbox.
    await until(
      "the keys are sent again",
      async () =>
        (await rowsOf(database.url, "SELECT id FROM api_keys")).length ===
        before["api_keys"]?.length,
      60_000,
    );
    expect(await contentOf(database.url)).toEqual(before);
    const whole = await service.call("GET", `/v1/episodes/${id}`, {
      key,
      headers: { "X-Memory-Namespace": "big" },
    });
    expect(
      whole.body.steps.map((known: { result: { output: string } }) => known.result.output),
    ).toEqual(outputs);
  },
);
