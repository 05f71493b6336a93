import { describe, expect, it } from "vitest";
import { Breaker, DEFAULT_BREAKER } from "../../../src/resilience/index.ts";
import { Bench, CONFIG } from "./bench.ts";

describe("a breaker's settings:", () => {
  it("the defaults are valid", () =>
    expect(() => new Breaker(DEFAULT_BREAKER, Math.random)).not.toThrow());

  it("minimum_calls beyond a count window counts as its size", () => {
    const bench = new Bench({ minimum_calls: 100 });
    bench.calls("fail", "fail", "fail", "fail");
    expect(bench.state).toBe("open");
  });

  it("settings passed in are not changed, and may change at run time without a transition", () => {
    const config = { ...CONFIG };
    const bench = new Bench(config);
    bench.breaker.configure({ ...config, minimum_calls: 2 });
    bench.calls("fail", "fail");
    expect(config).toEqual(CONFIG);
    expect(bench.moves).toEqual(["closed→open"]);
  });

  it.each([
    ["failure_rate", 0],
    ["failure_rate", 1.01],
    ["slow_call_rate", -1],
    ["window_size", 0],
    ["window_size", 1.5],
    ["minimum_calls", 0],
    ["trial_calls", 0],
    ["open_ms", 0],
    ["open_backoff", 0.5],
    ["open_jitter", 2],
    ["slow_call_ms", Number.NaN],
  ] as const)("%s %s is refused by name", (name, value) => {
    expect(() => new Bench({ [name]: value })).toThrow(name);
  });

  it("are refused with the name of each that is out of bounds", () => {
    expect(() => new Bench({ window_size: 0, open_backoff: 11 })).toThrow(
      "window_size must be a whole number from 1 to 1000; open_backoff must be from 1 to 10",
    );
  });
});
