import { describe, expect, it } from "vitest";
import { Bench } from "./bench.ts";

describe("an open breaker:", () => {
  it("refuses without a call", () => {
    const bench = new Bench().open();
    expect(bench.call("ok")).toBe(false);
  });

  it("says how long, and less as time passes, never less than what is left", () => {
    const bench = new Bench().open();
    expect(bench.retryAfter()).toBe(1_000);
    bench.now += 400;
    expect(bench.retryAfter()).toBe(600);
  });

  it("the late result of a call from before changes nothing", () => {
    const bench = new Bench();
    const late = bench.begin();
    bench.open();
    if (late) bench.end(late, "ok");
    expect([bench.state, bench.moves]).toEqual(["open", ["closed→open"]]);
  });

  it("a result from before an opening does not count after the closing either", () => {
    const bench = new Bench();
    const late = bench.begin();
    bench.halfOpen();
    bench.call("ok", "trial");
    bench.call("ok", "trial");
    expect(bench.state).toBe("closed");
    if (late) bench.end(late, "fail");
    expect(bench.breaker.rates(bench.now).calls).toBe(0);
  });

  it("an ordinary call never is the trial, however long it was open", () => {
    const bench = new Bench().open();
    bench.now += 60_000;
    expect([bench.call("ok"), bench.state]).toEqual([false, "open"]);
  });

  it("stays open longer each time in a row, up to the bound", () => {
    const bench = new Bench().open();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      waits.push(bench.retryAfter());
      bench.now += waits.at(-1) ?? 0;
      bench.call("fail", "trial");
    }
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it("the wait is the first one again after it closed", () => {
    const bench = new Bench().halfOpen();
    bench.call("fail", "trial");
    bench.now += 2_000;
    bench.call("ok", "trial");
    bench.call("ok", "trial");
    bench.open();
    expect(bench.retryAfter()).toBe(1_000);
  });

  it("the wait neither overflows nor ends after any number of failures", () => {
    const bench = new Bench({ open_backoff: 10 }).open();
    for (let i = 0; i < 2_000; i++) {
      bench.now += 3_000;
      bench.call("fail", "trial");
    }
    expect(bench.retryAfter()).toBe(3_000);
  });

  it("jitter only shortens, by at most its share", () => {
    for (const random of [0, 0.5, 1]) {
      const bench = new Bench({ open_jitter: 0.2 }, () => random).open();
      expect(bench.retryAfter()).toBe(1_000 - 200 * random);
    }
  });
});
