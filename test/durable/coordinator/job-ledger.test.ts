import { beforeEach, describe, expect, it } from "vitest";
import { openJobTables } from "../../../src/durable/coordinator/jobs/carry-over.ts";
import {
  JobLedger,
  QUEUED_MAX,
  QUEUED_OF_KIND_MAX,
} from "../../../src/durable/coordinator/jobs/ledger.ts";
import { Refused } from "../../../src/durable/shared/refusals.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";
import type { NewJob } from "../../../src/durable/shared/coordinator.ts";

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;

let sql: NodeSql;
let jobs: JobLedger;
let count: number;
let now: number;
beforeEach(() => {
  sql = openLocal([]);
  openJobTables(sql, (work) => sql.transaction(work));
  jobs = new JobLedger(sql, () => now + count);
  count = 0;
  now = NOW;
});

const start = (changes: Partial<NewJob> = {}) => {
  count += 1;
  const job: NewJob = {
    kind: "verify",
    params: { backup: "a" },
    key: `key ${count}`,
    by: "someone",
    ...changes,
  };
  return jobs.start(job, `uuid-${count}`);
};
const refusal = (changes: Partial<NewJob>): string => {
  try {
    start(changes);
  } catch (error) {
    if (error instanceof Refused) return `${error.failure.code}: ${error.failure.detail}`;
    throw error;
  }
  return "none";
};

describe("a job that is asked for again", () => {
  it("is the same one while it waits, whatever the order of its parameters", () => {
    const first = start({ kind: "restore", params: { backup: "a", dry_run: true } });
    const again = start({ kind: "restore", params: { dry_run: true, backup: "a" } });
    expect([first.result, again.result, again.job.id]).toEqual([
      "queued",
      "coalesced",
      first.job.id,
    ]);
    expect(start({ kind: "restore", params: { backup: "a", dry_run: false } }).result).toBe(
      "queued",
    );
    expect(jobs.list(10)).toHaveLength(2);
  });

  it("is another one once the first has begun: what changed since is not in that", () => {
    const first = start();
    expect(jobs.acquire(first.job.id)).toBe("go");
    const second = start();
    expect(second.result).toBe("queued");
    expect(second.job.id).not.toBe(first.job.id);
  });

  it("with the key of one that joined another is that one, also after it ended", () => {
    const first = start();
    start({ key: "cron verify 1" });
    jobs.acquire(first.job.id);
    jobs.finish(first.job.id, "succeeded", null, null);
    const repeated = start({ key: "cron verify 1" });
    expect([repeated.result, repeated.job.id]).toEqual(["known", first.job.id]);
  });
});

describe("the jobs that wait", () => {
  const fill = (): void => {
    for (const kind of ["verify", "restore", "retention", "backup", "drill"] as const) {
      for (let i = 0; jobs.queued() < QUEUED_MAX && i < QUEUED_OF_KIND_MAX; i++)
        start({ kind, params: { backup: `${i}` } });
    }
  };

  it("are bounded for each kind, and the answer says how many and what to do", () => {
    for (let i = 0; i < QUEUED_OF_KIND_MAX; i++) start({ params: { backup: `b${i}` } });
    expect(refusal({ params: { backup: "more" } })).toMatch(
      new RegExp(
        `^rate_limited: ${QUEUED_OF_KIND_MAX} jobs of the kind verify wait already.*GET /admin/jobs.*cancel`,
      ),
    );
    expect(start({ kind: "restore" }).result).toBe("queued");
    expect(start({ params: { backup: "b0" } }).result).toBe("coalesced");
  });

  it("are bounded in all, except for what the schedule and a migration need", () => {
    fill();
    expect(jobs.queued()).toBe(QUEUED_MAX);
    expect(refusal({ kind: "snapshot", params: {} })).toMatch(
      new RegExp(`^rate_limited: ${QUEUED_MAX} jobs wait already`),
    );
    expect(start({ kind: "snapshot", params: {}, key: "cron backup-snapshot 1" }).result).toBe(
      "queued",
    );
    expect(
      start({ kind: "backup", params: { kind: "incremental" }, key: "migrations 1" }).result,
    ).toBe("queued");
  });

  it("make room when one begins or is cancelled", () => {
    for (let i = 0; i < QUEUED_OF_KIND_MAX; i++) start({ params: { backup: `b${i}` } });
    const [newest] = jobs.list(1);
    jobs.cancel(newest?.id ?? "");
    expect(start({ params: { backup: "more" } }).result).toBe("queued");
  });
});

describe("the lease", () => {
  const progress = { phase: "scan", rows: 1, bytes: 1, done: 1, total: 2 };

  it("is one long job's at a time, and the next one's when that has ended", () => {
    const [first, second] = [start(), start({ kind: "restore" })];
    expect([jobs.acquire(first.job.id), jobs.acquire(second.job.id)]).toEqual(["go", "wait"]);
    expect(jobs.acquire(first.job.id)).toBe("go");
    jobs.finish(first.job.id, "succeeded", null, null);
    expect(jobs.acquire(second.job.id)).toBe("go");
  });

  it("is kept by what reports, and lost by what is silent: another has it then", () => {
    const [first, second] = [start(), start({ kind: "restore" })];
    jobs.acquire(first.job.id);
    now += 15 * MINUTE;
    expect(jobs.report(first.job.id, progress)).toEqual({ cancel: false });
    now += 15 * MINUTE;
    expect(jobs.acquire(second.job.id)).toBe("wait");
    now += 6 * MINUTE;
    expect(jobs.acquire(second.job.id)).toBe("go");
    expect(jobs.report(first.job.id, progress)).toEqual({ cancel: true });
  });

  it("is not taken again by a report that comes after the end", () => {
    const [first, second] = [start(), start({ kind: "restore" })];
    jobs.acquire(first.job.id);
    jobs.finish(first.job.id, "failed", null, "no");
    jobs.report(first.job.id, progress);
    expect(jobs.acquire(second.job.id)).toBe("go");
  });

  it("of long jobs does not keep a short one from beginning, nor the other way round", () => {
    jobs.acquire(start().job.id);
    expect(jobs.begin("prune", 1)).toEqual({ id: "prune-1" });
    expect(jobs.begin("health-check", 1)).toEqual({ id: "health-check-1" });
  });
});

describe("a short job", () => {
  it("begins once for a time, one at a time, and again after a failure or a lease that passed", () => {
    expect(jobs.begin("prune", 1)).not.toBeNull();
    expect(jobs.begin("prune", 1)).toBeNull();
    expect(jobs.begin("prune", 2)).toBeNull();
    jobs.finish("prune-1", "succeeded", "done", null);
    expect(jobs.begin("prune", 1)).toBeNull();
    expect(jobs.begin("prune", 2)).not.toBeNull();
    jobs.finish("prune-2", "failed", null, "no");
    expect(jobs.begin("prune", 2)).not.toBeNull();
    now += 16 * MINUTE;
    expect(jobs.begin("prune", 2)).not.toBeNull();
  });

  it("is no operator's: it is not listed, not shown, and not cancelled", () => {
    jobs.begin("prune", 1);
    const { job } = start();
    expect(jobs.list(10).map(({ id }) => id)).toEqual([job.id]);
    expect(() => jobs.get("prune-1")).toThrow("There is no job prune-1.");
    expect(() => jobs.cancel("prune-1")).toThrow("There is no job prune-1.");
  });

  it("leaves a hundred rows of its kind, and takes none of the others'", () => {
    const { job } = start();
    for (let at = 1; at <= 150; at++) {
      now += 1;
      jobs.begin("health-check", at);
      jobs.finish(`health-check-${at}`, at === 3 ? "succeeded" : "failed", null, null);
    }
    const rows = sql.all<{ id: string }>("SELECT id FROM jobs WHERE kind = 'health-check'");
    expect(rows).toHaveLength(101);
    // The last success stays, however old it is.
    expect(rows.map(({ id }) => id)).toContain("health-check-3");
    expect(jobs.get(job.id).status).toBe("queued");
  });
});

describe("a job that is cancelled", () => {
  it("ends at once while it waits, and at its next report when it is at work", () => {
    const [waiting, working] = [start({ kind: "restore" }), start()];
    expect(jobs.cancel(waiting.job.id).status).toBe("cancelled");
    jobs.acquire(working.job.id);
    expect(jobs.cancel(working.job.id).status).toBe("running");
    const progress = { phase: "scan", rows: 0, bytes: 0, done: 0, total: 0 };
    expect(jobs.report(working.job.id, progress)).toEqual({ cancel: true });
    expect(jobs.finish(working.job.id, "cancelled", null, null)).toBe(true);
    expect(jobs.finish(working.job.id, "succeeded", null, null)).toBe(false);
    expect(() => jobs.cancel(working.job.id)).toThrow("has ended: cancelled");
  });

  it("before its Workflow asks is not begun", () => {
    const { job } = start();
    jobs.cancel(job.id);
    expect(jobs.acquire(job.id)).toBe("cancelled");
  });
});

describe("a queued job whose Workflow was never heard of", () => {
  it("is named for another launch, once a minute", () => {
    const { job } = start();
    now += MINUTE;
    expect(jobs.unlaunched()).toEqual([job.id]);
    expect(jobs.unlaunched()).toEqual([]);
    now += MINUTE;
    expect(jobs.unlaunched()).toEqual([job.id]);
    jobs.acquire(job.id);
    now += MINUTE;
    expect(jobs.unlaunched()).toEqual([]);
  });
});
