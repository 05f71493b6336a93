/**
 * What a panel of a dashboard is, and the queries that many of them ask. Pure.
 *
 * @module
 */

export type Unit = "short" | "s" | "bytes" | "percentunit" | "reqps" | "ops" | "dateTimeFromNow";

export interface Panel {
  title: string;
  /** What it shows, and what to do. */
  description: string;
  unit: Unit;
  /** Query and legend. */
  queries: readonly (readonly [expr: string, legend: string])[];
  /** `timeseries` by default. */
  kind?: "timeseries" | "stat" | "table";
  /** Of 24; a third by default. */
  width?: number;
  /** From this value on it is red. */
  red?: number;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** The instances that the viewer chose. */
export const CHOSEN = 'instance=~"$instance"';

/** Of a counter, a second. @param labels further ones, each after a comma */
export const rate = (name: string, labels = ""): string =>
  `rate(${name}{${CHOSEN}${labels}}[$__rate_interval])`;

/** How much faster a counter of an instance rises than that of an average one. */
export const againstMean = (name: string): string =>
  `sum by (instance) (${rate(name)}) / on () group_left () avg(sum by (instance) (${rate(name)}))`;

/** A quantile of a histogram over all instances. */
const quantile = (share: number, name: string, labels = ""): string =>
  `histogram_quantile(${share}, sum by (le) (${rate(`${name}_bucket`, labels)}))`;

/** The median and the two tails, each with its legend. */
export const quantiles = (name: string, labels = ""): [expr: string, legend: string][] =>
  [0.5, 0.95, 0.99].map((share) => [quantile(share, name, labels), `p${share * 100}`]);
