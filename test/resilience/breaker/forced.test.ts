import { describe, expect, it } from "vitest";
import { Bench } from "./bench.ts";

describe("a breaker that is forced, reset, or opened for the cluster:", () => {
  it("forced open refuses calls and trials, and never half-opens", () => {
    const bench = new Bench();
    bench.breaker.forceOpen(null, "drill", bench.now);
    bench.now += 3_600_000;
    expect([bench.call("ok"), bench.call("ok", "trial"), bench.state]).toEqual([
      false,
      false,
      "forced_open",
    ]);
  });

  it("forced open ends at its time, and a trial finds out how the backend is", () => {
    const bench = new Bench();
    bench.breaker.forceOpen(bench.now + 5_000, "drill", bench.now);
    expect(bench.retryAfter()).toBe(5_000);
    bench.now += 5_000;
    bench.call("ok", "trial");
    bench.call("ok", "trial");
    expect(bench.moves).toEqual([
      "closed→forced_open",
      "forced_open→open",
      "open→half_open",
      "half_open→closed",
    ]);
  });

  it("disabled lets everything through and records nothing", () => {
    const bench = new Bench();
    bench.breaker.disable(null, "test", bench.now);
    for (let i = 0; i < 50; i++) expect(bench.call("fail")).toBe(true);
    expect(bench.state).toBe("disabled");
  });

  it("disabled ends at its time, closed and empty", () => {
    const bench = new Bench();
    bench.calls("fail", "fail", "fail");
    bench.breaker.disable(bench.now + 1_000, "test", bench.now);
    bench.now += 1_000;
    expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 0]);
  });

  it("reset closes any state and forgets the window", () => {
    for (const prepare of [
      (bench: Bench) => bench.calls("fail", "fail", "fail"),
      (bench: Bench) => bench.open(),
      (bench: Bench) => bench.halfOpen().begin("trial"),
      (bench: Bench) => bench.breaker.forceOpen(null, "x", bench.now),
      (bench: Bench) => bench.breaker.disable(null, "x", bench.now),
    ]) {
      const bench = new Bench();
      prepare(bench);
      bench.breaker.reset(bench.now);
      expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 0]);
    }
  });

  it("reset of a closed breaker is no transition", () => {
    const bench = new Bench();
    bench.calls("fail");
    bench.breaker.reset(bench.now);
    expect(bench.moves).toEqual([]);
  });

  it("forcing it twice is one transition, and the later end counts", () => {
    const bench = new Bench();
    bench.breaker.forceOpen(bench.now + 1_000, "a", bench.now);
    bench.breaker.forceOpen(bench.now + 9_000, "b", bench.now);
    expect(bench.moves).toEqual(["closed→forced_open"]);
    expect(bench.breaker.forced(bench.now)).toEqual({ until: bench.now + 9_000, reason: "b" });
  });

  it("every state can be forced open and disabled", () => {
    for (const prepare of [
      (bench: Bench) => bench.open(),
      (bench: Bench) => bench.halfOpen().begin("trial"),
    ]) {
      const bench = new Bench();
      prepare(bench);
      bench.breaker.forceOpen(null, "x", bench.now);
      expect(bench.state).toBe("forced_open");
      bench.breaker.disable(null, "x", bench.now);
      expect(bench.state).toBe("disabled");
    }
  });

  it("the result of a call from before a forced state changes nothing", () => {
    const bench = new Bench();
    const permit = bench.begin();
    bench.breaker.forceOpen(null, "x", bench.now);
    if (permit) bench.end(permit, "ok");
    expect(bench.state).toBe("forced_open");
  });

  it("the cluster opens a closed breaker, and moves no other state", () => {
    const bench = new Bench();
    bench.breaker.openForCluster(bench.now);
    expect(bench.events.map(({ to, cause }) => [to, cause])).toEqual([["open", "cluster"]]);
    bench.breaker.disable(null, "x", bench.now);
    bench.breaker.openForCluster(bench.now);
    expect(bench.state).toBe("disabled");
  });
});
