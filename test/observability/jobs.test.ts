import { describe, expect, it } from "vitest";
import { dueAt, EXPECTED_RUNS, nextRun, RUN_NAMES } from "../../src/observability/jobs.ts";
import { SCHEDULE } from "../../src/cron/index.ts";

const at = (text: string): number => Date.parse(text);
const next = (cron: string, after: string): string =>
  new Date(nextRun(cron, at(after))).toISOString();

describe("the next time of a schedule", () => {
  it.each([
    ["*/5 * * * *", "2026-03-01T12:00:00Z", "2026-03-01T12:05:00.000Z"],
    ["*/5 * * * *", "2026-03-01T12:04:59.999Z", "2026-03-01T12:05:00.000Z"],
    ["0 2 * * *", "2026-03-01T01:59:59Z", "2026-03-01T02:00:00.000Z"],
    ["0 2 * * *", "2026-03-01T02:00:00Z", "2026-03-02T02:00:00.000Z"],
    ["30 5 * * *", "2026-12-31T23:00:00Z", "2027-01-01T05:30:00.000Z"],
    ["0 3 * * SUN", "2026-03-02T00:00:00Z", "2026-03-08T03:00:00.000Z"],
    ["0 4 * * MON", "2026-03-02T04:00:00Z", "2026-03-09T04:00:00.000Z"],
    ["0 5 1 * *", "2026-02-01T05:00:01Z", "2026-03-01T05:00:00.000Z"],
    ["0 0 29 2 *", "2027-12-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ])("%s behind %s is %s", (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });

  it("is none of an expression that names none", () => {
    expect(() => nextRun("0 0 30 2 *", 0)).toThrow("no time is named");
  });
});

describe("the runs that are waited for", () => {
  it("are those of the whole schedule, and what a night's job makes beside its own", () => {
    const scheduled = SCHEDULE.map(({ name }) => name);
    expect(RUN_NAMES).toEqual(expect.arrayContaining(scheduled));
    const others = RUN_NAMES.filter((name) => !(scheduled as string[]).includes(name));
    expect(others).toEqual(["backup-incremental", "backup-verify"]);
    for (const { name, cron } of SCHEDULE) expect(EXPECTED_RUNS[name]?.cron).toBe(cron);
  });

  it("are due behind the next time with a grace; what nothing expects never is", () => {
    const due = dueAt("backup-incremental", at("2026-03-01T02:05:00Z"));
    expect(new Date(due ?? 0).toISOString()).toBe("2026-03-02T04:00:00.000Z");
    expect(dueAt("restore", 0)).toBeNull();
  });
});
