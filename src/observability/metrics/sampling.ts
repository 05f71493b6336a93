/**
 * A scrape of all instances, reduced to what is kept over time. Pure.
 *
 * @module
 */

import type { Sample } from "./meter.ts";
import type { MetricName } from "./registry.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type { MetricSample } from "../../contract/watching/answers.ts";

const SUMS: Partial<Record<MetricName, SampleName>> = {
  memory_episode_created_total: "episodes_created",
  memory_episode_completed_total: "episodes_completed",
  memory_step_logged_total: "steps",
  memory_total_patterns: "patterns",
  memory_recall_total: "recalls",
  memory_cache_hit_total: "cache_hits",
  memory_cache_miss_total: "cache_misses",
  memory_http_requests_total: "requests",
  memory_storage_errors_total: "storage_errors",
  memory_active_episodes: "active_episodes",
  memory_outbox_depth: "outbox_rows",
  memory_outbox_dead: "outbox_dead",
  memory_instance_storage_bytes: "instance_bytes",
};
const MAXIMA: Partial<Record<MetricName, SampleName>> = {
  memory_outbox_oldest_seconds: "outbox_oldest_seconds",
  memory_instance_storage_bytes: "instance_bytes_max",
};
const HISTOGRAMS: Partial<Record<MetricName, keyof MetricSample["histograms"]>> = {
  memory_http_request_duration_seconds: "http",
  memory_storage_operation_duration_seconds: "storage",
  memory_recall_duration_seconds: "recall",
};

export function reduceScrape(samples: readonly Sample[], at: string): MetricSample {
  const totals: MetricSample["totals"] = {};
  const histograms: MetricSample["histograms"] = {};
  let silent = 0;
  const add = (name: SampleName, value: number): void => {
    totals[name] = (totals[name] ?? 0) + value;
  };
  for (const sample of samples) {
    if ("counts" in sample) {
      const name = HISTOGRAMS[sample.name];
      if (!name) continue;
      const known = histograms[name] ?? sample.counts.map(() => 0);
      histograms[name] = sample.counts.map((count, i) => count + (known[i] ?? 0));
      if (name === "storage")
        add(
          "storage_operations",
          sample.counts.reduce((sum, count) => sum + count, 0),
        );
      continue;
    }
    const { name, value, labels } = sample;
    const sum = SUMS[name];
    if (sum) add(sum, value);
    const maximum = MAXIMA[name];
    if (maximum) totals[maximum] = Math.max(totals[maximum] ?? 0, value);
    if (name === "memory_http_requests_total" && labels["status"]?.startsWith("5"))
      add("server_errors", value);
    if (name === "memory_circuit_breaker_state") add("breakers_open", value > 0 ? 1 : 0);
    if (name === "memory_instance_up" && value === 0) silent += 1;
  }
  return { at, totals, histograms, silent };
}

/**
 * The value below which a share of the observations lies, by linear interpolation in its bucket, as
 * Prometheus' `histogram_quantile` has it; null when nothing was observed.
 * @param counts by bucket, not cumulative, the last one beyond the last bound
 */
export function quantile(
  share: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return null;
  let rank = share * total;
  for (const [i, bound] of bounds.entries()) {
    const count = counts[i] ?? 0;
    const from = i === 0 ? 0 : (bounds[i - 1] ?? 0);
    if (rank <= count) return count === 0 ? from : from + ((bound - from) * rank) / count;
    rank -= count;
  }
  return bounds.at(-1) ?? null;
}
