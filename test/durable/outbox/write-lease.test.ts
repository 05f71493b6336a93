import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEPT_MS, TURN_MS, TurnHolder, Turns } from "../../../src/durable/outbox/write-lease.ts";
import { DatabaseError } from "../../../src/storage/index.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("turns", () => {
  it("are held by one at a time, in the order they were asked for", async () => {
    const turns = new Turns();
    const order: string[] = [];
    const a = await turns.take();
    void turns.take().then(() => order.push("b"));
    void turns.take().then(() => order.push("c"));
    await Promise.resolve();
    expect(order).toEqual([]);
    turns.giveBack(a);
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(["b"]);
  });

  it("lapse when their holders do not come back, and are then not the old holders' to give", async () => {
    let lapsed = 0;
    const turns = new Turns(() => (lapsed += 1));
    const lost = await turns.take();
    const second = turns.take();
    await vi.advanceTimersByTimeAsync(TURN_MS);
    const token = await second;
    expect(lapsed).toBe(1);
    let third = false;
    void turns.take().then(() => (third = true));
    turns.giveBack(lost);
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toBe(false);
    turns.giveBack(token);
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toBe(true);
  });
});

describe("turns after the Coordinator was evicted", () => {
  it("are never the old ones again, and not the old holders' to give", async () => {
    const before = new Turns();
    const issued = new Set<number>();
    for (let i = 0; i < 500; i++) {
      const token = await before.take();
      issued.add(token);
      await vi.advanceTimersByTimeAsync(1);
      before.giveBack(token);
    }
    const held = await before.take();
    issued.add(held);
    await vi.advanceTimersByTimeAsync(1);

    const after = new Turns();
    const first = await after.take();
    let next = false;
    void after.take().then((token) => {
      next = true;
      after.giveBack(token);
    });
    for (const token of issued) after.giveBack(token);
    await vi.advanceTimersByTimeAsync(0);
    expect(next).toBe(false);
    after.giveBack(first);
    await vi.advanceTimersByTimeAsync(0);
    expect(next).toBe(true);
    const later = [first];
    for (let i = 0; i < 1_000; i++) {
      const token = await after.take();
      later.push(token);
      after.giveBack(token);
    }
    expect(issued.size).toBe(501);
    expect(later.filter((token) => issued.has(token))).toEqual([]);
  });
});

describe("a holder", () => {
  const parts = () => {
    const turns = new Turns();
    const events: unknown[] = [];
    const coordinator = {
      takeTurn: () => turns.take(),
      giveTurnBack: async (token: number) => turns.giveBack(token),
    };
    const holder = () =>
      new TurnHolder(
        () => coordinator,
        () => Date.now(),
        ({ event }) => events.push(event),
      );
    return { turns, events, coordinator, holder };
  };
  const asked = (turns: Turns) => {
    const asker = { has: false };
    void turns.take().then(() => (asker.has = true));
    return asker;
  };

  it("keeps its turn over batches until its time is over", async () => {
    const { turns, holder } = parts();
    const one = holder();
    await one.run(async () => undefined);
    const other = asked(turns);
    await vi.advanceTimersByTimeAsync(KEPT_MS - 1);
    await one.run(async () => undefined);
    expect(other.has).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    // The next batch waits behind who asked meanwhile.
    let done = false;
    void one.run(async () => undefined).then(() => (done = true));
    await vi.advanceTimersByTimeAsync(0);
    expect([other.has, done]).toEqual([true, false]);
  });

  it("gives its turn back when it has nothing more to send, and after an error", async () => {
    const { turns, holder } = parts();
    const one = holder();
    const work = one.run(() =>
      Promise.reject(new DatabaseError("unreachable", "ECONNREFUSED", null)),
    );
    await expect(work).rejects.toThrow("ECONNREFUSED");
    const other = asked(turns);
    await one.done();
    await vi.advanceTimersByTimeAsync(0);
    expect(other.has).toBe(true);
  });

  it("lets its turn lapse when the database may still be at the batch", async () => {
    const { turns, holder } = parts();
    const one = holder();
    const work = one.run(() => Promise.reject(new DatabaseError("timeout", "TIMEOUT", null)));
    await expect(work).rejects.toThrow("TIMEOUT");
    await one.done();
    const other = asked(turns);
    await vi.advanceTimersByTimeAsync(TURN_MS - 1);
    expect(other.has).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(other.has).toBe(true);
  });

  it("works without a turn when the Coordinator is out of reach, and says so", async () => {
    const { events } = parts();
    const unreachable = () => Promise.reject(new Error("gone"));
    const holder = new TurnHolder(
      () => ({ takeTurn: unreachable, giveTurnBack: unreachable }),
      Date.now,
      ({ event }) => events.push(event),
    );
    expect(await holder.run(async () => 7)).toBe(7);
    await holder.done();
    expect(events).toEqual(["turn_unavailable"]);
  });
});
