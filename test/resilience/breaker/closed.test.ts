import { describe, expect, it } from "vitest";
import { Bench } from "./bench.ts";

describe("a closed breaker:", () => {
  it("never opens below minimum_calls, even if all fail", () => {
    const bench = new Bench();
    bench.calls("fail", "fail", "fail");
    expect(bench.state).toBe("closed");
  });

  it("opens at exactly the failure rate", () => {
    const bench = new Bench();
    bench.calls("ok", "ok", "fail", "fail");
    expect(bench.state).toBe("open");
  });

  it("stays closed just below it", () => {
    const bench = new Bench();
    bench.calls("ok", "ok", "ok", "fail");
    expect(bench.state).toBe("closed");
  });

  it("opens by slow calls alone, though all succeed", () => {
    const bench = new Bench();
    bench.calls("slow", "slow", "slow", "ok");
    expect([bench.state, bench.events[0]?.cause]).toEqual(["open", "slow_call_rate"]);
  });

  it("a slow failure is both", () => {
    const bench = new Bench({ failure_rate: 1 });
    bench.calls("slow_fail", "slow", "slow");
    expect(bench.breaker.rates(bench.now)).toEqual({ calls: 3, failed: 1, slow: 3 });
  });

  it("a count window forgets the oldest call", () => {
    const bench = new Bench();
    bench.calls("fail", "ok", "ok", "ok", "fail", "ok");
    expect([bench.state, bench.breaker.rates(bench.now).failed]).toEqual(["closed", 1]);
  });

  it("an ignored call is neither a success nor a failure", () => {
    const bench = new Bench();
    bench.calls("ignored", "ignored", "fail", "fail", "fail");
    expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 3]);
  });

  it("admits any number of calls at once", () => {
    const bench = new Bench();
    const permits = Array.from({ length: 1_000 }, () => bench.begin());
    expect(permits.every((permit) => permit !== null)).toBe(true);
  });
});
