/**
 * What `diagnose` concludes, without a service: a lead for every state that the service can name,
 * and never "nothing is wrong" while something is.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MemoryError } from "../../client/index.ts";
import { Measures } from "../../cli/commands/diagnose/measures.ts";
import { willStaySo } from "../../cli/commands/diagnose/outlook.ts";
import type { Instance, Signs } from "../../cli/commands/diagnose/signs.ts";
import { isFast } from "../../cli/commands/diagnose/speed.ts";
import { ALERTS, CHECKS, DATABASE, JOBS, leadOf } from "../../cli/commands/diagnose/states.ts";
import { areSucceeding } from "../../cli/commands/diagnose/succeeding.ts";
import type { Turn } from "../../cli/commands/diagnose/turn.ts";
import { judge, RUN_NAMES } from "../../src/observability/index.ts";
import { REMEDIES } from "../../src/observability/readiness/check.ts";
import {
  background,
  BACKGROUND_FINDINGS,
  facts,
  FINDINGS,
  NOW,
  view,
} from "../observability/readiness-facts.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const instances = (
  changes: Parameters<typeof view>[0] = {},
): Pick<Signs, "instances" | "answering"> => {
  const answering = [view(changes) as Instance];
  return {
    answering,
    instances: {
      topology: { version: 1, count: 1, previous: null },
      maintenance: null,
      degraded: null,
      fleet_down_until: { turso: null, r2: null },
      instances: answering,
    },
  };
};
const probe = (changes: Partial<Signs["probes"][number]> = {}): Signs["probes"][number] => ({
  what: "list",
  by: "database",
  quickest_ms: 9,
  tries: 1,
  error: null,
  ...changes,
});
const signs = (changes: Partial<Signs> = {}): Signs => ({
  sick: [],
  ...instances(),
  measures: new Measures("", ""),
  probes: [probe()],
  slowMs: 450,
  now: NOW,
  ...changes,
});

/** Where the walk ends; null: nothing is wrong. */
function endOf(seen: Signs): Turn["next"] | null {
  const turns = [areSucceeding(seen), isFast(seen), willStaySo(seen)];
  return turns.find(({ next }) => next)?.next ?? null;
}
const pageOf = (seen: Signs): string | null => {
  const end = endOf(seen);
  return end ? `${end.runbook}: ${end.step}` : null;
};
/** The checks of these facts that are not well, as the CLI reads them. */
const sickOf = (changes: Parameters<typeof facts>[0]): Signs["sick"] =>
  judge(facts(changes))
    .checks.filter(({ status }) => status !== "healthy")
    .map((check) => ({ ...check, ok: false }));

describe("the table of states", () => {
  it("has every check of readiness, and every kind of failure that one names", () => {
    const checks = judge(facts()).checks.map(({ name }) => name);
    expect(Object.keys(CHECKS).sort()).toEqual(checks.sort());
    expect(Object.keys(DATABASE).sort()).toEqual(Object.keys(REMEDIES).sort());
  });

  it.each([...FINDINGS])("has a lead for %s", (_, changes, name) => {
    const check = judge(facts(changes)).checks.find((one) => one.name === name);
    expect(leadOf(check ?? { name, message: "" }), check?.message).not.toBeNull();
  });

  it.each([...BACKGROUND_FINDINGS])("has a lead for %s", (_, changes) => {
    const check = judge(facts(background(changes))).checks.find(
      ({ name }) => name === "background",
    );
    expect(leadOf(check ?? { name: "background", message: "" }), check?.message).not.toBeNull();
  });

  it("knows of every place where readiness finds something", () => {
    // A new one needs its case in readiness-facts.ts, and its lead in states.ts.
    const sites = ["coordinator", "instances", "storage"].map((file) => {
      const text = read(`src/observability/readiness/${file}.ts`);
      return [...text.matchAll(/\b(?:degraded|unhealthy)\(/g)].length;
    });
    expect(sites).toEqual([5, 9, 8]);
  });

  it("has every alert, and leads to the page of its rule", () => {
    const rules = read("ops/prometheus/alerts.yml") + read("ops/prometheus/monitoring.yml");
    const named = [...rules.matchAll(/alert: (\w+)\n[^]*?runbook_url: docs\/runbooks\/(\S+)\.md/g)];
    const pages = Object.fromEntries(named.map(([, alert, page]) => [alert, page]));
    expect(
      Object.fromEntries(Object.entries(ALERTS).map(([name, { step }]) => [name, step.runbook])),
    ).toEqual(pages);
  });

  it("has every job and run", () => {
    expect(Object.keys(JOBS).sort()).toEqual([...RUN_NAMES].sort());
  });
});

describe("diagnose", () => {
  it("finds nothing where nothing is", () => {
    expect(pageOf(signs())).toBeNull();
  });

  it.each([...FINDINGS])("never says that nothing is wrong with %s", (_, changes, name) => {
    const sick = sickOf(changes);
    expect(sick.map((check) => check.name)).toContain(name);
    expect(endOf(signs({ sick }))).not.toBeNull();
  });

  it.each([...BACKGROUND_FINDINGS])("never says that nothing is wrong with %s", (_, changes) => {
    expect(endOf(signs({ sick: sickOf(background(changes)) }))).not.toBeNull();
  });

  it("says of a check that it does not know that there is one", () => {
    const sick = [{ name: "moon", ok: false, status: "degraded", latency_ms: 1, message: "full" }];
    expect(pageOf(signs({ sick }))).toMatch(/^RB-004: .*logs/);
  });

  it.each([
    ["unauthorized", /^RB-004: Alert HighStorageErrorRate, Step 2/],
    ["quota", /^RB-006: Storage Full/],
    ["schema", /^RB-007: /],
    ["corrupt", /^RB-003: Disaster/],
    ["unreachable", /^RB-004: Alert CircuitBreakerOpen, Step 2/],
  ])("is not kept by an open breaker from a database that says %s", (failed, page) => {
    const { sick } = {
      sick: sickOf({ instances: [{ ...answers, probe_write: { latency_ms: 1, failed } }] }),
    };
    const open = { ...closed, state: "open" as const, reason: "5 of 5 calls failed" };
    const seen = signs({ sick, ...instances({ breakers: { turso: open, r2: closed } }) });
    expect(pageOf(seen)).toMatch(page);
  });

  it("names what was switched on by hand before anything else", () => {
    const mode = { message: "m", since: "2026-05-01T11:00:00.000Z", by: "ana", until: null };
    const fleet = instances();
    const with_ = (changes: object): Signs =>
      signs({
        ...fleet,
        instances: fleet.instances && { ...fleet.instances, ...changes },
        sick: sickOf({ coordinator: { jobs: [], maintenance: null, degraded: null } }),
      });
    expect(pageOf(with_({ degraded: mode }))).toMatch(/^RB-004: .*Step 4.*leave degraded mode/);
    expect(pageOf(with_({ maintenance: mode, degraded: mode }))).toMatch(/^RB-002: /);
    const forced = { ...closed, state: "forced_open" as const, reason: "drill" };
    expect(pageOf(signs(instances({ breakers: { turso: forced, r2: closed } })))).toMatch(
      /^RB-004: Alert CircuitBreakerOpen, Step 3/,
    );
  });

  it("tells a slow database from one that fails", () => {
    const late = sickOf({
      instances: [{ ...answers, probe_write: { latency_ms: 500, failed: "late" } }],
    });
    const slow = { sick: late, probes: [probe({ quickest_ms: 900, tries: 5 })] };
    expect(pageOf(signs(slow))).toMatch(/^RB-005: Slow Episode Creation, Step 2/);
    expect(pageOf(signs({ ...slow, measures: errors(20, 40) }))).toMatch(/^RB-004: .*Step 2/);
    expect(pageOf(signs({ sick: late, probes: [probe({ quickest_ms: null })] }))).toMatch(
      /^RB-004/,
    );
    expect(pageOf(signs({ probes: slow.probes }))).toMatch(
      /^RB-005: Slow Episode Creation, Step 2/,
    );
  });

  it("takes slowness under many open episodes for what comes of them", () => {
    const many = instances({ active_episodes: 3_000 });
    const slow = [probe({ quickest_ms: 900, tries: 5 })];
    const late = sickOf({
      instances: [{ ...answers, probe_write: { latency_ms: 500, failed: "late" } }],
    });
    expect(pageOf(signs({ ...many, probes: slow }))).toMatch(/^RB-005: High Memory Usage/);
    expect(pageOf(signs({ ...many, probes: slow, sick: late }))).toMatch(/^RB-005: High Memory/);
  });

  it("sees requests to the database fail while readiness is well", () => {
    expect(pageOf(signs({ measures: errors(4, 40) }))).toMatch(/^RB-004: Alert HighStorage/);
    expect(pageOf(signs({ measures: errors(1, 400) }))).toBeNull();
    const failing = { ...closed, calls: 20, failed: 5 };
    expect(pageOf(signs(instances({ breakers: { turso: failing, r2: closed } })))).toMatch(
      /^RB-004: Alert HighStorage/,
    );
  });

  it("sees a leak, a cache that misses, what is nearly full, a queue, and a slow part", () => {
    expect(pageOf(signs(instances({ active_episodes: 1_550 })))).toMatch(/^RB-005: High Memory/);
    const ends = new Measures(
      "",
      'memory_episode_created_total 10\nmemory_episode_completed_total{outcome="success"} 9',
    );
    expect(pageOf(signs({ ...instances({ active_episodes: 1_550 }), measures: ends }))).toBeNull();
    const misses = new Measures("", "memory_cache_hit_total 10\nmemory_cache_miss_total 40");
    expect(pageOf(signs({ measures: misses }))).toMatch(/^RB-004: Alert LowCacheHitRate/);
    const full = new Measures("", "memory_database_bytes 95\nmemory_database_max_bytes 100");
    expect(pageOf(signs({ measures: full }))).toMatch(/^RB-006: Storage Full/);
    const queue = { connections: { in_use: 6, waiting: 6, limit: 6 } };
    expect(pageOf(signs(instances(queue)))).toMatch(/^RB-005: Alerts Latency/);
    const slow = [
      'memory_storage_operation_duration_seconds_bucket{backend="turso",le="0.5"} 30',
      'memory_storage_operation_duration_seconds_bucket{backend="turso",le="+Inf"} 40',
    ];
    expect(pageOf(signs({ measures: new Measures("", slow.join("\n")) }))).toMatch(/^RB-005: Slow/);
  });

  it("says what a refused key is about, and asks nothing of one that may only read", () => {
    const refused = new MemoryError("no", { status: 401, code: "unauthorized" });
    expect(pageOf(signs({ probes: [probe({ quickest_ms: null, error: refused })] }))).toMatch(
      /^RB-001: Step 1.*keys/,
    );
    const reader = new MemoryError("no", { status: 403, code: "forbidden" });
    const write = probe({ what: "write", quickest_ms: null, error: reader });
    expect(pageOf(signs({ probes: [probe(), write] }))).toBeNull();
  });
});

const closed = view().breakers.turso;
const answers = {
  instance: 0,
  view: view(),
  probe_write: null,
  schema_version: 1,
  last_flush_at: NOW,
  cache_hits: 0,
  cache_misses: 0,
};
/** Of so many requests to the database, these failed. */
const errors = (failed: number, asked: number): Measures =>
  new Measures(
    "",
    [
      `memory_storage_errors_total{backend="turso",kind="unreachable"} ${failed}`,
      `memory_storage_operation_duration_seconds_count{backend="turso"} ${asked}`,
    ].join("\n"),
  );
