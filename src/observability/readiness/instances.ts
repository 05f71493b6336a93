/**
 * Judges whether all instances answer, and whether their own storage is whole.
 *
 * @module
 */

import { degraded, healthy, numbersOf, unhealthy, type Check } from "./check.ts";
import { REMEDIES } from "./remedies.ts";

export const instances: Check = ({ instances: all, latency_ms }, answering) => {
  const silent = all.filter((answer) => "error" in answer);
  if (silent.length > 0) {
    const message = `instances ${numbersOf(silent)} do not answer; what lives there is out of reach. Look for their errors in the log; redeploying restarts them`;
    const finding = answering.length === 0 ? unhealthy(message) : degraded(message);
    return { ...finding, latency_ms };
  }

  const damaged = answering.filter(({ local_damage = 0 }) => local_damage > 0);
  const finding =
    damaged.length > 0
      ? degraded(`instances ${numbersOf(damaged)}: ${REMEDIES["local_damage"]}`)
      : healthy(`${all.length} of ${all.length} answer`);
  return { ...finding, latency_ms };
};
