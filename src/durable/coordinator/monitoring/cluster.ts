/**
 * Whether the instances together found a backend down. Pure. One instance alone never opens the
 * others: its network may be what is broken (App-vNext/Polly#287).
 *
 * @module
 */

import type { BreakerState } from "../../../resilience/index.ts";

export interface ClusterReport {
  state: BreakerState;
  at: number;
}

/** A report older than this says nothing, ms. */
const FRESH_MS = 15_000;
/** Instances that must have found it down, whatever the cluster's size. */
const QUORUM_MIN = 2;

/**
 * True when at least two, and at least half of the instances that reported lately, opened by
 * themselves.
 */
export function clusterIsDown(reports: Iterable<ClusterReport>, now: number): boolean {
  let [fresh, down] = [0, 0];
  for (const { state, at } of reports) {
    if (now - at > FRESH_MS) continue;
    fresh += 1;
    if (state === "open" || state === "half_open") down += 1;
  }
  return down >= Math.max(QUORUM_MIN, Math.ceil(fresh / 2));
}
