import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { MetricsStore } from "../../../src/durable/shared/metrics-store.ts";
import { openLocal } from "../../support/node-sql.ts";

/** Longer than what a read counts may wait. */
const WAITED_MS = 400;

it("what a read counts is stored a moment later, and not with every write", async () => {
  const sql = openLocal([]);
  const store = new MetricsStore(sql, (work) => sql.transaction(work));
  const stored = (): string[] =>
    sql.all<{ key: string }>("SELECT key FROM metrics ORDER BY key").map(({ key }) => key);
  store.meter.count("memory_cache_hit_total");
  await Promise.resolve();
  expect(stored()).toEqual([]);
  store.transaction(() => {
    store.meter.count("memory_cache_hit_total");
    store.meter.count("memory_episode_created_total");
  });
  expect(stored()).toEqual(["memory_episode_created_total|"]);
  await sleep(WAITED_MS);
  expect(stored()).toEqual(["memory_cache_hit_total|", "memory_episode_created_total|"]);
  const again = new MetricsStore(sql, (work) => sql.transaction(work));
  expect(again.meter.value("memory_cache_hit_total")).toBe(2);
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
  expect(sql.all("SELECT key FROM metrics")).toEqual([]);
});
