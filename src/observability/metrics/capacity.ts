/**
 * How much there is, how fast it grows, and when a limit is reached. Pure: from hourly samples, by
 * ordinary least squares with the prediction interval of Draper & Smith, Applied Regression
 * Analysis, §1.4.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type {
  CapacityView,
  ForecastView,
  GrowthView,
  MetricSample,
} from "../../contract/watching/answers.ts";
import { isoTime } from "../../util/time.ts";

export interface CapacityLimits {
  database_max_bytes: number;
  r2_max_bytes: number;
  instance_max_bytes: number;
  outbox_max_rows: number;
  instances: number;
}

/** Fewer points than this say nothing of the spread. */
const POINTS_MIN = 6;
const HORIZON_MS = 30 * MS.day;
/** A date beyond this is no forecast, ms. */
const FAR_MS = 3_650 * MS.day;

interface Point {
  /** ms since the epoch. */
  at: number;
  value: number;
}

interface Line {
  at(time: number): number;
  /** Half the width of the 95 % interval of one new value. */
  margin(time: number): number;
  /** Per ms. */
  slope: number;
}

/** The least-squares line through the points; null when there are too few, or all at one time. */
export function fitLine(points: readonly Point[]): Line | null {
  const n = points.length;
  if (n < POINTS_MIN) return null;
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / n;
  const meanValue = points.reduce((sum, { value }) => sum + value, 0) / n;
  const sxx = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  if (sxx === 0) return null;
  const slope =
    points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0) / sxx;
  const at = (time: number): number => meanValue + slope * (time - meanAt);
  const residual = Math.sqrt(
    points.reduce((sum, point) => sum + (point.value - at(point.at)) ** 2, 0) / (n - 2),
  );
  const margin = (time: number): number =>
    studentT975(n - 2) * residual * Math.sqrt(1 + 1 / n + (time - meanAt) ** 2 / sxx);
  return { at, margin, slope };
}

/**
 * The 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5, an expansion; within 1 % from 4
 * degrees on).
 */
export function studentT975(degrees: number): number {
  const z = 1.959963985;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  const d = degrees;
  return (
    z +
    (z3 + z) / (4 * d) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * d ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * d ** 3)
  );
}

export function capacityOf(samples: readonly MetricSample[], limits: CapacityLimits): CapacityView {
  const last = samples.at(-1);
  const first = samples.at(0);
  const total = (name: SampleName): number | null => last?.totals[name] ?? null;
  const database = total("database_bytes");
  const hits = growth(samples, "cache_hits");
  const misses = growth(samples, "cache_misses");
  const forecasts = last
    ? [
        forecast(
          samples,
          "database_bytes",
          limits.database_max_bytes,
          "database",
          "bytes",
          "raise the database's plan, then database_max_bytes; or delete namespaces that nobody needs",
        ),
        forecast(
          samples,
          "instance_bytes_max",
          limits.instance_max_bytes,
          "fullest instance",
          "bytes",
          "raise INSTANCE_COUNT, or lower cache_max_bytes and namespace_episodes_max",
        ),
        forecast(
          samples,
          "r2_bytes",
          limits.r2_max_bytes,
          "bucket",
          "bytes",
          "shorten the retention of backups, or raise r2_max_bytes",
        ),
        forecast(
          samples,
          "outbox_rows",
          limits.outbox_max_rows * limits.instances,
          "outboxes",
          "rows",
          "the database takes writes slower than they come: raise batch_size or its plan, or raise outbox_max_rows",
        ),
      ].flatMap((view) => view ?? [])
    : [];
  return {
    from: first?.at ?? null,
    to: last?.at ?? null,
    hours: first && last ? (Date.parse(last.at) - Date.parse(first.at)) / MS.hour : 0,
    rates: {
      episodes: rate(samples, "episodes_created"),
      steps: rate(samples, "steps"),
      recalls: rate(samples, "recalls"),
      requests: rate(samples, "requests"),
      patterns: rate(samples, "patterns"),
    },
    bytes_per_episode: bytesPerEpisode(samples),
    bytes_per_pattern: total("pattern_row_bytes"),
    storage: {
      database_bytes: database,
      instance_bytes: total("instance_bytes"),
      r2_bytes: total("r2_bytes"),
    },
    backlog: {
      rows: total("outbox_rows"),
      oldest_seconds: total("outbox_oldest_seconds"),
      dead: total("outbox_dead"),
    },
    cache_hit_rate: hits + misses > 0 ? hits / (hits + misses) : null,
    forecasts,
  };
}

/**
 * The rise of a counter over the samples; one that fell began anew, or an instance was silent, and
 * that step is left out.
 */
function growth(samples: readonly MetricSample[], name: SampleName): number {
  let sum = 0;
  for (const [i, { totals, silent }] of samples.entries()) {
    const before = samples[i - 1];
    if (!before || silent > 0 || before.silent > 0) continue;
    sum += Math.max(0, (totals[name] ?? 0) - (before.totals[name] ?? 0));
  }
  return sum;
}

/** Over the samples where both are known; over everything when nothing came in meanwhile. */
function bytesPerEpisode(samples: readonly MetricSample[]): number | null {
  const known = samples.filter(
    ({ totals }) => totals.database_bytes !== undefined && totals.episodes_created,
  );
  const [first, last] = [known.at(0), known.at(-1)];
  if (!first || !last) return null;
  const episodes = growth(known, "episodes_created");
  const bytes = (last.totals.database_bytes ?? 0) - (first.totals.database_bytes ?? 0);
  if (episodes > 0 && bytes > 0) return bytes / episodes;
  return (last.totals.database_bytes ?? 0) / (last.totals.episodes_created ?? 1);
}

function rate(samples: readonly MetricSample[], name: SampleName): GrowthView {
  const to = Date.parse(samples.at(-1)?.at ?? "");
  const over = (ms: number): number | null => {
    const recent = samples.filter(({ at }) => Date.parse(at) >= to - ms);
    const spanned = to - Date.parse(recent.at(0)?.at ?? "");
    return recent.length < 2 || spanned <= 0 ? null : growth(recent, name) / spanned;
  };
  const [hour, day] = [over(1.1 * MS.hour), over(MS.day)];
  return {
    per_hour: hour === null ? null : hour * MS.hour,
    per_day: day === null ? null : day * MS.day,
  };
}

function forecast(
  samples: readonly MetricSample[],
  name: SampleName,
  limit: number,
  resource: string,
  unit: ForecastView["unit"],
  remedy: string,
): ForecastView | null {
  const points = samples.flatMap(({ at, totals, silent }): Point[] => {
    const value = totals[name];
    return value === undefined || silent > 0 ? [] : [{ at: Date.parse(at), value }];
  });
  const last = points.at(-1);
  if (!last) return null;
  const line = fitLine(points);
  const horizon = last.at + HORIZON_MS;
  const used = last.value / limit;
  const never = { expected: null, earliest: null, latest: null };
  // The line is moved so that it goes through the present value: what is there is known, only the
  // growth is estimated.
  const shift = line ? last.value - line.at(last.at) : 0;
  const expected = (time: number): number => (line ? line.at(time) + shift : last.value);
  const crossing = (value: (time: number) => number): string | null => {
    if (last.value >= limit) return isoTime(last.at);
    if (value(last.at + FAR_MS) < limit) return null;
    let [low, high] = [last.at, last.at + FAR_MS];
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (value(middle) >= limit) high = middle;
      else low = middle;
    }
    return isoTime(high);
  };
  const reached_at = line
    ? {
        expected: crossing(expected),
        earliest: crossing((time) => expected(time) + line.margin(time)),
        latest: crossing((time) => expected(time) - line.margin(time)),
      }
    : last.value >= limit
      ? { ...never, expected: isoTime(last.at) }
      : never;
  const soon = reached_at.earliest !== null && Date.parse(reached_at.earliest) < horizon;
  const advice =
    used >= 0.8 || soon
      ? `act: ${remedy}`
      : line
        ? "enough room"
        : "too few samples for a forecast yet";
  return {
    resource,
    now: last.value,
    limit,
    unit,
    used,
    per_day: line ? line.slope * MS.day : null,
    in_30_days: line
      ? {
          expected: Math.max(0, expected(horizon)),
          low: Math.max(0, expected(horizon) - line.margin(horizon)),
          high: Math.max(0, expected(horizon) + line.margin(horizon)),
        }
      : null,
    reached_at,
    advice,
  };
}
