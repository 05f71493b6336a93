import { describe, expect, it } from "vitest";
import type { JobRow } from "../../../src/durable/coordinator/jobs/job.ts";
import { runsOf } from "../../../src/durable/coordinator/jobs/last-runs.ts";

/** What a job's row has that matters here. */
interface Ended {
  kind?: string;
  status?: string;
  params?: unknown;
  result?: unknown;
  error?: string;
}
const job = ({ kind = "backup", status = "succeeded", params, result, error }: Ended): JobRow => ({
  id: `${kind}-1`,
  kind,
  status,
  params: JSON.stringify(params ?? {}),
  by: "cron",
  created_at: 1,
  started_at: 2,
  finished_at: 3,
  progress: null,
  result: result === undefined ? null : JSON.stringify(result),
  error: error ?? null,
  cancel: 0,
  scheduled_at: null,
  waits_for: null,
});
const said = (changes: Ended): string[] =>
  runsOf(job(changes)).map(({ job: name, result }) => `${name} ${result}`);

describe("the runs that a job which ended was", () => {
  it.each<[string, Ended, string[]]>([
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
      "an incremental that does without a chain which is lost",
      { params: { kind: "incremental" }, result: { kind: "full", broken: "x is gone" } },
      ["backup-incremental success", "backup-full success", "backup-verify failure"],
    ],
    [
      "a snapshot with such an incremental",
      { kind: "snapshot", result: { kind: "snapshot", database: { kind: "full", broken: "x" } } },
      [
        "backup-snapshot success",
        "backup-verify failure",
        "backup-incremental success",
        "backup-full success",
      ],
    ],
    ["a snapshot that failed", { kind: "snapshot", status: "failed" }, ["backup-snapshot failure"]],
    [
      "a snapshot whose incremental failed, and the job with it",
      {
        kind: "snapshot",
        status: "failed",
        error: "The database is gone",
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
    [
      "a short job is a run of its own name",
      { kind: "prune", result: "2 gone" },
      ["prune success"],
    ],
  ])("%s", (_, changes, runs) => {
    expect(said(changes)).toEqual(runs);
  });

  it("says why it failed, what a short job found, and else which job it was", () => {
    const details = (changes: Ended) => runsOf(job(changes)).map(({ detail }) => detail);
    expect(details({ kind: "drill", status: "failed", error: "2 rows differ" })).toEqual([
      "2 rows differ",
    ]);
    expect(details({ kind: "prune", result: "2 incidents dropped" })).toEqual([
      "2 incidents dropped",
    ]);
    expect(details({ kind: "drill", result: { ok: true } })).toEqual(["drill-1"]);
  });
});
