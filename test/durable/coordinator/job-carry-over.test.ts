import { beforeEach, describe, expect, it } from "vitest";
import { openJobTables } from "../../../src/durable/coordinator/jobs/carry-over.ts";
import { JobLedger } from "../../../src/durable/coordinator/jobs/ledger.ts";
import { LastRuns } from "../../../src/durable/coordinator/jobs/last-runs.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const iso = (at: number): string => new Date(at).toISOString();

/** The tables as release 0.1 made them. */
const FORMER = [
  `CREATE TABLE jobs (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL, params TEXT NOT NULL,
    by TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, progress TEXT, result TEXT,
    error TEXT, cancel INTEGER NOT NULL DEFAULT 0, launched INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE INDEX jobs_newest ON jobs (created_at DESC)`,
  `CREATE TABLE job_keys (key TEXT PRIMARY KEY, job TEXT NOT NULL) STRICT`,
  `CREATE TABLE job_lease (one INTEGER PRIMARY KEY CHECK (one = 1), job TEXT NOT NULL,
    until INTEGER NOT NULL) STRICT`,
  `CREATE TABLE job_runs (
    job TEXT NOT NULL, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL, lease_until INTEGER NOT NULL,
    ended_at INTEGER, result TEXT, detail TEXT NOT NULL, PRIMARY KEY (job, scheduled_at)) STRICT`,
  `CREATE TABLE job_successes (job TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
];

let sql: NodeSql;
const open = () => {
  openJobTables(sql, (work) => sql.transaction(work));
  return { ledger: new JobLedger(sql, () => NOW), lastRuns: new LastRuns(sql, 0) };
};
const tables = (): unknown[] =>
  sql
    .all("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'job%' ORDER BY name")
    .map(({ name }) => name);

beforeEach(() => {
  sql = openLocal(FORMER);
  const job = `INSERT INTO jobs (id, key, kind, status, params, by, created_at, started_at)
    VALUES (?, ?, ?, ?, '{"kind":"full"}', 'root', ?, ?)`;
  sql.run(job, "backup-1", "key 1", "backup", "running", NOW - MINUTE, NOW - MINUTE);
  sql.run(job, "verify-2", "key 2", "verify", "queued", NOW, null);
  sql.run("INSERT INTO job_keys (key, job) VALUES ('joined', 'verify-2')");
  sql.run("INSERT INTO job_lease (one, job, until) VALUES (1, 'backup-1', ?)", NOW + MINUTE);
  const run = `INSERT INTO job_runs (job, scheduled_at, started_at, lease_until, ended_at, result, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?)`;
  sql.run(run, "prune", 1, 2, 2, 3, "success", "2 incidents");
  sql.run(run, "prune", 5, 6, 6, 7, "failure", "gone");
  sql.run(run, "health-check", 9, 9, NOW + MINUTE, null, null, "");
  sql.run(run, "backup-full", 1, 1, 1, 4, "success", "backup-0");
  sql.run("INSERT INTO job_successes (job, at) VALUES ('prune', 3), ('backup-full', 4)");
});

describe("what release 0.1 stored of jobs", () => {
  it("is the same ledger: the running job has its lease, and keys are still theirs", () => {
    const { ledger } = open();
    expect(ledger.list(10).map(({ id, status }) => [id, status])).toEqual([
      ["verify-2", "queued"],
      ["backup-1", "running"],
    ]);
    expect(ledger.acquire("verify-2")).toBe("wait");
    expect(ledger.acquire("backup-1")).toBe("go");
    const joined = { kind: "verify", params: {}, key: "joined", by: "root" } as const;
    expect(ledger.start(joined, "x")).toMatchObject({ result: "known", job: { id: "verify-2" } });
  });

  it("says when each job last ran and last succeeded", () => {
    expect(open().lastRuns.last()).toEqual([
      {
        job: "backup-full",
        scheduled_at: iso(1),
        started_at: iso(1),
        ended_at: iso(4),
        result: "success",
        detail: "backup-0",
        last_success_at: iso(4),
      },
      {
        job: "health-check",
        scheduled_at: iso(9),
        started_at: iso(9),
        ended_at: null,
        result: null,
        detail: "",
        last_success_at: null,
      },
      {
        job: "prune",
        scheduled_at: iso(5),
        started_at: iso(6),
        ended_at: iso(7),
        result: "failure",
        detail: "gone",
        last_success_at: iso(3),
      },
    ]);
  });

  it("lets no run that was done, or is at work, begin again", () => {
    const { ledger } = open();
    expect(ledger.begin("prune", 1)).toBeNull();
    expect(ledger.begin("prune", 5)).not.toBeNull();
    expect(ledger.begin("health-check", 9)).toBeNull();
    expect(ledger.begin("health-check", 10)).toBeNull();
  });

  it("is carried over once, and a fresh object has the same tables", () => {
    open();
    const { lastRuns } = open();
    expect(lastRuns.last()).toHaveLength(3);
    const carried = tables();
    expect(carried).toEqual(["job_keys", "job_last_runs", "jobs", "jobs_since"]);
    sql = openLocal([]);
    open();
    expect(tables()).toEqual(carried);
  });
});
