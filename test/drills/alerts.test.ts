/**
 * Each scenario of the on-call card: the fault for real, and a real Prometheus that must raise
 * exactly the alerts which announce it. All times of the rules are divided by thirty. `npm run
 * drill:alerts`
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "../support/processes/fault-proxy.ts";
import { hasPrometheus, hastened, Prometheus } from "../support/processes/prometheus.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../support/service/service.ts";
import { Sqld } from "../support/processes/sqld.ts";
import { until } from "../support/processes/until.ts";

const RULES = readFileSync(join(import.meta.dirname, "../../ops/prometheus/alerts.yml"), "utf8");
const FASTER = 30;

/** A fault, or a busy machine, may make requests slow: what users see beside the cause. */
const SLOW = ["LatencyBurnsFast", "LatencyBurnsSlowly"];

let database: Sqld;
let proxy: FaultProxy;
let service: Service;
let prometheus: Prometheus;
let key: string;
let load: Promise<void>;
let loading = false;

beforeEach(async (context) => {
  if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
  database = await Sqld.start();
  proxy = await FaultProxy.start(database.port);
  service = await Service.start(proxy.url, { INSTANCE_COUNT: "2" });
  key = await service.key("drill");
  // It measures what nothing else does: the size of the database.
  await service.runCron("*/5 * * * *");
  prometheus = await Prometheus.start(
    new URL(service.url).host,
    ADMIN_TOKEN,
    hastened(RULES, FASTER),
  );
});
afterEach(async () => {
  loading = false;
  await load;
  await prometheus?.remove();
  await service?.remove();
  await Promise.all([proxy?.remove(), database?.remove()]);
});

const call = (method: string, path: string, body?: unknown): Promise<Answer | null> =>
  service.call(method, path, { key, ...(body === undefined ? {} : { body }) }).catch(() => null);
const set = async (settings: Record<string, unknown>): Promise<void> => {
  const { status } = await service.call("PUT", "/admin/config", {
    key: ADMIN_TOKEN,
    body: { settings },
  });
  expect(status).toBe(200);
};

/**
 * An agent at work, over and over until the drill ends.
 *
 * @param reads an ended episode's id to read as well
 */
function work(reads: readonly string[] = [], abreast = 2): void {
  loading = true;
  const agent = async (): Promise<void> => {
    for (let i = 0; loading; i++) {
      const started = await call("POST", "/v1/episodes", { task: `drill ${i}` });
      const id = started?.body?.id as string | undefined;
      if (id !== undefined) {
        await call("POST", `/v1/episodes/${id}/steps`, { tool: "work" });
        await call("POST", `/v1/episodes/${id}/complete`, { outcome: { type: "success" } });
      }
      const read = reads[Math.floor(Math.random() * reads.length)];
      if (read !== undefined) await call("GET", `/v1/episodes/${read}`);
      // Nobody has this one: the database is asked.
      else await call("GET", "/v1/episodes?limit=1");
      await sleep(40);
    }
  };
  load = Promise.all(Array.from({ length: abreast }, agent)).then(() => undefined);
}

/**
 * Raised by the fault and by nothing else, from the first of them until some time after the last.
 *
 * @param mayRaise what the fault may raise beside them
 */
async function raises(
  expected: readonly string[],
  { ms = 60_000, mayRaise = SLOW as readonly string[] } = {},
): Promise<void> {
  const seen = new Set<string>();
  const begun = Date.now();
  await until(
    `${expected.join(", ")} fire`,
    async () => {
      for (const name of await prometheus.firing()) seen.add(name);
      return expected.every((name) => seen.has(name));
    },
    ms,
  );
  const detected = ((Date.now() - begun) / 1_000).toFixed(1);
  for (let i = 0; i < 10; i++) {
    await sleep(1_000);
    for (const name of await prometheus.firing()) seen.add(name);
  }
  console.log(
    `${expect.getState().currentTestName}: ${[...seen].join(", ")} after ${detected} s (times ÷ ${FASTER})`,
  );
  const others = [...seen].filter((name) => !mayRaise.includes(name));
  expect(new Set(others)).toEqual(new Set(expected));
}

/** Works for a while without a fault: nothing may fire. */
async function calm(ms = 8_000): Promise<void> {
  await sleep(ms);
  expect(await prometheus.firing()).toEqual([]);
}

describe("the scenario", () => {
  it("service down", async () => {
    work();
    await calm();
    loading = false;
    await service.kill();
    await raises(["MemoryServiceDown"]);
  });

  it("high error rate", async () => {
    // A breaker that opens ends the errors: this scenario is the one that it does not end.
    await set({ breaker_failure_rate: 1, breaker_window_size: 100, breaker_minimum_calls: 100 });
    work();
    await calm();
    let on = true;
    const fault = (async () => {
      while (on) {
        proxy.fault = Math.random() < 0.5 ? "drop_reply" : "pass";
        await sleep(20);
      }
      proxy.fault = "pass";
    })();
    await raises(["HighStorageErrorRate"]);
    on = false;
    await fault;
  });

  it("storage full", async () => {
    work();
    await calm();
    await database.configure({ block_writes: true, block_reason: "quota" });
    await raises(["StorageFull"]);
  });

  it("cache degraded", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 60; i++) {
      const id = (await call("POST", "/v1/episodes", { task: `old ${i}` }))?.body.id as string;
      await call("POST", `/v1/episodes/${id}/complete`, { outcome: { type: "success" } });
      ids.push(id);
    }
    work();
    await calm();
    loading = false;
    await load;
    await set({ cache_max_size: 1 });
    // Reads of what is gone from the cache, faster than it is kept.
    loading = true;
    const reader = async (): Promise<void> => {
      for (let i = 0; loading; i++) {
        await Promise.all(ids.map((id) => call("GET", `/v1/episodes/${id}`)));
        await sleep(3_000);
      }
    };
    load = reader();
    await raises(["LowCacheHitRate"], { ms: 90_000 });
  });

  it("slow queries", async () => {
    work();
    await calm();
    proxy.delayMs = 500;
    await raises(["SlowQueries"]);
    proxy.delayMs = 0;
  });

  it("circuit breaker open", async () => {
    work();
    await calm();
    await database.kill();
    await raises(["CircuitBreakerOpen", "HighStorageErrorRate"]);
    await database.start();
  });

  it("memory leak", async () => {
    await calm();
    loading = true;
    const leaking = async (): Promise<void> => {
      for (let i = 0; loading; i++)
        await call("POST", "/v1/episodes", { task: `never completed ${i}` });
    };
    load = Promise.all(Array.from({ length: 8 }, leaking)).then(() => undefined);
    await raises(["MemoryLeak"], { ms: 90_000 });
  });
});
