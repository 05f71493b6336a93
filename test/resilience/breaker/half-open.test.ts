import { describe, expect, it } from "vitest";
import { Bench } from "./bench.ts";

describe("a half-open breaker:", () => {
  it("begins with the first trial after the wait, not by itself", () => {
    const bench = new Bench().halfOpen();
    expect(bench.state).toBe("open");
    bench.begin("trial");
    expect(bench.state).toBe("half_open");
  });

  it("a trial before the wait is over is refused", () => {
    const bench = new Bench().open();
    bench.now += 999;
    expect(bench.call("ok", "trial")).toBe(false);
  });

  it("lets exactly the permitted trials through at once", () => {
    const bench = new Bench().halfOpen();
    const permits = Array.from({ length: 1_000 }, () => bench.begin("trial"));
    expect(permits.filter((permit) => permit !== null)).toHaveLength(2);
  });

  it("refuses ordinary calls", () => {
    const bench = new Bench().halfOpen();
    bench.begin("trial");
    expect(bench.begin("call")).toBe(null);
  });

  it("closes when the trials succeed", () => {
    const bench = new Bench().halfOpen();
    bench.call("ok", "trial");
    expect(bench.state).toBe("half_open");
    bench.call("ok", "trial");
    expect(bench.moves).toEqual(["closed→open", "open→half_open", "half_open→closed"]);
  });

  it("opens again when they fail, as soon as that is certain", () => {
    const bench = new Bench().halfOpen();
    bench.call("fail", "trial");
    expect([bench.state, bench.events.at(-1)?.cause]).toEqual(["open", "trial_failed"]);
  });

  it("opens again when they are slow", () => {
    const bench = new Bench().halfOpen();
    bench.call("slow", "trial");
    bench.call("slow", "trial");
    expect(bench.state).toBe("open");
  });

  it("decides by its trials alone: minimum_calls does not apply", () => {
    const bench = new Bench({ minimum_calls: 4, trial_calls: 1 }).halfOpen();
    bench.call("fail", "trial");
    expect(bench.state).toBe("open");
  });

  it("a mixed result below the rate closes it", () => {
    const bench = new Bench({ trial_calls: 3 }).halfOpen();
    bench.call("fail", "trial");
    bench.call("ok", "trial");
    bench.call("ok", "trial");
    expect(bench.state).toBe("closed");
  });

  it("an ignored trial gives its permit back and decides nothing", () => {
    const bench = new Bench().halfOpen();
    for (let i = 0; i < 10; i++) expect(bench.call("ignored", "trial")).toBe(true);
    expect(bench.state).toBe("half_open");
  });

  it("a holder that dies frees its permit when the lease ends", () => {
    const bench = new Bench().halfOpen();
    bench.begin("trial");
    bench.begin("trial");
    expect(bench.begin("trial")).toBe(null);
    expect(bench.breaker.trialAt(bench.now)).toBe(bench.now + 500);
    bench.now += 500;
    expect(bench.begin("trial")).not.toBe(null);
  });

  it("the result of a lapsed lease changes nothing", () => {
    const bench = new Bench().halfOpen();
    const lapsed = bench.begin("trial");
    bench.now += 500;
    if (lapsed) bench.end(lapsed, "fail");
    expect(bench.state).toBe("half_open");
  });

  it("a result given twice counts once", () => {
    const bench = new Bench().halfOpen();
    const permit = bench.begin("trial");
    if (permit) bench.end(permit, "ok");
    if (permit) bench.end(permit, "ok");
    expect(bench.state).toBe("half_open");
  });

  it("a trial of an earlier half-open state changes nothing in a later one", () => {
    const bench = new Bench().halfOpen();
    const early = bench.begin("trial");
    bench.call("fail", "trial");
    bench.now += 2_000;
    bench.begin("trial");
    expect(bench.state).toBe("half_open");
    if (early) bench.end(early, "fail");
    expect(bench.state).toBe("half_open");
  });
});
