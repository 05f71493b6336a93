/**
 * Counts and observes into series that are plain data: added to, taken back with a transaction
 * that failed, merged. Pure. A metric, a label or a label's value that the registry does not
 * have does not compile.
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
  type LabelsOf,
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

/** The labels of a metric; none where it has none. */
export type Labelled<N extends MetricName> = keyof LabelsOf<N> extends never
  ? [labels?: Record<string, never>]
  : [labels: LabelsOf<N>];
/** The labels, and by how much; by 1 if nothing is said. */
type Counted<N extends MetricName> = [...Labelled<N>, by?: number];

/** What counting needs of a Meter. */
export interface Counting {
  count<N extends CounterName>(name: N, ...counted: Counted<N>): void;
  observe<N extends HistogramName>(name: N, value: number, ...labelled: Labelled<N>): void;
  value(name: CounterName | GaugeName, labels?: Labels): number;
}

export class Meter implements Counting {
  readonly #series = new Map<string, Sample>();
  readonly #changed = new Set<string>();
  readonly #onChange: (name: MetricName) => void;
  /** Series as they were when the running transaction began; null: none runs. */
  #before: Map<string, Sample | null> | null = null;

  /**
   * @param stored series to go on from
   * @param onChange called after each change with the metric that changed
   */
  constructor(
    stored: readonly Sample[] = [],
    onChange: (name: MetricName) => void = () => undefined,
  ) {
    this.#onChange = onChange;
    for (const sample of stored)
      this.#series.set(seriesKey(sample.name, sample.labels), copy(sample));
  }

  count<N extends CounterName>(name: N, ...counted: Counted<N>): void {
    const [labels = {}, by = 1] = counted as readonly unknown[] as [Labels?, number?];
    if (by > 0) this.#number(name, labels, (value) => value + by);
  }

  /** A gauge that must survive; what can be computed when it is asked for is not kept here. */
  set<N extends GaugeName>(name: N, value: number, ...labelled: Labelled<N>): void {
    const [labels = {}] = labelled as [Labels?];
    this.#number(name, labels, () => value);
  }

  observe<N extends HistogramName>(name: N, value: number, ...labelled: Labelled<N>): void {
    const [labels = {}] = labelled as [Labels?];
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
    const sample = this.#series.get(seriesKey(name, labels));
    return sample && "value" in sample ? sample.value : 0;
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

  /** A transaction begins: `commit` keeps what is counted from now on, `rollback` takes it back. */
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
    const sample = this.#series.get(key);
    this.#touch(key, sample);
    const value = change(sample && "value" in sample ? sample.value : 0);
    this.#series.set(key, { name, labels: { ...labels }, value });
    this.#onChange(name);
  }

  #histogram(name: HistogramName, labels: Labels, counts: readonly number[], sum: number): void {
    const key = seriesKey(name, labels);
    const sample = this.#series.get(key);
    this.#touch(key, sample);
    const before = sample && "counts" in sample ? sample : null;
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

  /** Notes that a series changes. @param sample as it is before */
  #touch(key: string, sample: Sample | undefined): void {
    this.#changed.add(key);
    if (this.#before && !this.#before.has(key)) this.#before.set(key, sample ?? null);
  }
}

function copy(sample: Sample): Sample {
  return "counts" in sample ? { ...sample, counts: [...sample.counts] } : { ...sample };
}

/** A gauge that is computed when the metrics are read. */
export function gauge<N extends GaugeName>(
  name: N,
  value: number,
  ...labelled: Labelled<N>
): NumberSample {
  const [labels = {}] = labelled as [Labels?];
  return { name, labels, value };
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
  const existing = new Set(samples.map(({ name, labels }) => seriesKey(name, labels)));
  return METRIC_NAMES.flatMap((name): Sample[] => {
    const rule = ruleOf(name);
    const isOfInstance = "instance" in rule.labels;
    if (rule.type === "gauge" || isOfInstance !== (source === "instance")) return [];
    return bornLabels(name)
      .filter((labels) => !existing.has(seriesKey(name, labels)))
      .map((labels) => zeroOf(name, labels));
  });
}

/** The labels of the series of a metric that exist from the start. */
function bornLabels(name: MetricName): Labels[] {
  const { labels, born = {} } = ruleOf(name);
  const choices = Object.entries(labels)
    .filter(([label]) => label !== "instance")
    .map(([label, values]) => {
      const own = born[label] ?? (typeof values === "string" ? [] : values);
      return own.map((value) => [label, value] as const);
    });
  return product(choices).map((pairs) => Object.fromEntries(pairs));
}

function zeroOf(name: MetricName, labels: Labels): Sample {
  const { buckets } = ruleOf(name);
  if (!buckets) return { name, labels, value: 0 };
  const counts = Array.from({ length: buckets.length + 1 }, () => 0);
  return { name: name as HistogramName, labels, counts, sum: 0 };
}

function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  );
}
