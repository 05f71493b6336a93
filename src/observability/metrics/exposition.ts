/**
 * Writes samples as text that Prometheus reads: format 0.0.4 and OpenMetrics 1.0.0. Pure.
 * Sources: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics specification
 * 1.0.0.
 *
 * @module
 */

import { seriesKey, type Labels, type Sample } from "./meter.ts";
import { bucketsOf, METRIC_NAMES, ruleOf, type MetricName } from "./registry.ts";

export type Format = "text" | "openmetrics";

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
