/**
 * What namespaces used, for the platform's Analytics Engine where it is bound: a point a namespace
 * each time that the counts are stored, and never one a request. It is for reports, and not what
 * anything is decided by: what cannot be written is left out, counted and logged.
 *
 * @module
 */

import type { InstanceContext } from "../context.ts";
import { NOTHING, sum, type Counted } from "./usage-tally.ts";

/** What is used of an Analytics Engine dataset. */
export interface UsageDataset {
  writeDataPoint(point: { indexes: string[]; doubles: number[] }): void;
}

/** Points of one flush: the platform takes as many of one run of an object. */
const POINTS_MAX = 25;
/** Namespaces between two flushes that are counted by name. */
const NAMES_MAX = 1_000;
/** The index of those that are summed up; no namespace is called so. */
const OTHERS = "";

interface UsageSinkDeps extends Pick<InstanceContext, "log" | "meter"> {
  dataset: UsageDataset;
}

export class UsageSink {
  readonly #deps: UsageSinkDeps;
  #names = new Map<string, Counted>();

  constructor(deps: UsageSinkDeps) {
    this.#deps = deps;
  }

  count(namespace: string, added: Counted): void {
    const isKnown = this.#names.has(namespace) || this.#names.size < NAMES_MAX;
    this.#add(this.#names, isKnown ? namespace : OTHERS, added);
  }

  /** Writes what was counted since the last one: the busiest by name, the rest as one. */
  flush(): void {
    // Those that are summed up already come last, however many they are.
    const rank = (name: string, { requests }: Counted): number => (name === OTHERS ? -1 : requests);
    const counted = [...this.#names].toSorted((a, b) => rank(...b) - rank(...a));
    this.#names = new Map();
    const points = new Map(counted.slice(0, POINTS_MAX - 1));
    for (const [, rest] of counted.slice(POINTS_MAX - 1)) this.#add(points, OTHERS, rest);
    const { dataset, log, meter } = this.#deps;
    for (const [namespace, { requests, refusals, episodes, rows, bytes }] of points) {
      try {
        const doubles = [requests, refusals, episodes, rows, bytes];
        dataset.writeDataPoint({ indexes: [namespace], doubles });
      } catch (error) {
        meter.count("memory_usage_points_lost_total");
        log({ event: "usage_point_lost", reason: String(error) });
      }
    }
  }

  #add(to: Map<string, Counted>, name: string, added: Counted): void {
    to.set(name, sum(to.get(name) ?? NOTHING, added));
  }
}
