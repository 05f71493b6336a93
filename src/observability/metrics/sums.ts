/**
 * Sums what several instances counted. Pure.
 *
 * @module
 */

import { Meter, type Sample } from "./meter.ts";
import { ruleOf } from "./registry.ts";

/**
 * Counters and histograms as one series each for all instances, under this value of the label
 * `instance`; gauges as they are: their sum would say nothing of any of them.
 */
export function summedByInstances(samples: readonly Sample[], instances: string): Sample[] {
  const isGauge = ({ name }: Sample): boolean => ruleOf(name).type === "gauge";
  const meter = new Meter();
  meter.add(
    samples
      .filter((sample) => !isGauge(sample))
      .map((sample) => ({ ...sample, labels: { ...sample.labels, instance: instances } })),
  );
  return [...samples.filter(isGauge), ...meter.samples()];
}
