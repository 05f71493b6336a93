import { describe, expect, it } from "vitest";
import {
  capacityOf,
  fitLine,
  postmortem,
  quantile,
  reduceScrape,
  studentT975,
  type CapacityLimits,
  type MetricSample,
} from "../../src/observability/index.ts";

const START = Date.parse("2026-05-01T00:00:00.000Z");
const HOUR = 3_600_000;
const limits: CapacityLimits = {
  database_max_bytes: 2_000_000,
  r2_max_bytes: 1e9,
  instance_max_bytes: 1e9,
  outbox_max_rows: 100,
  instances: 2,
};
/**
 * The database grows by 1,000 bytes, and an episode, an hour, with a wobble that is the same each
 * time.
 */
const samples = (
  hours: number,
  wobble = 0,
  more: Partial<MetricSample["totals"]> = {},
): MetricSample[] =>
  Array.from({ length: hours }, (_, i) => ({
    at: new Date(START + i * HOUR).toISOString(),
    totals: {
      database_bytes: 1_000_000 + i * 1_000 + (i % 2 === 0 ? wobble : -wobble),
      episodes_created: 10 + i,
      cache_hits: i * 9,
      cache_misses: i,
      ...more,
    },
    histograms: {},
    silent: 0,
  }));
const database = (all: MetricSample[]) =>
  capacityOf(all, limits).forecasts.find(({ resource }) => resource === "database");

describe("capacity", () => {
  it("measures rates, sizes and the hit rate", () => {
    const view = capacityOf(samples(49), limits);
    expect(view.rates.episodes.per_hour).toBeCloseTo(1);
    expect(view.rates.episodes.per_day).toBeCloseTo(24);
    expect(view.bytes_per_episode).toBeCloseTo(1_000);
    expect(view.cache_hit_rate).toBeCloseTo(0.9);
    expect(view.hours).toBe(48);
  });

  it("gives the date at which a limit is reached, with a narrow interval when the growth is even", () => {
    const forecast = database(samples(49));
    // 1,048,000 bytes at the end; 952 hours more.
    const expected = START + 48 * HOUR + 952 * HOUR;
    expect(Math.abs(Date.parse(forecast?.reached_at.expected ?? "") - expected)).toBeLessThan(HOUR);
    expect(Math.abs(Date.parse(forecast?.reached_at.earliest ?? "") - expected)).toBeLessThan(HOUR);
    expect(forecast?.per_day).toBeCloseTo(24_000);
  });

  it("widens the interval with the spread, and keeps the expected date between", () => {
    const forecast = database(samples(49, 5_000));
    const { earliest, expected, latest } = forecast?.reached_at ?? {};
    expect(Date.parse(earliest ?? "")).toBeLessThan(Date.parse(expected ?? ""));
    expect(Date.parse(expected ?? "")).toBeLessThan(Date.parse(latest ?? ""));
    const { low, high } = forecast?.in_30_days ?? { low: 0, high: 0 };
    expect(high - low).toBeGreaterThan(4 * 5_000);
  });

  it("promises nothing from a few samples, and nothing of what does not grow", () => {
    expect(database(samples(3))).toMatchObject({
      per_day: null,
      in_30_days: null,
      advice: "too few samples for a forecast yet",
    });
    const flat = samples(49).map((sample) => ({
      ...sample,
      totals: { ...sample.totals, database_bytes: 5_000 },
    }));
    expect(database(flat)?.reached_at).toEqual({ expected: null, earliest: null, latest: null });
    expect(capacityOf([], limits).forecasts).toEqual([]);
  });

  it("names what to change when a limit is near or passed", () => {
    expect(database(samples(700))?.advice).toMatch(/^act: raise the database's plan/);
    expect(database(samples(49, 0, { database_bytes: 3_000_000 }))?.used).toBeCloseTo(1.5);
  });

  it("counts no growth over a restart of a counter or a silent instance", () => {
    const all = samples(10);
    const fallen = all.map((sample, i) =>
      i < 5 ? sample : { ...sample, totals: { ...sample.totals, episodes_created: i } },
    );
    expect(capacityOf(fallen, limits).rates.episodes.per_day).toBeGreaterThan(0);
    const silent = all.map((sample, i) => ({ ...sample, silent: i === 5 ? 1 : 0 }));
    expect(capacityOf(silent, limits).rates.episodes.per_day).toBeCloseTo((24 * 7) / 9);
  });

  it("uses Student's t as the tables have it", () => {
    // Fisher & Yates, table III.
    for (const [degrees, t] of [
      [4, 2.776],
      [10, 2.228],
      [30, 2.042],
      [1_000, 1.962],
    ] as const) {
      expect(Math.abs(studentT975(degrees) - t) / t).toBeLessThan(0.01);
    }
    expect(fitLine([{ at: 1, value: 1 }])).toBeNull();
  });
});

describe("samples", () => {
  it("sum over instances, and count those that did not answer", () => {
    const scrape = reduceScrape(
      [
        { name: "memory_episode_created_total", labels: { instance: "0" }, value: 2 },
        { name: "memory_episode_created_total", labels: { instance: "1" }, value: 3 },
        { name: "memory_instance_up", labels: { instance: "2" }, value: 0 },
        { name: "memory_http_requests_total", labels: { instance: "0", status: "503" }, value: 4 },
        { name: "memory_outbox_oldest_seconds", labels: { instance: "0" }, value: 7 },
        { name: "memory_outbox_oldest_seconds", labels: { instance: "1" }, value: 5 },
      ],
      "2026-05-01T00:00:00.000Z",
    );
    expect(scrape).toMatchObject({
      silent: 1,
      totals: { episodes_created: 5, requests: 4, server_errors: 4, outbox_oldest_seconds: 7 },
    });
  });

  it("interpolate a quantile within its bucket", () => {
    expect(quantile(0.5, [1, 2], [2, 2, 0])).toBe(1);
    expect(quantile(0.75, [1, 2], [2, 2, 0])).toBe(1.5);
    expect(quantile(0.99, [1, 2], [0, 0, 5])).toBe(2);
    expect(quantile(0.5, [1, 2], [0, 0, 0])).toBeNull();
  });
});

describe("a post-mortem", () => {
  it("holds the timeline and the samples, and no text breaks out of its cell", () => {
    const incident = {
      seq: 1,
      at: "2026-05-01T00:00:00.000Z",
      kind: "settings" as const,
      severity: "info" as const,
      title: "a|b\n<script>`x`",
      detail: {},
    };
    const text = postmortem({
      from: "from",
      until: "until",
      incidents: [incident],
      samples: samples(100),
      logs: [{ at: "2026-05-01T00:00:00.000Z", from: "0", line: '{"event":"x"}\n```\n# y' }],
    });
    expect(text).toContain('2026-05-01T00:00:00.000Z 0 {"event":"x"} ``` # y\n```\n');
    expect(text).toContain(
      "| 2026-05-01T00:00:00.000Z | info | settings | a\\|b \\<script\\>\\`x\\` |",
    );
    expect(text.split("\n").filter((line) => line.startsWith("| 2026")).length).toBeLessThanOrEqual(
      51,
    );
  });
});
