/**
 * Many instances and one key, in a simulation with a clock of its own: what comes within a
 * millisecond comes at once.
 */
import { describe, expect, it } from "vitest";
import { LEASE_MS, RateLimiter } from "../../../../src/durable/instance/requests/rate-limiter.ts";
import { settingsOf } from "../../../../src/contract/settings.ts";

class Cluster {
  now = 1_000_000;
  /** Questions from one instance to another. */
  asked = 0;
  readonly limiters: RateLimiter[];

  constructor(
    count: number,
    limits: { rate_limit_per_second?: number; rate_limit_burst?: number } = {},
  ) {
    const settings = settingsOf(limits);
    this.limiters = Array.from(
      { length: count },
      (_, index) =>
        new RateLimiter({
          now: () => this.now,
          place: () => ({ index, count, version: 1 }),
          settings: () => settings,
          log: () => undefined,
          ask: async (home, _name, { key, wanted }) => {
            this.asked += 1;
            await Promise.resolve();
            return this.limiters[home]!.grant(key, wanted);
          },
        }),
    );
  }

  /** Requests of the key at these instances, at once. Returns how many were let through. */
  async send(instances: readonly number[]): Promise<number> {
    const settled = await Promise.allSettled(
      instances.map((index) => this.limiters[index]!.take("key").then(({ view }) => view)),
    );
    return settled.filter(({ status }) => status === "fulfilled").length;
  }

  /**
   * So many requests at once every this many ms, each at an instance that is drawn. How many there
   * were, and got through.
   */
  async load(
    atOnce: number,
    everyMs: number,
    forMs: number,
    draw: () => number,
  ): Promise<{ sent: number; passed: number }> {
    const total = { sent: 0, passed: 0 };
    for (let ms = 0; ms < forMs; ms += everyMs) {
      total.sent += atOnce;
      total.passed += await this.send(Array.from({ length: atOnce }, draw));
      this.now += everyMs;
    }
    return total;
  }
}

/** Draws from 0…n − 1, the same each time (Park and Miller's generator). */
function drawing(n: number, seed = 42): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
}

describe("the rate limit of a key", () => {
  it.each([
    [4, 10, 100],
    [64, 1, 10],
    [64, 10, 100],
    [64, 50, 500],
  ])(
    "refuses nothing below it: %i instances, %i requests every %i ms for 20 s",
    async (n, atOnce, everyMs) => {
      const cluster = new Cluster(n);
      const { sent, passed } = await cluster.load(atOnce, everyMs, 20_000, drawing(n));
      expect([sent, sent - passed]).toEqual([2_000, 0]);
    },
  );

  it.each([
    [9, 20],
    [90, 200],
  ])(
    "refuses nothing at nine tenths of it, at 64 instances: %i every %i ms",
    async (atOnce, everyMs) => {
      const cluster = new Cluster(64);
      const { sent, passed } = await cluster.load(atOnce, everyMs, 20_000, drawing(64));
      expect(sent - passed).toBe(0);
    },
  );

  it.each([400, 1_000])(
    "takes %i requests at once, which the burst allows, at 64 instances",
    async (count) => {
      const cluster = new Cluster(64);
      const at = drawing(64);
      expect(await cluster.send(Array.from({ length: count }, at))).toBe(count);
      expect(cluster.asked).toBeLessThanOrEqual(64 * 4);
    },
  );

  it.each([1, 4, 64])(
    "lets through what it allows and no more, at %i instances: 3,000 a second for 10 s",
    async (n) => {
      const cluster = new Cluster(n);
      const { passed } = await cluster.load(3, 1, 10_000, drawing(n));
      const allowed = 1_000 + 500 * 10;
      expect(passed).toBeLessThanOrEqual(allowed);
      expect(passed).toBeGreaterThan(allowed * 0.95);
    },
  );

  it("in any window lets through at most the burst, the rate, and what the rate gives in a lease's time", async () => {
    const cluster = new Cluster(64);
    const at = drawing(64);
    await cluster.load(4, 10, 10_000, at);
    cluster.now += 1;
    const { passed } = await cluster.load(5, 1, 2_000, at);
    expect(passed).toBeLessThanOrEqual(1_000 + 500 * (2 + LEASE_MS / 1_000));
  });

  it("asks nobody for most requests where there are many", async () => {
    const cluster = new Cluster(4, { rate_limit_per_second: 2_000, rate_limit_burst: 2_000 });
    const { sent, passed } = await cluster.load(1, 1, 10_000, drawing(4));
    expect(passed).toBe(sent);
    expect(cluster.asked / sent).toBeLessThan(0.1);
  });

  it("is exact for a few requests and a small burst", async () => {
    const cluster = new Cluster(64, { rate_limit_per_second: 0.1, rate_limit_burst: 5 });
    let passed = 0;
    for (let i = 0; i < 20; i++) passed += await cluster.send([i % 64]);
    expect(passed).toBe(5);
    cluster.now += 10_000;
    expect(await cluster.send([1, 2, 3])).toBe(1);
  });
});
