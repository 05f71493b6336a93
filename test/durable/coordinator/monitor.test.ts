import { describe, expect, it } from "vitest";
import { IncidentLog } from "../../../src/durable/coordinator/monitoring/incidents.ts";
import { MetricsStore } from "../../../src/durable/shared/metrics-store.ts";
import { SampleStore } from "../../../src/durable/coordinator/monitoring/samples.ts";
import { scrub } from "../../../src/observability/sentry.ts";
import { openLocal } from "../../support/node-sql.ts";

const NOW = Date.parse("2026-05-01T12:00:00.000Z");
const HOUR = 3_600_000;

describe("the incident log", () => {
  it("keeps the order, knows what R2 does not have, and drops only what it has", () => {
    let now = NOW;
    const log = new IncidentLog(openLocal([]), () => now);
    log.record("deploy", "info", "one");
    log.record("breaker", "critical", "two", { backend: "turso" });
    const unstored = log.unstored();
    expect(unstored.map(({ title }) => title)).toEqual(["one", "two"]);
    log.markStored(unstored);
    now += HOUR;
    log.record("health", "warning", "three");
    expect(log.unstored().map(({ title }) => title)).toEqual(["three"]);
    expect(log.since(NOW + 1).map(({ title }) => title)).toEqual(["three"]);
    expect(log.prune(now + HOUR)).toBe(2);
    expect(log.since(0).map(({ title }) => title)).toEqual(["three"]);
  });

  it("says when a watched state changed, across restarts", () => {
    const sql = openLocal([]);
    const log = new IncidentLog(sql, () => NOW);
    expect(log.changed("a", "x")).toBeNull();
    expect(log.changed("a", "x")).toBeUndefined();
    expect(new IncidentLog(sql, () => NOW).changed("a", "y")).toBe("x");
  });
});

describe("samples over time", () => {
  it("are fine for a day, hourly for ninety, and gone then", () => {
    const samples = new SampleStore(openLocal([]));
    const days = 95;
    const end = NOW + days * 24 * HOUR;
    // Four an hour only where they are still kept, so that the test is quick.
    for (let at = NOW; at < end; at += at < end - 48 * HOUR ? HOUR : HOUR / 4) {
      samples.add({ at: new Date(at).toISOString(), totals: {}, histograms: {}, silent: 0 });
    }
    const all = samples.since(0).map(({ at }) => Date.parse(at));
    const newest = all.at(-1) ?? 0;
    const fine = all.filter((at) => at >= newest - 24 * HOUR);
    const old = all.filter((at) => at < newest - 26 * HOUR);
    expect(fine).toHaveLength(24 * 4 + 1);
    expect(old.every((at, i) => i === 0 || at - (old[i - 1] ?? 0) === HOUR)).toBe(true);
    expect(newest - (all[0] ?? 0)).toBeLessThanOrEqual(90 * 24 * HOUR);
    expect(samples.since(0, true).every(({ at }) => Date.parse(at) % HOUR === 0)).toBe(true);
  });
});

describe("the metrics store", () => {
  it("keeps what it counted, takes back what a failed transaction counted, and counts a delta once", async () => {
    const sql = openLocal([]);
    const open = () => new MetricsStore(sql, (work) => sql.transaction(work));
    const store = open();
    store.transaction(() => store.meter.count("memory_recall_total"));
    expect(() =>
      store.transaction(() => {
        store.meter.count("memory_recall_total", {}, 10);
        throw new Error("no");
      }),
    ).toThrow("no");
    store.meter.count("memory_step_logged_total", {}, 3);
    const delta = {
      sender: "a",
      seq: 1,
      samples: [{ name: "memory_recall_total" as const, labels: {}, value: 5 }],
    };
    store.take(delta, NOW);
    store.take(delta, NOW);
    await Promise.resolve();
    const again = open();
    expect(again.meter.value("memory_recall_total")).toBe(6);
    expect(again.meter.value("memory_step_logged_total")).toBe(3);
    again.take(delta, NOW);
    again.take({ ...delta, seq: 2 }, NOW);
    expect(again.meter.value("memory_recall_total")).toBe(11);
  });
});

describe("an error report", () => {
  it("holds nothing that looks like a secret", () => {
    const text =
      "mk_00ff_aabbcc Bearer abc.def eyJhbGciOi.eyJhIjoi.sig https://user:pass@db.example/x";
    expect(scrub(text)).toBe("[removed] [removed] [removed] https://[removed]@db.example/x");
  });
});
