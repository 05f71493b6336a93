import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { moduleOf } from "./modules.ts";

const { Live } = await moduleOf("core/live.js");

let listeners: Set<() => void>;
let page: { hidden: boolean; addEventListener: unknown; removeEventListener: unknown };

beforeEach(() => {
  vi.useFakeTimers();
  listeners = new Set();
  page = {
    hidden: false,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function setHidden(isHidden: boolean): void {
  page.hidden = isHidden;
  for (const listener of listeners) listener();
}

describe("a live view", () => {
  it("asks again and again, and no more once it is left", async () => {
    const work = vi.fn(async () => true);
    const live = new Live(work, 5_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(work).toHaveBeenCalledTimes(3);
    live.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(3);
    expect(listeners.size).toBe(0);
  });

  it("asks more and more seldom while it fails, at least once a minute, then as before", async () => {
    let isWell = false;
    const at: number[] = [];
    const begun = Date.now();
    const live = new Live(async () => {
      at.push((Date.now() - begun) / 1_000);
      return isWell;
    }, 5_000);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(at).toEqual([5, 15, 35, 75, 135, 195]);
    isWell = true;
    await vi.advanceTimersByTimeAsync(65_000);
    expect(at.slice(6)).toEqual([255, 260, 265]);
    live.stop();
  });

  it("does not ask while nobody looks, and at once when somebody does", async () => {
    const work = vi.fn(async () => true);
    const live = new Live(work, 5_000);
    setHidden(true);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(work).not.toHaveBeenCalled();
    setHidden(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(1);
    live.stop();
  });
});
