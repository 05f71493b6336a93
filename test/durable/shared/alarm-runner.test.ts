import { describe, expect, it, vi } from "vitest";
import { AlarmRunner } from "../../../src/durable/shared/alarm.ts";
import { Meter } from "../../../src/observability/index.ts";

function opened(works: Parameters<typeof makeParts>[0]) {
  let now = 1_000_000;
  const meter = new Meter();
  const logged: Record<string, unknown>[] = [];
  const deps = {
    now: () => now,
    meter,
    log: (event: Record<string, unknown>) => logged.push(event),
  };
  return {
    parts: new AlarmRunner(makeParts(works), deps),
    meter,
    logged,
    later: (ms: number) => {
      now += ms;
    },
  };
}

function makeParts(
  works: readonly [name: "flush" | "load" | "evict", work: () => Promise<void> | void][],
) {
  return works.map(([name, onAlarm]) => ({ name, part: { onAlarm }, minDelayMs: 0 }));
}

describe("the parts of an alarm", () => {
  it("run in their order, and one that fails takes no other with it", async () => {
    const ran: string[] = [];
    const { parts, meter, logged } = opened([
      ["flush", () => void ran.push("flush")],
      [
        "load",
        () => {
          ran.push("load");
          throw new Error("string or blob too big");
        },
      ],
      ["evict", () => void ran.push("evict")],
    ]);
    await parts.run();
    expect(ran).toEqual(["flush", "load", "evict"]);
    expect(meter.value("memory_alarm_failures_total", { part: "load" })).toBe(1);
    expect(logged).toEqual([
      {
        event: "alarm_part_failed",
        part: "load",
        failures: 1,
        reason: "Error: string or blob too big",
      },
    ]);
  });

  it("wait after a failure, twice as long each time, and are named from the third on", async () => {
    let tries = 0;
    const { parts, later } = opened([
      [
        "load",
        () => {
          tries += 1;
          throw new Error("no");
        },
      ],
    ]);
    await parts.run();
    await parts.run();
    expect(tries).toBe(1);
    later(500);
    await parts.run();
    later(500);
    await parts.run();
    expect(tries).toBe(2);
    expect(parts.failing(3)).toEqual([]);
    later(500);
    await parts.run();
    expect(tries).toBe(3);
    expect(parts.failing(3)).toMatchObject([{ part: "load", failures: 3, error: "Error: no" }]);
  });

  it("are well again after one success", async () => {
    let broken = true;
    const { parts, later } = opened([
      [
        "load",
        () => {
          if (broken) throw new Error("no");
        },
      ],
    ]);
    await parts.run();
    broken = false;
    later(60_000);
    await parts.run();
    expect(parts.failing(1)).toEqual([]);
  });

  it("go on without one that does not come back, and do not begin it twice", async () => {
    vi.useFakeTimers();
    try {
      const ran: string[] = [];
      let release = (): void => undefined;
      const stuck = (): Promise<void> => {
        ran.push("load");
        return new Promise((resolve) => {
          release = resolve;
        });
      };
      const { parts, meter, logged } = opened([
        ["load", stuck],
        ["evict", () => void ran.push("evict")],
      ]);
      const first = parts.run();
      await vi.advanceTimersByTimeAsync(30_000);
      await first;
      await parts.run();
      expect(ran).toEqual(["load", "evict", "evict"]);
      expect(meter.value("memory_alarm_failures_total", { part: "load" })).toBe(1);
      expect(logged).toMatchObject([{ event: "alarm_part_failed", part: "load", failures: 1 }]);
      expect(parts.failing(3)).toMatchObject([{ part: "load", failures: 1 }]);
      release();
      await vi.advanceTimersByTimeAsync(0);
      expect(parts.failing(1)).toEqual([]);
      const third = parts.run();
      await vi.advanceTimersByTimeAsync(30_000);
      await third;
      expect(ran.filter((name) => name === "load")).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
