/**
 * Counts and histograms as plain data: added to, taken back with a transaction that failed, merged.
 * Pure.
 *
 * @module
 */

import {
  bucketsOf,
  METRIC_NAMES,
  ruleOf,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricName,
} from "./registry.ts";

export type Labels = Readonly<Record<string, string>>;

export interface NumberSample {
  name: MetricName;
  labels: Labels;
  value: number;
}
/** Observations by bucket, not cumulative; the last count is that of +Inf. */
export interface HistogramSample {
  name: HistogramName;
  labels: Labels;
  counts: number[];
  sum: number;
}
export type Sample = NumberSample | HistogramSample;

/** Says where a series is; the order of labels does not matter. */
export function seriesKey(name: string, labels: Labels): string {
  const parts = Object.keys(labels).sort();
  return `${name}|${parts.map((label) => `${label}=${labels[label]}`).join("|")}`;
}

/** What counting needs of a Meter. */
export interface Counting {
  count(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, value: number, labels?: Labels): void;
  value(name: CounterName | GaugeName, labels?: Labels): number;
}

export class Meter implements Counting {
  readonly #series = new Map<string, Sample>();
  readonly #changed = new Set<string>();
  readonly #onChange: (name: MetricName) => void;
  /** Series as they were when the running transaction began; null: none runs. */
  #before: Map<string, Sample | null> | null = null;

  /** @param onChange told after each change of which metric */
  constructor(
    stored: readonly Sample[] = [],
    onChange: (name: MetricName) => void = () => undefined,
  ) {
    this.#onChange = onChange;
    for (const sample of stored)
      this.#series.set(seriesKey(sample.name, sample.labels), copy(sample));
  }

  count(name: CounterName, labels: Labels = {}, by = 1): void {
    if (by > 0) this.#number(name, labels, (value) => value + by);
  }

  /** A gauge that must survive; what can be computed when it is asked for is not kept here. */
  set(name: GaugeName, value: number, labels: Labels = {}): void {
    this.#number(name, labels, () => value);
  }

  observe(name: HistogramName, value: number, labels: Labels = {}): void {
    const buckets = bucketsOf(name);
    const at = buckets.findIndex((bound) => value <= bound);
    const counts = Array.from({ length: buckets.length + 1 }, () => 0);
    counts[at < 0 ? buckets.length : at] = 1;
    this.#histogram(name, labels, counts, value);
  }

  /** Adds what was counted elsewhere. */
  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if ("counts" in sample)
        this.#histogram(sample.name, sample.labels, sample.counts, sample.sum);
      else this.#number(sample.name, sample.labels, (value) => value + sample.value);
    }
  }

  /** Of a counter or gauge; 0 when it was never counted. */
  value(name: CounterName | GaugeName, labels: Labels = {}): number {
    const known = this.#series.get(seriesKey(name, labels));
    return known && "value" in known ? known.value : 0;
  }

  samples(): Sample[] {
    return [...this.#series.values()].map(copy);
  }

  /**
   * The present totals of the series that changed since this was last called.
   *
   * @param later metrics that may wait
   */
  takeChanged(later: ReadonlySet<string> = new Set()): Sample[] {
    const taken: Sample[] = [];
    for (const key of this.#changed) {
      const sample = this.#series.get(key);
      if (sample && later.has(sample.name)) continue;
      this.#changed.delete(key);
      if (sample) taken.push(copy(sample));
    }
    return taken;
  }

  begin(): void {
    this.#before = new Map();
  }

  commit(): void {
    this.#before = null;
  }

  /** Takes back what was counted since `begin`. */
  rollback(): void {
    for (const [key, sample] of this.#before ?? []) {
      if (sample) this.#series.set(key, sample);
      else this.#series.delete(key);
      this.#changed.add(key);
    }
    this.#before = null;
  }

  #number(name: MetricName, labels: Labels, change: (value: number) => number): void {
    const key = seriesKey(name, labels);
    const known = this.#series.get(key);
    this.#touch(key, known);
    const value = change(known && "value" in known ? known.value : 0);
    this.#series.set(key, { name, labels: { ...labels }, value });
    this.#onChange(name);
  }

  #histogram(name: HistogramName, labels: Labels, counts: readonly number[], sum: number): void {
    const key = seriesKey(name, labels);
    const known = this.#series.get(key);
    this.#touch(key, known);
    const before = known && "counts" in known ? known : null;
    const total = Array.from(
      { length: bucketsOf(name).length + 1 },
      (_, i) => (before?.counts[i] ?? 0) + (counts[i] ?? 0),
    );
    this.#series.set(key, {
      name,
      labels: { ...labels },
      counts: total,
      sum: (before?.sum ?? 0) + sum,
    });
    this.#onChange(name);
  }

  #touch(key: string, known: Sample | undefined): void {
    this.#changed.add(key);
    if (this.#before && !this.#before.has(key)) this.#before.set(key, known ?? null);
  }
}

function copy(sample: Sample): Sample {
  return "counts" in sample ? { ...sample, counts: [...sample.counts] } : { ...sample };
}

/** Every sample with one more label. */
export function labelled(samples: readonly Sample[], label: string, value: string): Sample[] {
  return samples.map((sample) => ({ ...sample, labels: { ...sample.labels, [label]: value } }));
}

/**
 * The series that exist with 0 from the start and are not among the samples.
 *
 * @param source whose counters they are
 */
export function bornZero(samples: readonly Sample[], source: "instance" | "coordinator"): Sample[] {
  const known = new Set(samples.map(({ name, labels }) => seriesKey(name, labels)));
  return METRIC_NAMES.flatMap((name): Sample[] => {
    const rule = ruleOf(name);
    if (rule.type === "gauge" || "instance" in rule.labels !== (source === "instance")) return [];
    const own = Object.entries(rule.labels).filter(([label]) => label !== "instance");
    const choices = own.map(([label, values]) => {
      const born = rule.born?.[label] ?? (typeof values === "string" ? [] : values);
      return born.map((value) => [label, value] as const);
    });
    return product(choices)
      .map((pairs) => Object.fromEntries(pairs))
      .filter((labels) => !known.has(seriesKey(name, labels)))
      .map((labels) =>
        rule.buckets
          ? {
              name: name as HistogramName,
              labels,
              counts: Array.from({ length: rule.buckets.length + 1 }, () => 0),
              sum: 0,
            }
          : { name, labels, value: 0 },
      );
  });
}

function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  );
}
