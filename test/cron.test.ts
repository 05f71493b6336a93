import { describe, expect, it } from "vitest";
import { runNamed, runScheduled, SCHEDULE } from "../src/cron/index.ts";
import { Refused } from "../src/durable/shared/refusals.ts";
import type { ScheduledJob } from "../src/contract/vocabulary.ts";
import type { CronContext } from "../src/cron/job.ts";

const AT = Date.parse("2026-01-01T02:00:00.000Z");
const cronOf = (name: string): string =>
  SCHEDULE.find((scheduled) => scheduled.name === name)?.cron ?? "";

/** @param coordinator what the Coordinator answers to whatever it is asked */
function world(coordinator: (name: string) => Promise<unknown>) {
  const events: Record<string, unknown>[] = [];
  const bugs: unknown[] = [];
  const asked: [name: string, input: unknown][] = [];
  const context = {
    backend: {
      ask: (name: string, input: unknown): Promise<unknown> => {
        asked.push([name, input]);
        return coordinator(name);
      },
    },
    reporter: {
      bug: (error: unknown, tags: unknown) => bugs.push([String(error), tags]),
      incident: () => undefined,
    },
    log: (event: Record<string, unknown>) => events.push(event),
    now: () => AT,
    scheduledAt: AT,
    by: "cron",
  } as unknown as CronContext;
  return {
    run: (name: string) => runScheduled(cronOf(name), context),
    runNow: (name: ScheduledJob) => runNamed(name, context),
    events,
    bugs,
    asked,
  };
}
const gone = () => Promise.reject(new Error("the Coordinator is gone"));

describe("a scheduled job that could not be begun", () => {
  it.each([
    [
      "is long, and the Coordinator is out of reach",
      "backup-full",
      gone,
      "Error: the Coordinator is gone",
    ],
    [
      "is long, and the Coordinator refuses it",
      "restore-drill",
      () => Promise.reject(new Refused("rate_limited", "not now")),
      "Refused: not now",
    ],
    [
      "is short, and the Coordinator is out of reach",
      "prune",
      gone,
      "Error: the Coordinator is gone",
    ],
  ])(
    "%s: it is logged, reported, and failed to the platform",
    async (_, job, coordinator, reason) => {
      const { run, events, bugs, asked } = world(coordinator);
      await expect(run(job)).rejects.toThrow(reason.replace(/^\w+: /, ""));
      expect(events).toEqual([
        { event: "job_not_started", level: "error", job, cron: cronOf(job), reason },
      ]);
      expect(bugs).toEqual([[reason, { job }]]);
      expect(asked).toHaveLength(1);
    },
  );
});

describe("a scheduled job that was begun", () => {
  it("is asked for under its scheduled time when it is long, and nothing more is said", async () => {
    const { run, events, bugs, asked } = world(() => Promise.resolve({}));
    await run("backup-full");
    const job = { kind: "backup", params: { kind: "full" }, key: `cron backup-full ${AT}` };
    expect(asked).toEqual([["jobs.start", { ...job, by: "cron" }]]);
    expect([events, bugs]).toEqual([[], []]);
  });

  it("and then fails is said to have ended, not to have never begun", async () => {
    const { run, events, bugs, asked } = world((name) =>
      name === "history.prune" ? gone() : Promise.resolve({ id: "prune-1" }),
    );
    await expect(run("prune")).rejects.toThrow("gone");
    expect(events.map(({ event }) => event)).toEqual(["job_started", "job_ended"]);
    expect(bugs).toEqual([["Error: the Coordinator is gone", { job: "prune" }]]);
    const error = "Error: the Coordinator is gone";
    expect(asked.at(-1)).toEqual([
      "jobs.finish",
      { id: "prune-1", status: "failed", result: null, error, refused_by: null },
    ]);
  });

  it("and succeeds is said to have ended with what it found, once", async () => {
    const { run, events, bugs, asked } = world((name) =>
      Promise.resolve(name === "jobs.begin" ? { id: "prune-1" } : { incidents: 2, samples: 3 }),
    );
    await run("prune");
    expect(events.map(({ event, result }) => [event, result])).toEqual([
      ["job_started", undefined],
      ["job_ended", "success"],
    ]);
    expect(bugs).toEqual([]);
    const result = "2 incidents and 3 samples dropped";
    expect(asked).toEqual([
      ["jobs.begin", { kind: "prune", scheduled_at: AT }],
      ["history.prune", null],
      [
        "jobs.finish",
        { id: "prune-1", status: "succeeded", result, error: null, refused_by: null },
      ],
    ]);
  });

  it("is skipped without a complaint when another run of it is at work", async () => {
    const { run, events, bugs } = world(() => Promise.resolve(null));
    await run("prune");
    expect(events.map(({ event }) => event)).toEqual(["job_skipped"]);
    expect(bugs).toEqual([]);
  });
});

describe("a job that an operator runs", () => {
  it("is taken when it is long, and its id is answered", async () => {
    const { runNow } = world(() => Promise.resolve({ id: "backup-1", status: "queued" }));
    expect(await runNow("backup-full")).toEqual({
      status: "queued",
      id: "backup-1",
      detail: null,
    });
  });

  it("is skipped while another run of it is at work", async () => {
    const { runNow } = world(() => Promise.resolve(null));
    expect((await runNow("prune")).status).toBe("skipped");
  });

  it("is an answer when its work fails, and is recorded as failed", async () => {
    // It has no bucket, nor anything else that it works with.
    const { runNow, asked } = world(() => Promise.resolve({ id: "capacity-report-1" }));
    const run = await runNow("capacity-report");
    expect(run).toMatchObject({ status: "failed", id: null });
    expect(run.detail).toContain("TypeError");
    expect(asked.at(-1)).toMatchObject(["jobs.finish", { status: "failed" }]);
  });

  it("could not be begun: it throws", async () => {
    await expect(world(gone).runNow("prune")).rejects.toThrow("the Coordinator is gone");
  });
});
