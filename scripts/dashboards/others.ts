/**
 * Panels of metrics that no other panel shows, made of what a metric's declaration says: a metric
 * that is declared is seen, whoever declares it. Pure.
 *
 * @module
 */

import { METRIC_NAMES, ruleOf } from "../../src/observability/index.ts";
import { CHOSEN, quantiles, type Panel, type Row, type Unit } from "./panel.ts";

type MetricName = (typeof METRIC_NAMES)[number];

/** The panel of a metric that no other panel shows: what its type and its name say. */
export function panelOfMetric(name: MetricName): Panel {
  const { type, help: description, labels } = ruleOf(name);
  const title = name.slice("memory_".length).replaceAll("_", " ");
  if (type === "histogram") {
    return { title, description, unit: unitOf(name), queries: quantiles(name) };
  }

  const own = Object.keys(labels).filter((label) => label !== "instance");
  const by = own.length === 0 ? "" : `by (${own.join(", ")}) `;
  const legend = own.length === 0 ? "all" : own.map((label) => `{{${label}}}`).join(" ");
  const series = "instance" in labels ? `${name}{${CHOSEN}}` : name;
  return type === "counter"
    ? {
        title,
        description,
        unit: "ops",
        queries: [[`sum ${by}(rate(${series}[$__rate_interval]))`, legend]],
      }
    : { title, description, unit: unitOf(name), queries: [[`max ${by}(${series})`, legend]] };
}

function unitOf(name: string): Unit {
  if (name.endsWith("_bytes")) return "bytes";
  return name.endsWith("_seconds") && !name.endsWith("_timestamp_seconds") ? "s" : "short";
}

/** So that no metric is without a panel, whoever declares it. */
export function others(shown: readonly Row[]): Row[] {
  const queries = JSON.stringify(shown);
  const isShown = (name: MetricName): boolean =>
    new RegExp(`\\b${name}(_bucket|_count|_sum)?\\b`).test(queries);
  const panels = METRIC_NAMES.filter((name) => !isShown(name)).map(panelOfMetric);
  return panels.length === 0 ? [] : [{ title: "Other", panels }];
}
