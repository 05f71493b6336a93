/**
 * Reduces a scrape of all instances to what is kept over time: what each metric's `sampled`
 * says, and a few numbers that are computed. Pure.
 *
 * @module
 */

import type { Sample } from "./meter.ts";
import { ruleOf } from "./registry.ts";
import type { SampleName } from "../../contract/vocabulary.ts";
import type { MetricSample } from "../../contract/watching/answers.ts";

/** @param at RFC 3339 */
export function reduceScrape(samples: readonly Sample[], at: string): MetricSample {
  const totals: MetricSample["totals"] = {};
  const histograms: MetricSample["histograms"] = {};
  let silent = 0;
  const add = (name: SampleName, value: number): void => {
    totals[name] = (totals[name] ?? 0) + value;
  };

  for (const sample of samples) {
    const { sum, max, buckets } = ruleOf(sample.name).sampled ?? {};
    if ("counts" in sample) {
      if (buckets) histograms[buckets] = added(histograms[buckets], sample.counts);
      if (buckets === "storage") add("storage_operations", observations(sample.counts));
      continue;
    }

    const { name, value, labels } = sample;
    if (sum) add(sum, value);
    if (max) totals[max] = Math.max(totals[max] ?? 0, value);
    if (name === "memory_http_requests_total" && labels["status"]?.startsWith("5")) {
      add("server_errors", value);
    }
    if (name === "memory_circuit_breaker_state") add("breakers_open", value > 0 ? 1 : 0);
    if (name === "memory_instance_up" && value === 0) silent += 1;
  }
  return { at, totals, histograms, silent };
}

function added(before: readonly number[] | undefined, counts: readonly number[]): number[] {
  return counts.map((count, i) => count + (before?.[i] ?? 0));
}

function observations(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
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
  const total = observations(counts);
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
