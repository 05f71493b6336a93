import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  HELD_MS,
  LAPSE_MS,
  WriteLeaseHolder,
  WriteLeases,
} from "../../../src/durable/outbox/write-lease.ts";
import { DatabaseError } from "../../../src/storage/index.ts";

const quiet = { now: () => Date.now(), onLapse: () => undefined };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("leases", () => {
  it("are held by one at a time, in the order they were asked for", async () => {
    const leases = new WriteLeases(quiet);
    const order: string[] = [];
    const a = await leases.acquire();
    void leases.acquire().then(() => order.push("b"));
    void leases.acquire().then(() => order.push("c"));
    await Promise.resolve();
    expect(order).toEqual([]);
    leases.release(a);
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(["b"]);
  });

  it("lapse when their holders do not come back, and are then not the old holders' to release", async () => {
    let lapsed = 0;
    const leases = new WriteLeases({ now: () => Date.now(), onLapse: () => (lapsed += 1) });
    const lost = await leases.acquire();
    const second = leases.acquire();
    await vi.advanceTimersByTimeAsync(LAPSE_MS);
    const token = await second;
    expect(lapsed).toBe(1);
    let third = false;
    void leases.acquire().then(() => (third = true));
    leases.release(lost);
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toBe(false);
    leases.release(token);
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toBe(true);
  });
});

describe("leases after the Coordinator was evicted", () => {
  it("are never the old ones again, and not the old holders' to release", async () => {
    const before = new WriteLeases(quiet);
    const issued = new Set<number>();
    for (let i = 0; i < 500; i++) {
      const token = await before.acquire();
      issued.add(token);
      await vi.advanceTimersByTimeAsync(1);
      before.release(token);
    }
    const held = await before.acquire();
    issued.add(held);
    await vi.advanceTimersByTimeAsync(1);

    const after = new WriteLeases(quiet);
    const first = await after.acquire();
    let next = false;
    void after.acquire().then((token) => {
      next = true;
      after.release(token);
    });
    for (const token of issued) after.release(token);
    await vi.advanceTimersByTimeAsync(0);
    expect(next).toBe(false);
    after.release(first);
    await vi.advanceTimersByTimeAsync(0);
    expect(next).toBe(true);
    const later = [first];
    for (let i = 0; i < 1_000; i++) {
      const token = await after.acquire();
      later.push(token);
      after.release(token);
    }
    expect(issued.size).toBe(501);
    expect(later.filter((token) => issued.has(token))).toEqual([]);
  });
});

describe("a holder", () => {
  const parts = () => {
    const leases = new WriteLeases(quiet);
    const events: unknown[] = [];
    const holder = () =>
      new WriteLeaseHolder({
        source: () => leases,
        now: Date.now,
        log: ({ event }) => events.push(event),
      });
    return { leases, events, holder };
  };
  const asked = (leases: WriteLeases) => {
    const asker = { has: false };
    void leases.acquire().then(() => (asker.has = true));
    return asker;
  };

  it("keeps its lease over batches until its time is over", async () => {
    const { leases, holder } = parts();
    const one = holder();
    await one.run(async () => undefined);
    const other = asked(leases);
    await vi.advanceTimersByTimeAsync(HELD_MS - 1);
    await one.run(async () => undefined);
    expect(other.has).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    // The next batch waits behind who asked meanwhile.
    let done = false;
    void one.run(async () => undefined).then(() => (done = true));
    await vi.advanceTimersByTimeAsync(0);
    expect([other.has, done]).toEqual([true, false]);
  });

  it("gives its lease back when it has nothing more to send, and after an error", async () => {
    const { leases, holder } = parts();
    const one = holder();
    const work = one.run(() =>
      Promise.reject(new DatabaseError("unreachable", "ECONNREFUSED", null)),
    );
    await expect(work).rejects.toThrow("ECONNREFUSED");
    const other = asked(leases);
    await one.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(other.has).toBe(true);
  });

  it("lets its lease lapse when the database may still be at the batch", async () => {
    const { leases, holder } = parts();
    const one = holder();
    const work = one.run(() => Promise.reject(new DatabaseError("timeout", "TIMEOUT", null)));
    await expect(work).rejects.toThrow("TIMEOUT");
    await one.release();
    const other = asked(leases);
    await vi.advanceTimersByTimeAsync(LAPSE_MS - 1);
    expect(other.has).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(other.has).toBe(true);
  });

  it("works without a lease when the Coordinator is out of reach, and says so", async () => {
    const { events } = parts();
    const unreachable = () => Promise.reject(new Error("gone"));
    const holder = new WriteLeaseHolder({
      source: () => ({ acquire: unreachable, release: unreachable }),
      now: Date.now,
      log: ({ event }) => events.push(event),
    });
    expect(await holder.run(async () => 7)).toBe(7);
    await holder.release();
    expect(events).toEqual(["write_lease_unavailable"]);
  });
});
