import { describe, expect, it } from "vitest";
import { ProbeWrite } from "../../../../src/durable/instance/status/health.ts";

describe("the probe write", () => {
  it("writes once for many who ask, answers late when it must, and remembers what it found", async () => {
    let now = 1_000_000;
    let writes = 0;
    let finish: () => void = () => undefined;
    const write = (): Promise<void> => {
      writes += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const probe = new ProbeWrite({ write, kindOf: () => "timeout", now: () => now });
    const found = await Promise.all([probe.ask(5), probe.ask(5)]);
    expect(found.map(({ failed }) => failed)).toEqual(["late", "late"]);
    const asked = probe.ask(1_000);
    finish();
    expect((await asked).failed).toBeNull();
    expect((await probe.ask(5)).failed).toBeNull();
    expect(writes).toBe(1);
    now += 6_000;
    expect((await probe.ask(5)).failed).toBe("late");
    expect(writes).toBe(2);
    finish();
  });

  it("says what kind of error the write met", async () => {
    const probe = new ProbeWrite({
      write: () => Promise.reject(new Error("no")),
      kindOf: () => "quota",
      now: () => 1,
    });
    expect(await probe.ask(1_000)).toEqual({ at: 1, latency_ms: 0, failed: "quota" });
  });
});
