import { expect, it } from "vitest";
import { guardedBucket } from "../../src/durable/shared/r2.ts";
import { IncidentArchive } from "../../src/gateway/incident-archive.ts";
import { FakeBucket } from "../support/fake-bucket.ts";

const incident = (seq: number, second: number): string =>
  JSON.stringify({
    seq,
    at: `2026-05-01T12:00:${String(second).padStart(2, "0")}.000Z`,
    kind: "breaker",
    severity: "warning",
    title: `number ${seq}`,
    detail: {},
  });

it("a day's incidents are read from their copies, also of two Coordinators; what is none is not", async () => {
  const bucket = new FakeBucket();
  const put = (name: string, ...lines: string[]) =>
    bucket.binding.put(`incidents/2026-05-01/${name}.ndjson`, lines.join("\n"));
  await put("1777636830000-1-1", incident(1, 30), "no JSON", '{"seq":2}', "null");
  await put("1777636801000-1-2", incident(1, 1), incident(2, 2));
  await bucket.binding.put("incidents/2026-05-02/1-1-1.ndjson", incident(9, 9));
  const archive = new IncidentArchive(bucket.binding);
  const found = await archive.day("2026-05-01");
  expect(found.ok && found.value.map(({ at, seq }) => `${at.slice(17, 19)} ${seq}`)).toEqual([
    "01 1",
    "02 2",
    "30 1",
  ]);
  expect(await archive.day("2026-05-03")).toEqual({ ok: true, value: [] });
});

it("that R2 fails is said", async () => {
  const bucket = new FakeBucket();
  bucket.fault = "errors";
  const guarded = guardedBucket(bucket.binding, async (_name, work) => work());
  const archive = new IncidentArchive(guarded);
  await expect(archive.day("2026-05-01")).rejects.toThrow("internal error");
});
