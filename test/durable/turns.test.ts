import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TURN_MS, Turns } from "../../src/durable/turns.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("turns", () => {
  it("are held by two at a time, in the order they were asked for", async () => {
    const turns = new Turns();
    const order: string[] = [];
    const a = await turns.take();
    await turns.take();
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
    await turns.take();
    const third = turns.take();
    const fourth = turns.take();
    await vi.advanceTimersByTimeAsync(TURN_MS);
    const token = await third;
    await fourth;
    expect(lapsed).toBe(2);
    let fifth = false;
    void turns.take().then(() => (fifth = true));
    turns.giveBack(lost);
    await vi.advanceTimersByTimeAsync(0);
    expect(fifth).toBe(false);
    turns.giveBack(token);
    await vi.advanceTimersByTimeAsync(0);
    expect(fifth).toBe(true);
  });
});
