import { beforeEach, expect, it } from "vitest";
import { ImportBackpressure } from "../../src/api/transfer/import-backpressure.ts";

let now: number;
let backpressure: ImportBackpressure;
let logged: Record<string, unknown>[];

beforeEach(() => {
  now = 1_000_000;
  logged = [];
  const ports = {
    now: () => now,
    async wait(ms: number) {
      now += ms;
    },
    log: (event: Record<string, unknown>) => logged.push(event),
  };
  backpressure = new ImportBackpressure(ports, "r-1");
});

/** Tries until the refusal stands. Returns how long that took, ms. */
async function refusedFor(code: Parameters<ImportBackpressure["waitToRetry"]>[0]): Promise<number> {
  const startedAt = now;
  while (await backpressure.waitToRetry(code));
  return now - startedAt;
}

it("waits a minute for what passes by itself, and then no more", async () => {
  expect(await refusedFor("outbox_full")).toBe(60_000);
  expect(await refusedFor("overloaded")).toBe(0);
  expect(logged).toEqual([{ event: "import_waits", request_id: "r-1", code: "outbox_full" }]);
});

it("waits anew once a line was accepted", async () => {
  for (let i = 0; i < 50; i++) expect(await backpressure.waitToRetry("rate_limited")).toBe(true);
  backpressure.accepted();
  expect(await refusedFor("rate_limited")).toBe(60_000);
  expect(logged, "one line a stream").toHaveLength(1);
});

it("waits for nothing that lasts", async () => {
  for (const code of [
    "validation_failed",
    "maintenance",
    "unauthenticated",
    "database_unavailable",
  ] as const) {
    expect(await refusedFor(code), code).toBe(0);
  }
  expect(logged).toEqual([]);
});
