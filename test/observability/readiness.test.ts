import { describe, expect, it } from "vitest";
import { judge, type ReadinessFacts } from "../../src/observability/index.ts";
import {
  background,
  BACKGROUND_FINDINGS,
  facts,
  FINDINGS,
  NOW,
  waiting,
  word,
} from "./readiness-facts.ts";

describe("readiness", () => {
  it("is healthy when everything is, also before the first backup", () => {
    const { status, checks } = judge(facts());
    expect(status).toBe("healthy");
    expect(checks.every((check) => check.status === "healthy")).toBe(true);
  });

  it("waits for the first backup until the first time of the schedule has passed", () => {
    const check = (hours: number) =>
      judge(facts(waiting(hours))).checks.find(({ name }) => name === "backup");
    // At noon: the last night's was due at two, and may take until four.
    expect([check(9)?.status, check(11)?.status]).toEqual(["healthy", "degraded"]);
  });

  it("is judged by the writes of those who made one; by none, nobody knows", () => {
    const silent = word({ instance: 1, probe_write: null });
    const storage = (instances: ReadinessFacts["instances"]) =>
      judge(facts({ instances })).checks.find(({ name }) => name === "storage");
    expect(storage([word(), silent])?.status).toBe("healthy");
    expect(storage([silent])).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("unknown"),
    });
    const failing = word({ probe_write: { latency_ms: 1, failed: "busy" } });
    expect(storage([failing, silent])?.message).toMatch(/does not take writes \[busy\]/);
  });

  it("names sixteen of many, and says how many more there are", () => {
    const silent = Array.from({ length: 200 }, (_, instance) => ({ instance, error: "no answer" }));
    const [check] = judge(facts({ instances: [...silent, word({ instance: 200 })] })).checks;
    expect(check?.message).toMatch(/^instances 0, 1, .*, 15, and 184 more do not answer/);
  });

  it.each(FINDINGS)("with %s says so", (_, changes, name, status, message) => {
    const found = judge(facts(changes));
    const check = found.checks.find((each) => each.name === name);
    expect(check?.status).toBe(status);
    expect(check?.message).toMatch(message);
    expect(found.status).toBe(status);
  });

  it("takes a newer schema, which the version before a rollback left, as it is", () => {
    expect(judge(facts({ instances: [word({ schema_version: 2 })] })).status).toBe("healthy");
  });

  it("names a migration that waits for an operator, and is healthy without it", () => {
    const waiting = word({ schema_waiting: ["migration 4 (fewer)"] });
    const { status, checks } = judge(facts({ instances: [waiting, word()] }));
    expect(status).toBe("healthy");
    expect(checks.find(({ name }) => name === "migrations")?.message).toBe(
      "schema version 1, this version needs 1; waiting for memory-cli migrate --execute: migration 4 (fewer)",
    );
  });

  it.each(BACKGROUND_FINDINGS)("names %s, with the instance", (_what, changes, said) => {
    const { status, checks } = judge(facts(background(changes)));
    const found = checks.find(({ name }) => name === "background");
    expect(status).toBe("degraded");
    expect(found).toMatchObject({ status: "degraded" });
    expect(found?.message).toContain(said);
    expect(found?.message).toMatch(/instances? 1\b/);
  });

  it("says what goes on in the background while it is well", () => {
    const young = new Date(NOW - 5_000).toISOString();
    const well = {
      tasks: { pending: 3, dead: 0, last_error: null },
      loading: { namespaces: 1, since: young, last_error: null },
    };
    const { status, checks } = judge(facts(background(well)));
    expect(status).toBe("healthy");
    expect(checks.find(({ name }) => name === "background")?.message).toBe(
      "3 tasks wait; 1 namespaces are loading",
    );
  });
});
