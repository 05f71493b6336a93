import { describe, expect, it } from "vitest";
import type { BreakerSnapshot } from "../../../src/resilience/index.ts";
import { Bench, moved } from "./bench.ts";

describe("a stored breaker:", () => {
  it("a closed window goes on where it stopped", () => {
    const bench = new Bench();
    bench.calls("fail", "fail", "fail");
    const next = moved(bench);
    next.calls("fail");
    expect(next.state).toBe("open");
  });

  it("an open one waits only what is left", () => {
    const bench = new Bench().open();
    bench.now += 700;
    expect(moved(bench).retryAfter()).toBe(300);
  });

  it("an open one whose time passed meanwhile takes a trial at once", () => {
    const bench = new Bench().open();
    bench.now += 60_000;
    const next = moved(bench);
    expect([next.call("ok", "trial"), next.state]).toEqual([true, "half_open"]);
  });

  it("a half-open one keeps its leases and their results", () => {
    const bench = new Bench().halfOpen();
    const permit = bench.begin("trial");
    bench.call("ok", "trial");
    const next = moved(bench);
    expect(next.begin("trial")).toBe(null);
    if (permit) next.end(permit, "ok");
    expect(next.state).toBe("closed");
  });

  it("a new lease does not take an old one's name", () => {
    const bench = new Bench({ trial_calls: 3 }).halfOpen();
    const before = bench.begin("trial");
    const after = moved(bench, { trial_calls: 3 }).begin("trial");
    expect(after?.trial).not.toBe(before?.trial);
  });

  it("the epoch goes on rising, so that results from before stay out", () => {
    const bench = new Bench().open();
    const next = moved(bench);
    next.now += 1_000;
    next.begin("trial");
    expect(next.breaker.epoch).toBeGreaterThan(bench.breaker.epoch);
  });

  it("a forced state keeps its end and its reason", () => {
    const bench = new Bench();
    bench.breaker.forceOpen(bench.now + 500, "drill", bench.now);
    expect(moved(bench).breaker.forced(bench.now)).toEqual({
      until: bench.now + 500,
      reason: "drill",
    });
  });

  it("what was stored does not change with what goes on", () => {
    const bench = new Bench().halfOpen();
    bench.begin("trial");
    const snapshot = bench.breaker.toJSON();
    const copy = JSON.stringify(snapshot);
    bench.begin("trial");
    expect(JSON.stringify(snapshot)).toBe(copy);
  });

  it("by release 0.1 goes on with its calls, or without any where its window was of seconds", () => {
    const bucket = { second: 1_000, calls: 3, failed: 3, slow: 0 };
    const windows = [
      { type: "count", marks: [1, 1, 1] },
      { type: "time", buckets: [bucket] },
    ];
    const calls = windows.map((window) => {
      const stored = { epoch: 7, last_now: 1_000_000, state: { kind: "closed", window } };
      const bench = new Bench();
      bench.breaker.restore(stored as unknown as BreakerSnapshot);
      const { calls: before } = bench.breaker.rates(bench.now);
      bench.calls("fail");
      return [before, bench.state];
    });
    expect(calls).toEqual([
      [3, "open"],
      [0, "closed"],
    ]);
  });
});
