import { describe, expect, it } from "vitest";
import { runScheduled, SCHEDULE } from "../src/cron/index.ts";
import type { CronContext } from "../src/cron/job.ts";

const AT = Date.parse("2026-01-01T02:00:00.000Z");
const cronOf = (name: string): string =>
  SCHEDULE.find((scheduled) => scheduled.name === name)?.cron ?? "";

/** @param coordinator what the Coordinator says to whatever it is asked */
function world(coordinator: (asked: string) => Promise<unknown>) {
  const events: Record<string, unknown>[] = [];
  const bugs: unknown[] = [];
  const asked: string[] = [];
  const ask = (what: string): Promise<unknown> => {
    asked.push(what);
    return coordinator(what);
  };
  const context = {
    backend: {
      tell: (name: string) => ask(name),
      backups: {
        start: (kind: string, _: unknown, key: string, by: string) =>
          ask(`start ${kind}: ${key}, by ${by}`),
      },
    },
    reporter: {
      bug: (error: unknown, tags: unknown) => bugs.push([String(error), tags]),
      incident: () => undefined,
    },
    log: (event: Record<string, unknown>) => events.push(event),
    now: () => AT,
    scheduledAt: AT,
  } as unknown as CronContext;
  return { run: (name: string) => runScheduled(cronOf(name), context), events, bugs, asked };
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
      () => Promise.resolve({ ok: false, error: { code: "conflict", detail: "not now" } }),
      "Error: restore-drill: not now",
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
      await expect(run(job)).rejects.toThrow(reason.replace("Error: ", ""));
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
    const { run, events, bugs, asked } = world(() => Promise.resolve({ ok: true, value: {} }));
    await run("backup-full");
    expect(asked).toEqual([`start backup: cron backup-full ${AT}, by cron`]);
    expect([events, bugs]).toEqual([[], []]);
  });

  it("and then fails is said to have ended, not to have never begun", async () => {
    const { run, events, bugs } = world((asked) =>
      asked === "prune" ? gone() : Promise.resolve(true),
    );
    await expect(run("prune")).rejects.toThrow("gone");
    expect(events.map(({ event }) => event)).toEqual(["job_started", "job_ended"]);
    expect(bugs).toEqual([["Error: the Coordinator is gone", { job: "prune" }]]);
  });

  it("is skipped without a complaint when another run of it is at work", async () => {
    const { run, events, bugs } = world(() => Promise.resolve(false));
    await run("prune");
    expect(events.map(({ event }) => event)).toEqual(["job_skipped"]);
    expect(bugs).toEqual([]);
  });
});
