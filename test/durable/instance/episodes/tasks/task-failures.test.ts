import { describe, expect, it } from "vitest";
import { Refused } from "../../../../../src/durable/shared/refusals.ts";
import {
  migrateTaskFailures,
  TASK_FAILURES_SCHEMA,
  TaskFailures,
} from "../../../../../src/durable/instance/episodes/tasks/task-failures.ts";
import { Meter } from "../../../../../src/observability/index.ts";
import { DatabaseError } from "../../../../../src/storage/index.ts";
import { openLocal } from "../../../../support/node-sql.ts";

const TASK = { kind: "learn", namespace: "n", id: "e" } as const;

function opened() {
  let now = 1_000_000;
  const sql = openLocal(TASK_FAILURES_SCHEMA);
  const logged: Record<string, unknown>[] = [];
  const meter = new Meter();
  const failures = new TaskFailures({
    sql,
    now: () => now,
    meter,
    log: (event) => logged.push(event),
  });
  return {
    failures,
    logged,
    meter,
    later: (ms: number) => {
      now += ms;
    },
  };
}

describe("pending tasks that fail", () => {
  it("are due again after a wait that doubles, a minute at most", () => {
    const { failures, later } = opened();
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      failures.failed(TASK, new Error("no"));
      let waited = 0;
      while (!failures.isDue(TASK)) {
        later(1_000);
        waited += 1;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60]);
  });

  it("are given up after eight failures that no waiting mends, named, and retried when an operator says so", () => {
    const { failures, logged, meter } = opened();
    for (let n = 0; n < 8; n++) failures.failed(TASK, new Error("string or blob too big"));
    expect(failures.dead()).toEqual({ count: 1, last_error: "Error: string or blob too big" });
    expect(failures.isDue(TASK)).toBe(false);
    expect(failures.list(3, 10)).toMatchObject([
      { instance: 3, table: "task:learn", key: ["n", "e"], tries: 8 },
    ]);
    expect(logged.at(-1)).toMatchObject({
      event: "task_dead",
      level: "error",
      task: "learn",
      episode_id: "e",
    });
    expect(meter.value("memory_task_failures_total", { kind: "learn" })).toBe(8);
    expect(failures.retryDead()).toBe(1);
    expect(failures.isDue(TASK)).toBe(true);
    expect(failures.dead().count).toBe(0);
  });

  it.each([
    ["the home is being loaded", new Refused("not_ready", "wait", { retry_after_s: 1 })],
    ["the database is out of reach", new DatabaseError("unreachable", "TimeoutError", null)],
    [
      "the call did not arrive",
      Object.assign(new Error("Network connection lost."), { retryable: true }),
    ],
    ["the object is busy", Object.assign(new Error("overloaded"), { overloaded: true })],
  ])("are never given up while %s", (_why, error) => {
    const { failures } = opened();
    for (let n = 0; n < 50; n++) failures.failed(TASK, error);
    expect(failures.dead().count).toBe(0);
  });

  it("are not given up for a failure of another kind, however long an outage was before it", () => {
    const { failures } = opened();
    const away = new DatabaseError("unreachable", "TimeoutError", null);
    for (let n = 0; n < 50; n++) failures.failed(TASK, away);
    for (let n = 0; n < 7; n++) failures.failed(TASK, new Error("string or blob too big"));
    expect(failures.dead().count).toBe(0);
    failures.failed(TASK, new Error("string or blob too big"));
    expect(failures.dead().count).toBe(1);
  });

  it("of an earlier release's table are counted on", () => {
    const sql = openLocal([
      `CREATE TABLE task_failures (
        kind TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, tries INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        error TEXT NOT NULL, dead_at INTEGER, PRIMARY KEY (kind, namespace, id)) STRICT`,
      "INSERT INTO task_failures VALUES ('learn', 'n', 'e', 5, 0, 'Error: no', NULL)",
    ]);
    for (let times = 0; times < 2; times++) migrateTaskFailures(sql);
    expect(sql.all("SELECT tries, lasting FROM task_failures")).toEqual([{ tries: 5, lasting: 0 }]);
  });

  it("hold no other back, and are forgotten with their episode", () => {
    const { failures } = opened();
    failures.failed(TASK, new Error("no"));
    expect(failures.isDue({ ...TASK, id: "other" })).toBe(true);
    expect(failures.isDue({ ...TASK, kind: "forget" })).toBe(true);
    failures.forget("n", "e");
    expect(failures.isDue(TASK)).toBe(true);
  });
});
