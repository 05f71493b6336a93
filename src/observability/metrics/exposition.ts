/**
 * Writes samples as text that Prometheus reads, format 0.0.4 and OpenMetrics 1.0.0, and reduces a
 * scrape of all instances to what is kept over time: what each metric's `sampled` says, and a few
 * numbers that are computed. Pure. Sources: prometheus.io/docs/instrumenting/exposition_formats,
 * the OpenMetrics specification 1.0.0.
 *
 * @module
 */

import type { SampleName } from "../../contract/vocabulary.ts";
import type { MetricSample } from "../../contract/watching/answers.ts";
import { type Labels, type Sample, seriesKey } from "./meter.ts";
import { bucketsOf, METRIC_NAMES, type MetricName, ruleOf } from "./registry.ts";

type Format = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** OpenMetrics when the reader prefers it to plain text. */
export function formatFor(accept: string | null): Format {
  let [best, weight]: [Format, number] = ["text", 0];
  for (const part of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = part.split(";").map((item) => item.trim().toLowerCase());
    const q = Number(parameters.find((item) => item.startsWith("q="))?.slice(2) ?? 1);
    const format =
      type === "application/openmetrics-text"
        ? "openmetrics"
        : /^(text|\*)\/(plain|\*)$/.test(type)
          ? "text"
          : null;
    if (format && q > weight) [best, weight] = [format, q];
  }
  return best;
}

/**
 * One family after the other, in the order of the registry; two samples of one series are an error.
 */
export function expose(samples: readonly Sample[], format: Format): string {
  const families = Map.groupBy(samples, (sample) => sample.name);
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const name of METRIC_NAMES) {
    const family = families.get(name);
    if (!family || family.length === 0) continue;
    lines.push(...headOf(name, format));
    const sorted = family
      .map((sample) => ({ sample, key: seriesKey(name, sample.labels) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { sample, key } of sorted) {
      if (seen.has(key)) throw new Error(`two samples of one series: ${key}`);
      seen.add(key);
      lines.push(...linesOf(sample));
    }
  }
  if (format === "openmetrics") lines.push("# EOF");
  return lines.map((line) => `${line}\n`).join("");
}

function headOf(name: MetricName, format: Format): string[] {
  const { type, help } = ruleOf(name);
  if (format === "text") return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`];
  // A family is named without the suffix that its type gives to the samples.
  const info = name.endsWith("_info");
  const family = info
    ? name.slice(0, -"_info".length)
    : type === "counter"
      ? name.slice(0, -"_total".length)
      : name;
  const unit = /_(seconds|bytes)$/.exec(family)?.[1];
  return [
    `# TYPE ${family} ${info ? "info" : type}`,
    ...(unit === undefined ? [] : [`# UNIT ${family} ${unit}`]),
    `# HELP ${family} ${escapeValue(help)}`,
  ];
}

function linesOf(sample: Sample): string[] {
  const { name, labels } = sample;
  if (!("counts" in sample)) return [`${name}${labelText(labels)} ${numberText(sample.value)}`];
  const bounds = [...bucketsOf(sample.name).map(boundText), "+Inf"];
  let count = 0;
  const buckets = bounds.map((le, i) => {
    count += sample.counts[i] ?? 0;
    return `${name}_bucket${labelText({ ...labels, le })} ${count}`;
  });
  return [
    ...buckets,
    `${name}_sum${labelText(labels)} ${numberText(sample.sum)}`,
    `${name}_count${labelText(labels)} ${count}`,
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/**
 * OpenMetrics wants bounds as floats; both formats must say the same, else a change of format makes
 * new series.
 */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

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
