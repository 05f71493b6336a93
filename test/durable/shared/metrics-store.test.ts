import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { PROBLEMS, type ErrorCode } from "../../../src/contract/call.ts";
import { MetricsStore } from "../../../src/durable/shared/metrics-store.ts";
import type { Sample } from "../../../src/observability/index.ts";
import type { LocalSql } from "../../../src/storage/index.ts";
import { ALARM_PARTS } from "../../../src/observability/metrics/labels.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

/** More series than a row holds. */
const CODES = Object.keys(PROBLEMS) as ErrorCode[];

/** Longer than what a read counts may wait. */
const WAITED_MS = 400;

/** The names of all series that are stored, in their order. */
function storedSeries(sql: NodeSql): string[] {
  const own = sql.all<{ body: string }>("SELECT body FROM metrics");
  const recent = sql.all<{ body: string }>("SELECT body FROM metrics_recent");
  const samples = [
    ...own.map(({ body }) => JSON.parse(body) as Sample),
    ...recent.flatMap(({ body }) => JSON.parse(body) as Sample[]),
  ];
  return samples.map(({ name }) => name).sort();
}

it("what a read counts is stored a moment later, and not with every write", async () => {
  const sql = openLocal([]);
  const store = new MetricsStore(sql, (work) => sql.transaction(work));
  const stored = (): string[] => storedSeries(sql);
  store.meter.count("memory_cache_hit_total");
  await Promise.resolve();
  expect(stored()).toEqual([]);
  store.transaction(() => {
    store.meter.count("memory_cache_hit_total");
    store.meter.count("memory_episode_created_total");
  });
  expect(stored()).toEqual(["memory_episode_created_total"]);
  await sleep(WAITED_MS);
  expect(stored()).toEqual(["memory_cache_hit_total", "memory_episode_created_total"]);
  const again = new MetricsStore(sql, (work) => sql.transaction(work));
  expect(again.meter.value("memory_cache_hit_total")).toBe(2);
});

it("what is shown is stored by then: an object that is evicted right after shows no less", () => {
  const sql = openLocal([]);
  const store = new MetricsStore(sql, (work) => sql.transaction(work));
  store.meter.count("memory_cache_hit_total");
  const shown = store.shown();
  expect(shown.map(({ name }) => name)).toEqual(["memory_cache_hit_total"]);
  expect(store.meter.value("memory_cache_hit_total")).toBe(1);
  const again = new MetricsStore(sql, (work) => sql.transaction(work));
  expect(again.shown()).toEqual(shown);
});

it("a storage that takes nothing shows its counts, and stores them when it takes some again", () => {
  const sql = openLocal([]);
  let full = false;
  const failing: LocalSql = {
    ...sql,
    run: (text, ...args) => {
      if (full) throw new Error("database or disk is full");
      sql.run(text, ...args);
    },
  };
  const store = new MetricsStore(failing, (work) => sql.transaction(work));
  full = true;
  store.meter.count("memory_cache_hit_total");
  expect(store.shown()).toHaveLength(1);
  full = false;
  store.meter.count("memory_episode_created_total");
  store.shown();
  expect(storedSeries(sql)).toEqual(["memory_cache_hit_total", "memory_episode_created_total"]);
});

it("what a transaction counted is taken back with it, reads included", async () => {
  const sql = openLocal([]);
  const store = new MetricsStore(sql, (work) => sql.transaction(work));
  const failing = (): void =>
    store.transaction(() => {
      store.meter.count("memory_cache_hit_total");
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  await sleep(WAITED_MS);
  expect(storedSeries(sql)).toEqual([]);
});

it("goes on after a restart with the latest of each series, of which those that changed lately share a row", () => {
  const sql = openLocal([]);
  // As an earlier release left it: each series has a row of its own.
  new MetricsStore(sql, (work) => sql.transaction(work));
  sql.run(
    "INSERT INTO metrics (key, body) VALUES ('memory_step_logged_total|', ?)",
    JSON.stringify({ name: "memory_step_logged_total", labels: {}, value: 40 }),
  );
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...CODES), { maxLength: 60 }), (codes) => {
      const store = new MetricsStore(sql, (work) => sql.transaction(work));
      for (const code of codes) {
        store.transaction(() => store.meter.count("memory_refused_total", { code }));
        counts.set(code, (counts.get(code) ?? 0) + 1);
      }
      store.transaction(() => store.meter.count("memory_step_logged_total"));
      const again = new MetricsStore(sql, (work) => sql.transaction(work));
      for (const [code, count] of counts)
        expect(again.meter.value("memory_refused_total", { code })).toBe(count);
      const [recent] = sql.all<{ body: string }>("SELECT body FROM metrics_recent");
      expect(recent?.body.length).toBeLessThanOrEqual(2_100);
    }),
    { numRuns: 20 },
  );
  const store = new MetricsStore(sql, (work) => sql.transaction(work));
  for (const part of ALARM_PARTS)
    store.transaction(() => store.meter.count("memory_alarm_failures_total", { part }));
  for (const code of CODES)
    store.transaction(() => store.meter.count("memory_refused_total", { code }));
  const again = new MetricsStore(sql, (work) => sql.transaction(work));
  for (const part of ALARM_PARTS)
    expect(again.meter.value("memory_alarm_failures_total", { part })).toBe(1);
  for (const code of CODES)
    expect(again.meter.value("memory_refused_total", { code })).toBe((counts.get(code) ?? 0) + 1);
  expect(again.meter.value("memory_step_logged_total")).toBe(60);
  expect(sql.all("SELECT 1 AS n FROM metrics").length).toBeGreaterThan(3);
});
