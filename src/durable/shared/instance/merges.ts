/**
 * Merges answers on their way up the tree, for what everybody gathers: the metrics, the dead
 * letters, usage and the names of namespaces. Pure.
 *
 * @module
 */

import { summedByInstances } from "../../../observability/index.ts";
import type { GatheredOf, Merges } from "./gather.ts";
import type { Gathered, InstanceRange } from "./protocol.ts";
import { wholeGroups } from "./tree.ts";
import { mergedShares } from "./usage.ts";

/** Up to so many instances, each has its own series of everything. */
const OWN_SERIES_MAX = 64;

export const MERGES: Merges = {
  metrics: mergedMetrics,
  dead: ({ answers }, { input: { limit }, range }) => {
    const letters = answers.flatMap(({ value }) => value);
    letters.sort((a, b) => (a.parked_at < b.parked_at ? -1 : 1));
    return [{ instance: range.first, value: letters.slice(0, limit) }];
  },
  events: ({ answers }, { input: { limit }, range }) => {
    const events = answers.flatMap(({ value }) => value.events);
    events.sort((a, b) => (a.id < b.id ? -1 : 1));
    const hasGap = answers.some(({ value }) => value.hasGap);
    return [{ instance: range.first, value: { events: events.slice(0, limit), hasGap } }];
  },
  usage: ({ answers }, { input: { by }, range }) => {
    const shares = answers.map(({ value }) => value);
    return [{ instance: range.first, value: mergedShares(shares, by) }];
  },
  namespaces: ({ answers }, { input: { limit }, range }) => {
    const names = new Set(answers.flatMap(({ value }) => value));
    return [{ instance: range.first, value: [...names].sort().slice(0, limit) }];
  },
};

/**
 * Counters and histograms of a group of instances become one series, once the whole group has
 * answered or was given up: of 1,024 instances they would be more than one answer may carry. Gauges
 * stay each instance's own, so that one that is unwell is seen.
 *
 * The label names those that are missing: a sum of fewer instances is another series. So none ever
 * falls, which Prometheus would take for a restart and count anew.
 */
function mergedMetrics(
  { answers, silent }: Gathered<"metrics">,
  { range, total }: GatheredOf<"metrics">,
): Gathered<"metrics">["answers"] {
  if (total <= OWN_SERIES_MAX) return answers;
  return wholeGroups(range, total).reduce((merged, group) => {
    const isMember = isIn(group);
    const members = merged.filter(isMember);
    const [first] = members;
    // Nothing to sum, or summed already.
    if (!first || members.length === 1) return merged;
    const samples = members.flatMap(({ value }) => value);
    const missing = silent.filter(isMember).map(({ instance }) => instance);
    const value = summedByInstances(samples, groupName(group, missing));
    return [...merged.filter((answer) => !isMember(answer)), { instance: first.instance, value }];
  }, answers);
}

const isIn =
  ({ first, end }: InstanceRange) =>
  ({ instance }: { instance: number }): boolean =>
    instance >= first && instance < end;

/** As "16-31", or "16-31 without 17,20". */
function groupName({ first, end }: InstanceRange, missing: readonly number[]): string {
  const name = `${first}-${end - 1}`;
  if (missing.length === 0) return name;
  return `${name} without ${missing.toSorted((a, b) => a - b).join(",")}`;
}
