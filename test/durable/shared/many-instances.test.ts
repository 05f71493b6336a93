/**
 * As many instances as there may be one day, on a simulated network and clock: how many messages
 * reach all of them, and in what time, when all are well and when some are not.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/contract/limits.ts";
import { FAN_OUT } from "../../../src/durable/shared/instance/tree.ts";
import type { Sample } from "../../../src/observability/index.ts";
import { SimulatedCluster } from "../../support/simulated-cluster.ts";

const COUNT = 256;
/** The largest answer that the platform lets through, bytes. */
const ANSWER_MAX = 32 * 1_024 ** 2;
/** Objects in other data centers, a busy sender. */
const SLOW = { way: () => 60, send: 1 };

let cluster: SimulatedCluster;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-02T00:00:00.000Z") });
  cluster = new SimulatedCluster(COUNT, SLOW);
});
afterEach(() => {
  vi.useRealTimers();
});

/** What comes of the work, and the simulated time that it took, ms. */
async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const begun = Date.now();
  let done: { value: T; ms: number } | null = null;
  void work.then((value) => {
    done = { value, ms: Date.now() - begun };
  });
  for (let steps = 0; done === null; steps++) {
    if (steps > 1_000) throw new Error("it does not end");
    await vi.advanceTimersByTimeAsync(40);
  }
  return done;
}

describe("the control document", () => {
  it("reaches 256 instances in under two seconds, through two levels of sixteen", async () => {
    cluster.change({ settings: { cache_max_size: 7 } });
    const { ms } = await timed(cluster.coordinator.push());
    expect(new Set(await cluster.versions())).toEqual(new Set([2]));
    expect(cluster.coordinator.nextAt()).toBeNull();
    expect(ms).toBeLessThan(2_000);
    expect(cluster.messages).toHaveLength(COUNT);
    expect(cluster.busiest()).toBeLessThanOrEqual(FAN_OUT);
    expect(cluster.levels()).toBe(2);
  });

  it("needs no question to the Coordinator where it changes the topology", async () => {
    let pulls = 0;
    cluster.nodes.beforeCoordinator = (name) => {
      if (name === "control") pulls += 1;
    };
    cluster.change({ topology: { version: 2, count: COUNT, previous: 250 } });
    await timed(cluster.coordinator.push());
    expect([pulls, new Set(await cluster.versions())]).toEqual([0, new Set([2])]);
  });

  it("reaches those below an instance that is gone or hangs; that one is sent it again", async () => {
    cluster.unreachable.add(16);
    cluster.hung.add(32);
    cluster.change({ degraded: null });
    await timed(cluster.coordinator.push());
    const missed = (await cluster.versions()).flatMap((version, index) =>
      version < 2 ? [index] : [],
    );
    expect(missed).toEqual([16, 32]);

    cluster.unreachable.clear();
    cluster.hung.clear();
    cluster.messages.length = 0;
    const due = cluster.coordinator.nextAt() ?? 0;
    await vi.advanceTimersByTimeAsync(due - Date.now());
    await timed(cluster.coordinator.onAlarm(Date.now()));
    expect(cluster.messages.map(({ to, name }) => [to, name])).toEqual([
      [16, "control"],
      [32, "control"],
    ]);
    expect(new Set(await cluster.versions())).toEqual(new Set([2]));
  });

  it("that was missed comes with the instance's next request", async () => {
    cluster.unreachable.add(20);
    cluster.change({ maintenance: { message: "m", since: "", by: "test" } });
    await timed(cluster.coordinator.push());
    expect((await cluster.versions())[20]).toBe(1);
    const ids = Array.from({ length: 5_000 }, (_, number) => `e${number}`);
    const id = ids.find((candidate) => cluster.nodes.homeOf(candidate) === 20) ?? "";
    await timed(cluster.nodes.call("episode.tags.get", { id }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await cluster.versions())[20]).toBe(2);
  });

  it("of an older version changes nothing, however late it comes", async () => {
    const old = cluster.nodes.control;
    cluster.change({ degraded: null });
    await timed(cluster.coordinator.push());
    const range = { first: 0, end: COUNT };
    const late = { name: "control", input: old, range, total: COUNT, within_ms: 5_000 } as const;
    await timed(cluster.nodes.ask(0, "gather", late as never));
    expect(new Set(await cluster.versions())).toEqual(new Set([2]));
  });
});

const named = (samples: readonly Sample[], name: string): Sample[] =>
  samples.filter((sample) => sample.name === name);
const valueAt = (samples: readonly Sample[], name: string, instance: string): number | undefined =>
  named(samples, name).flatMap((sample) =>
    sample.labels["instance"] === instance && "value" in sample ? sample.value : [],
  )[0];

describe("the metrics of 256 instances", () => {
  it("come in time, with few messages of bounded size, and show each instance", async () => {
    const { value: samples, ms } = await timed(cluster.overview.metrics());
    const up = named(samples, "memory_instance_up");
    expect(up.map(({ labels }) => Number(labels["instance"])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: COUNT }, (_, index) => index),
    );
    expect(ms).toBeLessThan(3_000);
    expect(cluster.messages.filter(({ from }) => from === "outside")).toHaveLength(FAN_OUT);
    expect(cluster.busiest()).toBeLessThanOrEqual(FAN_OUT);
    expect(Math.max(...cluster.messages.map(({ bytes }) => bytes ?? 0))).toBeLessThan(
      ANSWER_MAX / 32,
    );
  });

  it("sum the counters of sixteen, and nothing is counted twice or left out", async () => {
    for (const index of [0, 3, 15, 16]) {
      const sample = { name: "memory_step_logged_total", labels: {}, value: index + 1 } as const;
      const delta = { sender: "t", seq: 1, samples: [sample] };
      await cluster.nodes.ask(index, "count", delta);
    }
    const { value: samples } = await timed(cluster.overview.metrics());
    const steps = named(samples, "memory_step_logged_total");
    expect(steps).toHaveLength(COUNT / FAN_OUT);
    expect(valueAt(samples, "memory_step_logged_total", "0-15")).toBe(1 + 4 + 16);
    expect(valueAt(samples, "memory_step_logged_total", "16-31")).toBe(17);
  });

  it("lack only who is silent: those below a head that is gone or hangs are there", async () => {
    cluster.unreachable.add(16).add(40);
    cluster.hung.add(64);
    const { value: samples, ms } = await timed(cluster.overview.metrics());
    const up = named(samples, "memory_instance_up").flatMap((sample) =>
      "value" in sample && sample.value === 0 ? [Number(sample.labels["instance"])] : [],
    );
    expect(up.sort((a, b) => a - b)).toEqual([16, 40, 64]);
    expect(named(samples, "memory_instance_up")).toHaveLength(COUNT);
    expect(ms).toBeLessThanOrEqual(3_010);
    const series = named(samples, "memory_step_logged_total");
    expect(series.map(({ labels }) => labels["instance"])).toEqual(
      expect.arrayContaining(["16-31 without 16", "32-47 without 40", "64-79 without 64", "0-15"]),
    );
    expect(series).toHaveLength(COUNT / FAN_OUT);
  });
});

describe("readiness of 256 instances", () => {
  it("answers within a second though a head hangs, and blames that one alone", async () => {
    expect((await timed(cluster.overview.readiness())).value.status).toBe("healthy");
    await vi.advanceTimersByTimeAsync(2_000);
    cluster.hung.add(16);
    const { value: readiness, ms } = await timed(cluster.overview.readiness());
    expect(ms).toBeLessThan(1_000);
    expect(readiness.checks.find(({ name }) => name === "instances")).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(/^instances 16 do not answer/),
    });
    const others = readiness.checks.filter(({ name }) => name !== "instances");
    expect(others.filter(({ status }) => status !== "healthy").map(({ name }) => name)).toEqual([]);
  });

  it("answers within a second while the database hangs, and every instance says so", async () => {
    cluster.nodes.beforeDatabase = () => new Promise(() => undefined);
    const { value: readiness, ms } = await timed(cluster.overview.readiness());
    expect(ms).toBeLessThan(1_000);
    expect(readiness.checks.find(({ name }) => name === "instances")?.status).toBe("healthy");
    expect(readiness.checks.find(({ name }) => name === "storage")?.message).toContain("late");
  });
});

describe("what operators ask of 256 instances", () => {
  it("is answered by each, in order, with few messages from the Coordinator", async () => {
    const { value: view } = await timed(cluster.coordinator.view("view"));
    expect(view.instances.map(({ instance }) => instance)).toEqual(
      Array.from({ length: COUNT }, (_, index) => index),
    );
    expect(cluster.busiest()).toBeLessThanOrEqual(FAN_OUT);
  });

  it("names each that is silent, a head and a leaf", async () => {
    cluster.unreachable.add(48).add(50);
    const { value: view } = await timed(cluster.coordinator.view("view"));
    expect(view.instances.filter((each) => "error" in each)).toEqual([
      { instance: 48, error: "the instance is out of reach" },
      { instance: 50, error: "the instance is out of reach" },
    ]);
  });
});

describe("as many instances as there may be", () => {
  it("have a change in under two seconds, three levels down, and readiness soon after", async () => {
    const count = LIMITS.instances_max;
    cluster = new SimulatedCluster(count, SLOW);
    cluster.change({ degraded: null });
    const { ms } = await timed(cluster.coordinator.push());
    expect(ms).toBeLessThan(2_000);
    expect([cluster.levels(), cluster.busiest() <= FAN_OUT]).toEqual([3, true]);
    expect(new Set(await cluster.versions())).toEqual(new Set([2]));

    cluster.hung.add(0).add(272);
    const readiness = await timed(cluster.overview.readiness());
    expect(readiness.ms).toBeLessThan(2_000);
    expect(readiness.value.checks.find(({ name }) => name === "instances")?.message).toMatch(
      /^instances 0, 272 do not answer/,
    );
  });
});
