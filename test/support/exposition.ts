/**
 * A strict reader of Prometheus' text format 0.0.4 and of OpenMetrics 1.0.0: it refuses what
 * promtool and Prometheus let pass (duplicate series, split families, broken histograms, a missing
 * last newline), and compares two scrapes.
 *
 * @module
 */

import { METRICS, ruleOf, type MetricName } from "../../src/observability/metrics/registry.ts";

export interface Scraped {
  name: string;
  labels: Record<string, string>;
  value: number;
}

type Format = "text" | "openmetrics";

interface Family {
  name: string;
  type: string;
  help: string | null;
  samples: Scraped[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(NaN|[+-]Inf|[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  info: ["_info"],
  histogram: ["_bucket", "_sum", "_count"],
};

/** Every problem of an exposition, none when it is sound. */
export function problemsOf(text: string, format: Format = "text"): string[] {
  return read(text, format).problems;
}

/** The samples of a sound exposition. Throws with all its problems. */
export function scraped(text: string, format: Format = "text"): Scraped[] {
  const { problems, families } = read(text, format);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return families.flatMap(({ samples }) => samples);
}

/**
 * Counters, and the buckets of histograms, that fell from one scrape to the next, or are gone
 * though their instance is up.
 */
export function fallen(before: readonly Scraped[], after: readonly Scraped[]): string[] {
  const now = new Map(after.map((sample) => [keyOf(sample), sample.value]));
  const up = new Set(
    after.flatMap(({ name, labels, value }) =>
      name === "memory_instance_up" && value === 1 ? labels["instance"] : [],
    ),
  );
  return before.flatMap((sample) => {
    const base = sample.name.replace(/_(bucket|sum|count)$/, "");
    const rises = sample.name.endsWith("_total") || isHistogram(base);
    if (!rises) return [];
    const value = now.get(keyOf(sample));
    const there = sample.labels["instance"] === undefined || up.has(sample.labels["instance"]);
    if (value === undefined) return there ? [`${keyOf(sample)} is gone`] : [];
    return value < sample.value ? [`${keyOf(sample)} fell from ${sample.value} to ${value}`] : [];
  });
}

export function sumOf(
  samples: readonly Scraped[],
  name: string,
  labels: Record<string, string> = {},
): number {
  return samples
    .filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

function isHistogram(name: string): boolean {
  return name in METRICS && ruleOf(name as MetricName).type === "histogram";
}

function keyOf({ name, labels }: Scraped): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(",")}}`;
}

function read(text: string, format: Format): { problems: string[]; families: Family[] } {
  const reader = new Reader(format);
  const isEnded = text.endsWith("\n");
  if (!isEnded) reader.problems.push("the last line has no newline");
  const lines = text.split("\n").slice(0, isEnded ? -1 : undefined);
  if (format === "openmetrics" && lines.pop() !== "# EOF")
    reader.problems.push("the last line is not # EOF");
  for (const [i, line] of lines.entries()) reader.line(line, i + 1);
  const { problems, families } = reader;
  return {
    problems: [...problems, ...families.flatMap((family) => familyProblems(family, format))],
    families,
  };
}

/** Reads line by line, and keeps what is wrong with each. */
class Reader {
  readonly problems: string[] = [];
  readonly families: Family[] = [];
  readonly #format: Format;
  readonly #series = new Set<string>();
  #current: Family | null = null;

  constructor(format: Format) {
    this.#format = format;
  }

  line(line: string, number: number): void {
    const problem = (text: string): void =>
      void this.problems.push(`line ${number}: ${text}: ${line}`);
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE|UNIT) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind !== undefined) return this.#comment(kind, name, rest, problem);
    const sample = parseSample(line);
    if (!sample) problem("neither a comment nor a sample");
    else if (typeof sample === "string") problem(sample);
    else this.#sample(sample, problem);
  }

  #comment(kind: string, name: string, rest: string, problem: (text: string) => void): void {
    if (!NAME.test(name)) problem("bad name");
    const family = this.#family(name, problem);
    if (family.samples.length > 0) problem(`${kind} after samples`);
    if (kind === "HELP") {
      if (family.help !== null) problem("two HELPs");
      if (rest === "") problem("empty HELP");
      family.help = rest;
    } else if (kind === "TYPE") {
      if (family.type !== "untyped") problem("two TYPEs");
      if (!(rest in SUFFIXES)) problem("unknown type");
      family.type = rest;
    }
  }

  /** The one that is read, or a new one. */
  #family(name: string, problem: (text: string) => void): Family {
    if (this.#current?.name === name) return this.#current;
    if (this.families.some((family) => family.name === name)) problem("the family comes twice");
    const family: Family = { name, type: "untyped", help: null, samples: [] };
    this.families.push(family);
    return (this.#current = family);
  }

  #sample(sample: Scraped, problem: (text: string) => void): void {
    const key = keyOf(sample);
    if (this.#series.has(key)) problem("the series comes twice");
    this.#series.add(key);
    const family = this.#current;
    const suffixes =
      this.#format === "openmetrics" && family?.type === "counter"
        ? ["_total"]
        : (SUFFIXES[family?.type ?? ""] ?? [""]);
    if (family && suffixes.some((suffix) => sample.name === `${family.name}${suffix}`))
      family.samples.push(sample);
    else problem("outside of its family");
  }
}

function parseSample(line: string): Scraped | string | null {
  const head = /^([^\s{]+)(\{.*\})? (\S+)$/.exec(line);
  if (!head) return null;
  const [, name = "", braces, value = ""] = head;
  if (!NAME.test(name)) return "bad name";
  if (!VALUE.test(value)) return "bad value";
  const labels: Record<string, string> = {};
  let rest = braces?.slice(1, -1) ?? "";
  while (rest !== "") {
    const pair = /^([^=]+)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/.exec(rest);
    if (!pair) return "bad labels";
    const [whole, label = "", raw = ""] = pair;
    if (!LABEL.test(label)) return "bad label name";
    if (label in labels) return "a label comes twice";
    labels[label] = raw.replaceAll(/\\(["\\n])/g, (_, sign: string) =>
      sign === "n" ? "\n" : sign,
    );
    rest = rest.slice(whole.length);
  }
  const number =
    value === "+Inf"
      ? Number.POSITIVE_INFINITY
      : value === "-Inf"
        ? Number.NEGATIVE_INFINITY
        : Number(value);
  return { name, labels, value: number };
}

function familyProblems(family: Family, format: Format): string[] {
  const { name, type, help, samples } = family;
  const problems: string[] = [];
  if (help === null) problems.push(`${name}: no HELP`);
  if (type === "untyped") problems.push(`${name}: no TYPE`);
  if (samples.length === 0) problems.push(`${name}: no samples`);
  if (type === "counter") {
    if (format === "text" && !name.endsWith("_total"))
      problems.push(`${name}: a counter without _total`);
    if (format === "openmetrics" && name.endsWith("_total"))
      problems.push(`${name}: the family is named with _total`);
    for (const sample of samples)
      if (!(sample.value >= 0)) problems.push(`${keyOf(sample)}: a counter below 0`);
  }
  if (type === "histogram") problems.push(...histogramProblems(name, samples));
  return [...problems, ...registryProblems(family, format)];
}

function histogramProblems(name: string, samples: readonly Scraped[]): string[] {
  const bySeries = Map.groupBy(samples, (sample) => {
    const { le: _le, ...labels } = sample.labels;
    return keyOf({ name, labels, value: 0 });
  });
  return [...bySeries].flatMap(([series, parts]) => {
    const buckets = parts.filter((part) => part.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]),
    );
    const count = parts.find((part) => part.name === `${name}_count`)?.value;
    const sum = parts.find((part) => part.name === `${name}_sum`)?.value;
    const found: string[] = [];
    if (
      bounds.some((bound, i) => Number.isNaN(bound) || (i > 0 && bound <= (bounds[i - 1] ?? 0)))
    ) {
      found.push(`${series}: buckets out of order`);
    }
    if (buckets.some(({ value }, i) => i > 0 && value < (buckets[i - 1]?.value ?? 0))) {
      found.push(`${series}: buckets are not cumulative`);
    }
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) found.push(`${series}: no +Inf bucket`);
    if (count === undefined || sum === undefined) found.push(`${series}: no _count or no _sum`);
    if (count !== buckets.at(-1)?.value) found.push(`${series}: _count is not the +Inf bucket`);
    if (count === 0 && sum !== 0) found.push(`${series}: a sum of nothing`);
    return found;
  });
}

/** What the service says must be what its registry promises. */
function registryProblems({ name, type, samples }: Family, format: Format): string[] {
  const full =
    format === "text"
      ? name
      : type === "counter"
        ? `${name}_total`
        : type === "info"
          ? `${name}_info`
          : name;
  if (!(full in METRICS)) return name.startsWith("memory_") ? [`${full}: not in the registry`] : [];
  const rule = ruleOf(full as MetricName);
  const wanted = type === "info" ? "gauge" : type;
  if (rule.type !== wanted) return [`${full}: is a ${type}, the registry says ${rule.type}`];
  return samples.flatMap((sample) =>
    Object.entries(sample.labels).flatMap(([label, value]) => {
      if (label === "le" && type === "histogram") return [];
      const allowed = rule.labels[label];
      if (allowed === undefined)
        return [`${keyOf(sample)}: the label ${label} is not in the registry`];
      if (typeof allowed !== "string" && !allowed.includes(value))
        return [`${keyOf(sample)}: ${label} may not be "${value}"`];
      return [];
    }),
  );
}
