import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Bulkhead,
  BulkheadFull,
  RetryBudget,
  takeTokens,
  withRetry,
  type Bucket,
} from "../../src/resilience/index.ts";

describe("a repeated call", () => {
  const policy = { attempts: 4, base_ms: 100, max_ms: 250 };
  const always = () => ({ retry: true, after_ms: 0 });

  async function waits(
    outcomes: readonly ("ok" | "fail")[],
    { budget = new RetryBudget(), deadline = 1e9, random = 1, decide = always } = {},
  ) {
    let now = 0;
    const slept: number[] = [];
    let tries = 0;
    const work = async (): Promise<string> => {
      tries += 1;
      if (outcomes[tries - 1] === "ok") return "done";
      throw new Error(`try ${tries}`);
    };
    const result = await withRetry(work, {
      policy,
      budget,
      deadline,
      decide,
      now: () => now,
      random: () => random,
      wait: async (ms) => {
        slept.push(ms);
        now += ms;
      },
    }).catch((error: unknown) => String(error));
    return { result, slept, tries };
  }

  it("waits longer each time, up to the bound, and ends with the last failure", async () => {
    expect(await waits(["fail", "fail", "fail", "fail"])).toEqual({
      result: "Error: try 4",
      slept: [100, 200, 250],
      tries: 4,
    });
  });
  it("waits at random, from nothing on", async () => {
    expect((await waits(["fail", "ok"], { random: 0 })).slept).toEqual([]);
  });
  it("is not repeated when that cannot help", async () => {
    expect(
      (await waits(["fail", "ok"], { decide: () => ({ retry: false, after_ms: 0 }) })).tries,
    ).toBe(1);
  });
  it("waits as long as the other side asked for", async () => {
    expect(
      (await waits(["fail", "ok"], { random: 0, decide: () => ({ retry: true, after_ms: 700 }) }))
        .slept,
    ).toEqual([700]);
  });
  it("never begins a wait that ends after the deadline", async () => {
    expect(await waits(["fail", "fail", "ok"], { deadline: 250 })).toMatchObject({
      slept: [100],
      result: "Error: try 2",
    });
  });
  it("is paid for by all calls together, and successes earn it back", async () => {
    const budget = new RetryBudget(10, 5);
    await waits(["fail", "fail", "fail", "fail"], { budget });
    expect(budget.left).toBe(0);
    expect((await waits(["fail", "ok"], { budget })).tries).toBe(1);
    for (let i = 0; i < 5; i++) await waits(["ok"], { budget });
    expect((await waits(["fail", "ok"], { budget })).tries).toBe(2);
    expect(budget.left).toBe(5);
  });
});

describe("the bulkhead", () => {
  const gate = () => {
    let open: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => (open = resolve));
    return { open, passed };
  };

  it("runs so many at once, keeps so many waiting, and refuses the rest at once", async () => {
    const bulkhead = new Bulkhead(() => ({ concurrent: 2, queued: 1 }));
    const { open, passed } = gate();
    const running = [1, 2, 3].map((n) => bulkhead.run(async () => (await passed, n), 1_000));
    await expect(bulkhead.run(async () => 4, 1_000)).rejects.toThrow(BulkheadFull);
    expect([bulkhead.running, bulkhead.waiting]).toEqual([2, 1]);
    open();
    expect(await Promise.all(running)).toEqual([1, 2, 3]);
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
  });
  it("gives up waiting in time, and what gave up takes nobody's place", async () => {
    const bulkhead = new Bulkhead(() => ({ concurrent: 1, queued: 5 }));
    const { open, passed } = gate();
    const first = bulkhead.run(() => passed, 1_000);
    await expect(bulkhead.run(async () => "late", 5)).rejects.toThrow("in time");
    const third = bulkhead.run(async () => "third", 1_000);
    open();
    await first;
    expect(await third).toBe("third");
    expect(bulkhead.running).toBe(0);
  });
  it("gives the place back when the work fails, and follows a changed limit", async () => {
    let concurrent = 1;
    const bulkhead = new Bulkhead(() => ({ concurrent, queued: 5 }));
    await expect(bulkhead.run(() => Promise.reject(new Error("no")), 10)).rejects.toThrow("no");
    concurrent = 2;
    const { open, passed } = gate();
    const both = [bulkhead.run(() => passed, 10), bulkhead.run(() => passed, 10)];
    expect(bulkhead.running).toBe(2);
    open();
    await Promise.all(both);
  });
});

describe("the token bucket", () => {
  it("grants at most the burst and what time brought back, whatever is asked when", () => {
    const limit = { per_second: 5, burst: 10 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 1, max: 20 })), { maxLength: 50 }),
        (asks) => {
          let bucket: Bucket | null = null;
          let [now, granted] = [0, 0];
          for (const [pause, wanted] of asks) {
            now += pause;
            const taken = takeTokens(bucket, limit, wanted, now);
            bucket = taken.bucket;
            granted += taken.granted;
            expect(taken.granted).toBeLessThanOrEqual(wanted);
            expect(granted).toBeLessThanOrEqual(
              limit.burst + (now / 1000) * limit.per_second + 1e-6,
            );
            if (taken.remaining === 0) {
              const later = takeTokens(bucket, limit, 1, now + taken.wait_ms);
              expect(later.granted).toBe(1);
            }
          }
        },
      ),
    );
  });
  it("fills again where the clock was set back, and grants nothing for it", () => {
    const limit = { per_second: 5, burst: 10 };
    const hour = 3_600_000;
    const empty = takeTokens(null, limit, 10, 2 * hour).bucket;
    const back = takeTokens(empty, limit, 1, hour);
    expect(back.granted).toBe(0);
    expect(takeTokens(back.bucket, limit, 10, hour + 1_000).granted).toBe(5);
  });

  it("is full again after a while, and not fuller", () => {
    const limit = { per_second: 5, burst: 10 };
    const { bucket } = takeTokens(null, limit, 10, 0);
    expect(takeTokens(bucket, limit, 100, 60_000).granted).toBe(10);
  });
});
