import { describe, expect, it } from "vitest";
import { runsOf } from "../../../src/durable/coordinator/jobs/job-runs.ts";
import type { JobView } from "../../../src/contract/jobs.ts";

const job = (changes: Partial<JobView>): JobView => ({
  id: "backup-1",
  kind: "backup",
  status: "succeeded",
  params: {},
  by: "cron",
  created_at: "2026-01-01T02:00:00.000Z",
  started_at: "2026-01-01T02:00:01.000Z",
  finished_at: "2026-01-01T02:01:00.000Z",
  progress: null,
  result: null,
  error: null,
  ...changes,
});
const said = (changes: Partial<JobView>): string[] =>
  runsOf(job(changes)).map(({ job: name, result }) => `${name} ${result}`);

describe("a long job's end as runs", () => {
  it.each<[string, Partial<JobView>, string[]]>([
    [
      "a backup is verified too",
      { params: { kind: "full" }, result: { kind: "full" } },
      ["backup-full success", "backup-verify success"],
    ],
    [
      "an incremental that had to be a full one is both",
      { params: { kind: "incremental" }, result: { kind: "full" } },
      ["backup-incremental success", "backup-full success", "backup-verify success"],
    ],
    [
      "a backup that failed",
      { status: "failed", params: { kind: "full" }, error: "gone" },
      ["backup-full failure"],
    ],
    [
      "a snapshot with its incremental",
      { kind: "snapshot", result: { kind: "snapshot", database: { kind: "incremental" } } },
      ["backup-snapshot success", "backup-verify success", "backup-incremental success"],
    ],
    [
      "a snapshot whose incremental failed",
      {
        kind: "snapshot",
        result: { kind: "snapshot", database: null, note: "the database is gone" },
      },
      ["backup-snapshot success", "backup-verify success", "backup-incremental failure"],
    ],
    [
      "a snapshot of the instances alone",
      { kind: "snapshot", result: { kind: "snapshot" } },
      ["backup-snapshot success", "backup-verify success"],
    ],
    [
      "a verification that found damage",
      { kind: "verify", status: "failed", error: "x is bad" },
      ["backup-verify failure"],
    ],
    ["a drill", { kind: "drill" }, ["restore-drill success"]],
    ["retention", { kind: "retention" }, ["retention success"]],
    ["a restore is no run", { kind: "restore", status: "failed" }, []],
    ["nor is what was cancelled", { status: "cancelled" }, []],
  ])("%s", (_, changes, runs) => {
    expect(said(changes)).toEqual(runs);
  });

  it("says when it was asked for, when it began, and why it failed", () => {
    expect(runsOf(job({ kind: "drill", status: "failed", error: "2 rows differ" }))).toEqual([
      {
        job: "restore-drill",
        scheduled_at: Date.parse("2026-01-01T02:00:00.000Z"),
        started_at: Date.parse("2026-01-01T02:00:01.000Z"),
        result: "failure",
        detail: "2 rows differ",
      },
    ]);
  });
});
