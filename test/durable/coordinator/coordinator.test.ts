/** The Coordinator as a whole, in Node: commands in, answers and what is left behind out. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usageView } from "../../../src/durable/coordinator/monitoring/usage.ts";
import { NO_USAGE } from "../../../src/durable/shared/instance/usage.ts";
import { COORDINATOR_COMMANDS } from "../../../src/durable/shared/coordinator.ts";
import { NodeCoordinator, type InstanceAnswers } from "../../support/coordinator.ts";
import { until } from "../../support/processes/until.ts";

vi.mock("cloudflare:workers", async () => (await import("../../support/coordinator.ts")).WORKERS);

let coordinator: NodeCoordinator;
let asked: string[];
let answers: InstanceAnswers;

beforeEach(async () => {
  vi.stubGlobal("scheduler", { wait: (ms: number) => new Promise((end) => setTimeout(end, ms)) });
  [asked, answers] = [[], () => undefined];
  coordinator = await NodeCoordinator.open({
    vars: { INSTANCE_COUNT: "2" },
    instances: (index, name, input) => {
      asked.push(`${index} ${name}`);
      return answers(index, name, input);
    },
  });
  // What a job does is not the matter here.
  coordinator.areWorkflowsOff = true;
});
afterEach(() => {
  coordinator.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const start = (key: string, more: object = {}) =>
  coordinator.command("jobs.start", {
    kind: "backup",
    params: { kind: "full" },
    key,
    by: "test",
    ...more,
  });
const series = async (name: string): Promise<Record<string, number>> => {
  const { samples } = await coordinator.command("metrics.get", null);
  return Object.fromEntries(
    samples.flatMap((sample) =>
      sample.name === name && "value" in sample && sample.value > 0
        ? [[Object.values(sample.labels).join(" "), sample.value]]
        : [],
    ),
  );
};
const titles = async (): Promise<string[]> =>
  (await coordinator.command("incidents.timeline", { since: 0 })).incidents.map(
    ({ title }) => title,
  );
const ended = (
  id: string,
  status: "succeeded" | "failed",
  more: { result?: unknown; error?: string; refused_by?: "r2" | "database" } = {},
) =>
  coordinator.command("jobs.finish", {
    id,
    status,
    result: null,
    error: null,
    refused_by: null,
    ...more,
  });
const progress = { phase: "scan", rows: 0, bytes: 0, done: 1, total: 2 };

describe("a job, from the request to the end", () => {
  it("is launched once, reported, ended and counted once, and named by readiness and alerts", async () => {
    const { id } = await start("a");
    expect((await start("a")).id).toBe(id);
    expect(coordinator.started).toEqual([id]);
    expect(await coordinator.command("jobs.acquire", { id })).toBe("go");
    await coordinator.command("jobs.report", { id, progress });
    await ended(id, "succeeded", { result: { kind: "full" } });
    // A step that is repeated because its answer was lost.
    await ended(id, "succeeded", { result: { kind: "full" } });
    expect(await series("memory_job_requests_total")).toEqual({
      "backup queued": 1,
      "backup known": 1,
    });
    expect(await series("memory_job_runs_total")).toEqual({
      "backup-full success": 1,
      "backup-verify success": 1,
    });
    const { jobs } = await coordinator.command("facts.get", null);
    expect(jobs.map(({ job, result }) => [job, result])).toEqual([
      ["backup-full", "success"],
      ["backup-verify", "success"],
    ]);
    expect(await titles()).toEqual(["backup-full: success", "backup-verify: success"]);
    const gauges = await series("memory_backup_last_success_timestamp_seconds");
    expect(Object.keys(gauges)).toEqual(["full"]);
  });

  it("that fails makes an incident with the reason; one that is cancelled makes none", async () => {
    const failed = (await start("a")).id;
    await coordinator.command("jobs.acquire", { id: failed });
    await ended(failed, "failed", { error: "the disk is full" });
    const { id } = await start("b");
    await coordinator.command("jobs.cancel", { id, release: false, by: "test" });
    expect(await titles()).toEqual(["backup-full: failure"]);
    const { jobs } = await coordinator.command("facts.get", null);
    expect(jobs).toMatchObject([{ result: "failure", detail: "the disk is full" }]);
  });

  it("that restores, or deletes what somebody named, is in the timeline as that, with who", async () => {
    for (const kind of ["restore", "retention"] as const) {
      const params = { backup: "2026-05-01T03-00-00Z-full" };
      const job = { kind, params, key: kind, by: "root (ana)" };
      const { id } = await coordinator.command("jobs.start", job);
      await ended(id, "succeeded");
    }
    await coordinator.command("instance.note", {
      kind: "erasure",
      title: "namespace n was erased",
      by: "operator",
      namespace: "n",
    });
    const all = (await titles()).map((title) => title.replace(/\(\w+-[^,]*, /, "("));
    expect(all).toEqual([
      "restore of backup 2026-05-01T03-00-00Z-full: succeeded (root (ana))",
      "deletion of backup 2026-05-01T03-00-00Z-full: succeeded (root (ana))",
      "namespace n was erased (operator)",
    ]);
  });

  it("that the platform did not take is launched by the alarm, also by an object that was lost", async () => {
    coordinator.launchFailure = new Error("busy");
    const { id } = await start("a");
    expect(coordinator.started).toEqual([]);
    coordinator.launchFailure = null;
    coordinator.evict();
    vi.setSystemTime(Date.now() + 61_000);
    await coordinator.fireAlarm();
    expect(coordinator.started).toEqual([id]);
  });

  it("that was refused for R2's breaker, which has closed meanwhile, is started again at once", async () => {
    const { id } = await start("a");
    await ended(id, "failed", { error: "R2 is not asked", refused_by: "r2" });
    expect(coordinator.started).toHaveLength(2);
    const [again] = await coordinator.command("jobs.list", { limit: 1 });
    expect(again).toMatchObject({ status: "queued", by: `test (again: ${id})` });
    await ended(again?.id ?? "", "failed", { error: "the disk is full" });
    expect(coordinator.started).toHaveLength(2);
  });

  it("is counted as refused when too many wait, and as coalesced when it waits already", async () => {
    for (let i = 0; i < 10; i++) await start(`${i}`, { params: { kind: "full", window_days: i } });
    await expect(start("more", { params: { kind: "full" } })).rejects.toThrow("rate_limited: 10");
    await start("same", { params: { kind: "full", window_days: 3 } });
    expect(await series("memory_job_requests_total")).toEqual({
      "backup queued": 10,
      "backup refused": 1,
      "backup coalesced": 1,
    });
  });
});

describe("a short job", () => {
  const begin = (scheduled_at: number) =>
    coordinator.command("jobs.begin", { kind: "prune", scheduled_at });

  it("is shown while it runs, counted when it is skipped, and says what it found", async () => {
    const begun = await begin(1_000);
    expect(await begin(1_000)).toBeNull();
    const running = await coordinator.command("facts.get", null);
    expect(running.jobs).toMatchObject([{ job: "prune", result: null, ended_at: null }]);
    const { id } = begun ?? { id: "" };
    await ended(id, "succeeded", { result: "2" });
    const { jobs } = await coordinator.command("facts.get", null);
    expect(jobs).toMatchObject([{ job: "prune", result: "success", detail: "2" }]);
    expect(jobs[0]?.scheduled_at).toBe(new Date(1_000).toISOString());
    expect(await series("memory_job_runs_total")).toEqual({
      "prune skipped": 1,
      "prune success": 1,
    });
  });

  it("that fails is an incident, and is begun again under the same time", async () => {
    const { id } = (await begin(1_000)) ?? { id: "" };
    await ended(id, "failed", { error: "no" });
    expect(await titles()).toEqual(["job prune failed"]);
    expect(await begin(1_000)).toEqual({ id });
  });
});

describe("a restore's hold on the database", () => {
  const hold = (job: string) => coordinator.command("restore.hold", { job, backup: "b" });
  const released = { namespace: null, episode: null, outbox: "replay", merged: true } as const;

  it("is pushed to every instance before it is there, and ends when each has dropped what it knew", async () => {
    answers = (index, name) =>
      name === "restore_done" ? { replayed: index + 1, kept: 0, next: null } : undefined;
    const writers = await hold("restore-1");
    expect(writers).toEqual([
      { writer: "instance-0", batch: 0 },
      { writer: "instance-1", batch: 0 },
      { writer: "coordinator", batch: expect.any(Number) as number },
    ]);
    expect(asked.indexOf("1 control")).toBeLessThan(asked.indexOf("0 restore_hold"));
    const { restore } = await coordinator.command("control.get", null);
    expect(restore).toMatchObject({ job: "restore-1", backup: "b", phase: "running" });
    expect(await coordinator.command("restore.release", released)).toEqual({
      replayed: 3,
      kept: 0,
    });
    expect((await coordinator.command("control.get", null)).restore).toBeNull();
  });

  it("is one restore's at a time, and stays when it ends half way", async () => {
    const { id } = await start("r", { kind: "restore", params: { backup: "b" } });
    await coordinator.command("jobs.acquire", { id });
    await hold(id);
    await expect(hold("another")).rejects.toThrow(`conflict: The restore ${id} has the database.`);
    await ended(id, "failed", { error: "no" });
    const { restore } = await coordinator.command("control.get", null);
    expect(restore).toMatchObject({ job: id, phase: "interrupted" });
    await coordinator.command("jobs.cancel", { id, release: true, by: "ana" });
    expect((await coordinator.command("control.get", null)).restore).toBeNull();
  });

  it("is not ended while an instance does not answer", async () => {
    await hold("restore-1");
    answers = (index, name) => {
      if (index === 1 && name === "restore_done") throw new Error("gone");
      return undefined;
    };
    await expect(coordinator.command("restore.release", released)).rejects.toThrow(
      "not_ready: Instance 1 does not answer",
    );
    expect((await coordinator.command("control.get", null)).restore).not.toBeNull();
  });
});

describe("what an instance reports", () => {
  const report = (instance: number, state: "closed" | "half_open" | "open", more: object = {}) =>
    coordinator.command("instance.report", {
      instance,
      control_version: 0,
      breakers: { turso: state },
      ...more,
    });

  it("makes incidents of what changed, and of nothing else", async () => {
    await report(0, "closed", { dead: 0 });
    await report(0, "open", { dead: 2 });
    await report(0, "open", { dead: 2 });
    await report(0, "closed", { dead: 1 });
    expect(await titles()).toEqual([
      "circuit breaker of turso at instance 0: closed → open",
      "2 rows are parked at instance 0",
      "circuit breaker of turso at instance 0: closed again after 0 s, 2 transitions, 0 failed trials",
    ]);
  });

  it("of an outage of many trials is its beginning and its course, also by another Coordinator", async () => {
    await report(0, "open");
    await report(1, "open");
    for (let trial = 0; trial < 70; trial++) {
      for (const instance of [0, 1]) {
        await report(instance, "half_open");
        await report(instance, "open");
      }
    }
    expect(await titles()).toEqual(["circuit breaker of turso at instance 0: closed → open"]);
    vi.setSystemTime(Date.now() + 92_000);
    coordinator.evict();
    await report(0, "closed");
    await report(1, "closed");
    const { incidents } = await coordinator.command("incidents.timeline", { since: 0 });
    expect(incidents).toHaveLength(2);
    expect(incidents[1]).toMatchObject({ kind: "breaker", severity: "info" });
    expect(incidents[1]?.title).toMatch(
      /at 2 instances: closed again after 9\d s, 284 transitions, 140 failed trials/,
    );
    expect(incidents[1]?.detail["course"]).toHaveLength(50);
  });

  it("that is never heard of again does not hide the next outage", async () => {
    await report(0, "open");
    vi.setSystemTime(Date.now() + 3_600_000);
    coordinator.evict();
    await report(1, "open");
    expect(await titles()).toEqual([
      "circuit breaker of turso at instance 0: closed → open",
      "circuit breaker of turso at instance 0: not heard of again (instance 0) after 0 s, 1 transitions, 0 failed trials",
      "circuit breaker of turso at instance 1: closed → open",
    ]);
  });

  it("opens the others when most find the database down, and pushes that", async () => {
    await report(0, "open");
    expect((await coordinator.command("control.get", null)).cluster.turso).toBeNull();
    await report(1, "open");
    const { cluster } = await coordinator.command("control.get", null);
    expect(cluster.turso).toBeGreaterThan(Date.now());
    await until("it is pushed", async () => asked.includes("0 control"));
  });
});

describe("the table of commands", () => {
  it("has a handler for each name, and refuses a name that it does not have", async () => {
    const { HANDLERS } = await import("../../../src/durable/coordinator/commands.ts");
    expect(Object.keys(HANDLERS).sort()).toEqual(Object.keys(COORDINATOR_COMMANDS).sort());
    await expect(coordinator.command("jobs.dream" as never, null as never)).rejects.toThrow(
      /not_ready: .*jobs\.dream/,
    );
  });
});

describe("a mode that is on for a time", () => {
  const on = (until: number | null) =>
    coordinator.command("mode.set", {
      name: "maintenance",
      enabled: true,
      message: "We move.",
      by: "ana",
      until,
    });

  it("ends by itself, also for an object that was lost, and every instance is told", async () => {
    const until = Date.now() + 1_800_000;
    expect((await on(until)).maintenance?.until).toBe(new Date(until).toISOString());
    coordinator.evict();
    vi.setSystemTime(until - 1_000);
    await coordinator.fireAlarm();
    expect((await coordinator.command("facts.get", null)).maintenance).not.toBeNull();
    asked.length = 0;
    vi.setSystemTime(until);
    await coordinator.fireAlarm();
    expect((await coordinator.command("facts.get", null)).maintenance).toBeNull();
    expect(asked.filter((each) => each.endsWith(" control"))).toHaveLength(2);
    expect(await titles()).toEqual([
      `maintenance mode on until ${new Date(until).toISOString()}: We move. (ana)`,
      "maintenance mode off (its time is over)",
    ]);
  });

  it("lasts until it is ended where no time is given, also when it had one before", async () => {
    await on(Date.now() + 1_000);
    await on(null);
    vi.setSystemTime(Date.now() + 90 * 86_400_000);
    await coordinator.fireAlarm();
    expect((await coordinator.command("facts.get", null)).maintenance?.message).toBe("We move.");
  });
});

describe("usage", () => {
  it("is summed over the instances; who is silent is named", async () => {
    const counts = { requests: 3, refusals: 0, episodes: 2, rows: 4, bytes: 9 };
    const rows = (name: string) => [{ name, ...counts, open_episodes: 2 }];
    const others = { ...counts, open_episodes: 0 };
    answers = (index, name) => {
      if (name !== "usage") return undefined;
      if (index === 1) throw new Error("out of reach");
      return { namespaces: { rows: rows("a"), others }, keys: { rows: rows("k"), others } };
    };
    const input = { over: "hour", by: "open_episodes", limit: 10 } as const;
    const usage = await coordinator.command("usage.get", input);
    // There is no database, so that nobody knows the names of keys.
    expect(usage.keys).toMatchObject([{ key: "k", name: null, open_episodes: 2 }]);
    expect(usage.namespaces).toMatchObject([{ namespace: "a", requests: 3 }]);
    expect(usage.others.keys.requests).toBe(3);
    expect(usage.silent).toEqual([1]);
  });

  it("has the names of keys that are known, when they were revoked, and quotas", () => {
    const others = NO_USAGE;
    const rows = ["k", "operator"].map((name) => ({ ...NO_USAGE, name, requests: 1 }));
    const quota = {
      namespace: "a",
      limits: { episodes: 5, bytes: null, lessons: null },
      used: { episodes: 3, bytes: 0 },
    };
    const used = { rows: ["a", "b"].map((name) => ({ ...NO_USAGE, name })), others };
    const share = { namespaces: used, keys: { rows, others }, quotas: [quota] };
    const known = [{ id: "k", name: "leaking", revoked_at: "2026-01-02T03:04:05.678Z" }];
    const input = { over: "hour", by: "requests", limit: 2 } as const;
    expect(usageView([{ value: share }], known, input).keys).toMatchObject([
      { key: "k", name: "leaking", revoked_at: "2026-01-02T03:04:05.678Z" },
      { key: "operator", name: null, revoked_at: null },
    ]);
    const { namespaces } = usageView([{ value: share }], known, input);
    const none = { used: null, limit: null };
    expect(namespaces.map(({ quotas }) => quotas)).toEqual([
      { episodes: { used: 3, limit: 5 }, bytes: none },
      null,
    ]);
  });
});

describe("the timeline in R2", () => {
  it("keeps what was copied, also when the numbers begin anew with an empty storage", async () => {
    const copied = (): string[] =>
      [...coordinator.bucket.objects.keys()].filter((key) => key.startsWith("incidents/"));
    const change = (value: number) =>
      coordinator.command("config.set", { changes: { cache_max_size: value }, by: "ana" });
    await change(500);
    await until("it was copied", () => copied().length === 1);
    coordinator.lose();
    await change(600);
    await until("the next was copied, too", () => copied().length === 2);
    expect(new Set(copied().map((key) => key.split("-").slice(-2).join("-")))).toEqual(
      new Set(["1-1.ndjson"]),
    );
  });
});
