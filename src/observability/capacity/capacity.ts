/**
 * Makes the capacity report: how much there is, how fast it grows, and when a limit is reached.
 * Pure: hourly samples and limits go in.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type { CapacityView, GrowthView, MetricSample } from "../../contract/watching/answers.ts";
import { forecast, type Resource } from "./forecast.ts";

export interface CapacityLimits {
  database_max_bytes: number;
  r2_max_bytes: number;
  instance_max_bytes: number;
  outbox_max_rows: number;
  instances: number;
}

/** What fills up, and what to do about it. */
function resourcesOf(limits: CapacityLimits): Resource[] {
  return [
    {
      resource: "database",
      sample: "database_bytes",
      limit: limits.database_max_bytes,
      unit: "bytes",
      remedy:
        "raise the database's plan, then database_max_bytes; or delete namespaces that nobody needs",
    },
    {
      resource: "fullest instance",
      sample: "instance_bytes_max",
      limit: limits.instance_max_bytes,
      unit: "bytes",
      remedy: "raise INSTANCE_COUNT, or lower cache_max_bytes and namespace_episodes_max",
    },
    {
      resource: "bucket",
      sample: "r2_bytes",
      limit: limits.r2_max_bytes,
      unit: "bytes",
      remedy: "shorten the retention of backups, or raise r2_max_bytes",
    },
    {
      resource: "outboxes",
      sample: "outbox_rows",
      limit: limits.outbox_max_rows * limits.instances,
      unit: "rows",
      remedy:
        "the database takes writes slower than they come: raise batch_size or its plan, or raise outbox_max_rows",
    },
  ];
}

/** @param samples the oldest first */
export function capacityOf(samples: readonly MetricSample[], limits: CapacityLimits): CapacityView {
  const [first, last] = [samples.at(0), samples.at(-1)];
  const total = (name: SampleName): number | null => last?.totals[name] ?? null;
  const hits = growth(samples, "cache_hits");
  const reads = hits + growth(samples, "cache_misses");
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
      database_bytes: total("database_bytes"),
      instance_bytes: total("instance_bytes"),
      r2_bytes: total("r2_bytes"),
    },
    backlog: {
      rows: total("outbox_rows"),
      oldest_seconds: total("outbox_oldest_seconds"),
      dead: total("outbox_dead"),
    },
    cache_hit_rate: reads > 0 ? hits / reads : null,
    forecasts: resourcesOf(limits).flatMap((resource) => forecast(samples, resource) ?? []),
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
  const measured = samples.filter(
    ({ totals }) => totals.database_bytes !== undefined && totals.episodes_created,
  );
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (!first || !last) return null;

  const episodes = growth(measured, "episodes_created");
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
