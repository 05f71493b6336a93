import { describe, expect, it } from "vitest";
import { Breaker } from "../../../src/resilience/index.ts";
import { Bench, CONFIG } from "./bench.ts";

describe("a breaker whose clock misbehaves:", () => {
  it("a clock that stands still lets no time pass", () => {
    const bench = new Bench().open();
    for (let i = 0; i < 100; i++) expect(bench.call("ok", "trial")).toBe(false);
  });

  it("a clock that steps back does not lengthen the wait beyond what was left", () => {
    const bench = new Bench().open();
    bench.now += 900;
    expect(bench.retryAfter()).toBe(100);
    bench.now -= 500_000;
    expect(bench.retryAfter()).toBe(100);
    bench.now += 100;
    expect(bench.call("ok", "trial")).toBe(true);
  });

  it("a clock that was a day ahead, and is set right, lets a trial through in its time", () => {
    const bench = new Bench();
    bench.now += 86_400_000;
    bench.open();
    const wait = bench.retryAfter();
    bench.now -= 86_400_000;
    expect(bench.retryAfter()).toBe(wait);
    bench.now += Number(wait);
    expect(bench.call("ok", "trial")).toBe(true);
  });

  it("a clock that leaps forward opens the way for a trial, not for calls", () => {
    const bench = new Bench().open();
    bench.now += 1e12;
    expect([bench.call("ok"), bench.call("ok", "trial")]).toEqual([false, true]);
  });
});

describe("the transitions of a breaker:", () => {
  it("each transition is reported once, in order, with its cause and its numbers", () => {
    const bench = new Bench().open();
    expect(bench.events).toEqual([
      {
        from: "closed",
        to: "open",
        epoch: 1,
        at: bench.now,
        cause: "failure_rate",
        rates: { calls: 4, failed: 4, slow: 0 },
      },
    ]);
  });

  it("a listener that throws does not stop the machine", () => {
    const breaker = new Breaker(
      CONFIG,
      () => 0,
      () => {
        throw new Error("listener");
      },
    );
    for (let i = 0; i < 4; i++) {
      const admission = breaker.acquire(0, "call");
      if (admission.ok) breaker.record(admission.permit, "failure", 1, 0);
    }
    expect(breaker.state(0)).toBe("open");
  });

  it("the time of the next trial is reported while it is open, and none when closed or forced", () => {
    const bench = new Bench();
    expect(bench.breaker.trialAt(bench.now)).toBe(null);
    bench.open();
    expect(bench.breaker.trialAt(bench.now)).toBe(bench.now + 1_000);
    bench.breaker.forceOpen(null, "x", bench.now);
    expect(bench.breaker.trialAt(bench.now)).toBe(null);
  });
});
