/**
 * What can be declared of a metric, and the three forms of it.
 *
 * @module
 */

import type { SampleName } from "../../contract/vocabulary.ts";
import type { MetricSample } from "../../contract/watching/answers.ts";

/** A label's values: the list of them, or where they come from when the list is not this file's. */
type LabelRule =
  | readonly string[]
  | "instance"
  | "route"
  | "status"
  | "version"
  | "job"
  | "error code";

/** What is declared of a metric. */
export interface MetricRule {
  type: "counter" | "gauge" | "histogram";
  /** One sentence; ends up in HELP. */
  help: string;
  labels: Readonly<Record<string, LabelRule>>;
  /** Upper bounds of a histogram's buckets, ascending, without +Inf. */
  buckets?: readonly number[];
  /**
   * Series that exist with 0 from the start, so that a first event is a rise: values of each label.
   */
  born?: Readonly<Record<string, readonly string[]>>;
  /** What a sample keeps of it over time; absent: nothing. */
  sampled?: Sampled;
}

/** Under which name a sample has the sum or the largest of all series, or a histogram's buckets. */
interface Sampled {
  sum?: SampleName;
  max?: SampleName;
  buckets?: keyof MetricSample["histograms"];
}

/** What a metric may have beside its type, help and labels. */
type More = Pick<MetricRule, "born" | "sampled">;

/** Only rises. */
export function counter<const L extends MetricRule["labels"]>(
  help: string,
  labels: L,
  more: More = {},
) {
  return { type: "counter", help, labels, ...more } as const;
}

/** Rises and falls. */
export function gauge<const L extends MetricRule["labels"]>(
  help: string,
  labels: L,
  more: More = {},
) {
  return { type: "gauge", help, labels, ...more } as const;
}

/** @param buckets upper bounds, ascending, without +Inf */
export function histogram<const L extends MetricRule["labels"]>(
  help: string,
  labels: L,
  buckets: readonly number[],
  more: More = {},
) {
  return { type: "histogram", help, labels, buckets, ...more } as const;
}
