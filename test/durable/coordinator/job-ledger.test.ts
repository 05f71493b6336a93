import { beforeEach, describe, expect, it } from "vitest";
import { openJobTables } from "../../../src/durable/coordinator/jobs/carry-over.ts";
import {
  JobLedger,
  QUEUED_MAX,
  QUEUED_OF_KIND_MAX,
} from "../../../src/durable/coordinator/jobs/ledger.ts";
import { Refused } from "../../../src/durable/shared/refusals.ts";
import { openLocal } from "../../support/node-sql.ts";
import type { NewJob } from "../../../src/durable/shared/coordinator/views.ts";

let jobs: JobLedger;
let count: number;
let now: number;
beforeEach(() => {
  const sql = openLocal([]);
  openJobTables(sql, (work) => sql.transaction(work));
  jobs = new JobLedger(sql, () => now + count);
  count = 0;
  now = 1_000_000;
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
