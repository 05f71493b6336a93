import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { unmark } from "../support/backups/databases.ts";
import { NodeCoordinator } from "../support/coordinator.ts";
import { Sqld } from "../support/processes/sqld.ts";
import { until } from "../support/processes/until.ts";

vi.mock("cloudflare:workers", async () => (await import("../support/coordinator.ts")).WORKERS);

let database: Sqld;
let coordinator: NodeCoordinator;

beforeAll(async () => {
  database = await Sqld.start();
}, 60_000);
afterAll(() => database.remove());
beforeEach(async () => {
  vi.stubGlobal("scheduler", { wait: (ms: number) => new Promise((end) => setTimeout(end, ms)) });
  await unmark(database.url);
  coordinator = await NodeCoordinator.open({
    databaseUrl: database.url,
    // A busy machine may let an answer wait for a part of this.
    vars: { BREAKER_OPEN_MS: "200", BREAKER_OPEN_MAX_MS: "200", R2_TIMEOUT_MS: "500" },
  });
});
afterEach(() => {
  expect(coordinator.failures).toEqual([]);
  coordinator.close();
  vi.unstubAllGlobals();
});

const FULL = { kind: "full", window_days: null, namespace: null };
let keys = 0;
const backUp = async (by = "test"): Promise<string> => {
  const job = { kind: "backup", params: FULL, key: `key ${keys++}`, by } as const;
  return (await coordinator.command("jobs.start", job)).id;
};
const force = (action: "open" | "reset", ttlMs: number | null = null) =>
  coordinator.command("breaker.order", {
    order: {
      backend: "r2",
      action,
      until: ttlMs === null ? null : Date.now() + ttlMs,
      reason: "a drill",
      instance: null,
    },
    by: "test",
  });
const state = async (): Promise<string> => (await coordinator.r2()).state;
const closed = () => until("it has closed by itself", async () => (await state()) === "closed");
/** The series of the breaker, as a scrape has it. */
const gauge = async (): Promise<number[]> =>
  (await coordinator.command("metrics.get", null)).samples.flatMap((sample) =>
    sample.name === "memory_circuit_breaker_state" && "value" in sample ? [sample.value] : [],
  );
const backups = (): string[] =>
  [...coordinator.bucket.objects.keys()].filter((key) => key.endsWith("manifest.json"));

describe("R2's circuit breaker", () => {
  it("is closed while a backup runs, and hears of its requests", async () => {
    const job = await coordinator.ended(await backUp());
    expect([job.status, job.error]).toEqual(["succeeded", null]);
    expect(await coordinator.r2()).toMatchObject({ state: "closed", failed: 0 });
    expect(await gauge()).toEqual([0]);
  });

  it.each([
    ["errors", /R2 \w+: .*internal error.*\(10001\)/],
    ["stalls", /R2 \w+: no answer within 500 ms/],
  ] as const)(
    "opens on %s during a backup, says why, probes and closes, and the backup goes on",
    async (fault, reason) => {
      const { bucket } = coordinator;
      bucket.onRequest = (request) => {
        if (request.startsWith("put exports/")) bucket.fault = fault;
      };
      const id = await backUp();
      await until("it opens", async () => (await state()) !== "closed");
      expect(await gauge()).not.toEqual([0]);

      // Between two trials it is open again, and says what the last one met.
      await until("it is open", async () => (await state()) === "open");
      const view = await coordinator.r2();
      expect(view.reason).toMatch(reason);
      expect(view.failed).toBeGreaterThan(0);
      expect(Date.parse(view.until ?? "")).toBeGreaterThan(Date.now() - 1_000);

      bucket.onRequest = () => undefined;
      bucket.fault = "none";
      await closed();
      expect(await gauge()).toEqual([0]);
      const job = await coordinator.ended(id);
      const last = job.status === "succeeded" ? job : await coordinator.ended(await again(id));
      expect([last.status, last.error]).toEqual(["succeeded", null]);
      expect(backups()).toHaveLength(1);
    },
  );

  it("that is forced open with an end closes by itself after it, and not before", async () => {
    await force("open", 600);
    const view = await coordinator.r2();
    expect(view).toMatchObject({ state: "forced_open", reason: "a drill" });
    expect(await gauge()).toEqual([1]);
    const asked = coordinator.bucket.requests.length;
    await closed();
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(view.until ?? ""));
    expect(coordinator.bucket.requests.slice(asked)).toContain("put health/trial");
    expect(await gauge()).toEqual([0]);
  });

  it("stays open after its end while R2 fails, and closes when R2 is back", async () => {
    coordinator.bucket.fault = "errors";
    await force("open", 100);
    await until("trials failed", async () =>
      /trial call failed/.test((await coordinator.r2()).reason ?? ""),
    );
    expect(await state()).not.toBe("closed");
    coordinator.bucket.fault = "none";
    await closed();
  });

  it("takes a refusal of its trial for an answer: R2 is there", async () => {
    coordinator.bucket.onRequest = () => {
      throw new Error("put: The object is locked by a bucket lock. (10069)");
    };
    await force("open", 100);
    await closed();
  });

  it("is as it was when the Coordinator is lost, and ends all the same", async () => {
    await force("open", 600);
    coordinator.evict();
    expect(await coordinator.r2()).toMatchObject({ state: "forced_open", reason: "a drill" });
    await closed();
  });

  it("is reset by an operator at once", async () => {
    await force("open");
    expect(await state()).toBe("forced_open");
    await force("reset");
    expect(await state()).toBe("closed");
  });

  it("lets nobody through: incidents wait until it closes", async () => {
    await force("open");
    const asked = coordinator.bucket.requests.length;
    await coordinator.command("release.answers", { version: "9", id: null });
    await coordinator.command("samples.add", SAMPLE);
    expect(coordinator.bucket.requests).toHaveLength(asked);
  });
});

const SAMPLE = { at: new Date(0).toISOString(), totals: {}, histograms: {}, silent: 0 };

/** The job that was started again in the place of one that failed. */
async function again(id: string): Promise<string> {
  let next: string | undefined;
  await until(`${id} is tried again`, async () => {
    const jobs = await coordinator.command("jobs.list", { limit: 10 });
    next = jobs.find(({ by }) => by.endsWith(`(again: ${id})`))?.id;
    return next !== undefined;
  });
  return next ?? "";
}

describe("a backup that would begin while R2's circuit breaker is open", () => {
  it("fails at once with the reason, asks R2 nothing, and is tried again when it closes", async () => {
    await force("open");
    const before = coordinator.bucket.requests.length;
    const id = await backUp();
    const job = await coordinator.ended(id);
    expect(job.status).toBe("failed");
    expect(job.error).toBe("R2 is not asked, for its circuit breaker is open (a drill).");
    expect(coordinator.bucket.requests.slice(before)).toEqual([]);
    const failed = await coordinator.command("facts.get", null);
    expect(failed.jobs).toContainEqual(
      expect.objectContaining({ job: "backup-full", result: "failure" }),
    );

    await force("reset");
    const second = await coordinator.ended(await again(id));
    expect([second.status, second.error]).toEqual(["succeeded", null]);
    expect(backups()).toHaveLength(1);
    const { jobs } = await coordinator.command("facts.get", null);
    expect(jobs).toContainEqual(expect.objectContaining({ job: "backup-full", result: "success" }));
  });

  it("is tried again after the Coordinator was lost meanwhile, and once only", async () => {
    await force("open", 500);
    const id = await backUp();
    await coordinator.ended(id);
    coordinator.evict();
    await closed();
    await coordinator.ended(await again(id));
    await force("open");
    await force("reset");
    const jobs = await coordinator.command("jobs.list", { limit: 10 });
    expect(jobs.filter(({ by }) => by.includes("again"))).toHaveLength(1);
  });

  it("unlike a restore or a check that somebody asked for, which somebody asks for again", async () => {
    await force("open");
    const job = { kind: "verify", params: { backup: "x" }, key: "verify", by: "test" } as const;
    const { id } = await coordinator.command("jobs.start", job);
    expect((await coordinator.ended(id)).status).toBe("failed");
    await force("reset");
    const jobs = await coordinator.command("jobs.list", { limit: 10 });
    expect(jobs).toHaveLength(1);
  });
});
