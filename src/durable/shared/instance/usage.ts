/**
 * Sums up how much namespaces and keys use the service, as instances report it, over all of them.
 * What is beyond a bound is summed up as "others", so that the sums stay right. Pure.
 *
 * @module
 */

import { USAGE_MEASURES, type UsageMeasure } from "../../../contract/vocabulary.ts";
import type { QuotaUsed } from "./quotas.ts";
import type { UsageCounts } from "../../../contract/watching/answers.ts";

/** Of one namespace, or of one key. */
export interface UsageRow extends UsageCounts {
  /** The namespace; or the key's id, or one of the words that stand for callers without one. */
  name: string;
}

/** Rows of one kind, those with the most first, and the sum of all that are not named. */
export interface UsageList {
  rows: UsageRow[];
  others: UsageCounts;
}

/** What an instance tells, or several together. */
export interface UsageShare {
  namespaces: UsageList;
  keys: UsageList;
  /**
   * Of the namespaces whose home it is, what is known of those that have a quota. Absent: it is of
   * an earlier release.
   */
  quotas?: QuotaUsed[];
}

/** Namespaces, and keys, that an answer between objects names. */
const USAGE_NAMED_MAX = 2_000;

export const NO_USAGE: UsageCounts = {
  requests: 0,
  refusals: 0,
  episodes: 0,
  open_episodes: 0,
  rows: 0,
  bytes: 0,
};

function addUsage(a: UsageCounts, b: Partial<UsageCounts>): UsageCounts {
  const sum = { ...NO_USAGE };
  for (const measure of USAGE_MEASURES) sum[measure] = a[measure] + (b[measure] ?? 0);
  return sum;
}

/** The lists as one: the first `most` by a measure, those of equal amount by name. */
export function mergedUsage(
  lists: readonly UsageList[],
  by: UsageMeasure,
  most = USAGE_NAMED_MAX,
): UsageList {
  const sums = new Map<string, UsageCounts>();
  for (const { name, ...counts } of lists.flatMap(({ rows }) => rows)) {
    sums.set(name, addUsage(sums.get(name) ?? NO_USAGE, counts));
  }
  const all = [...sums]
    .map(([name, counts]): UsageRow => ({ name, ...counts }))
    .sort((a, b) => b[by] - a[by] || (a.name < b.name ? -1 : 1));
  const others = [...lists.map((list) => list.others), ...all.slice(most)];
  return { rows: all.slice(0, most), others: others.reduce(addUsage, NO_USAGE) };
}

/** What several instances tell, as one. */
export function mergedShares(
  shares: readonly UsageShare[],
  by: UsageMeasure,
  most = USAGE_NAMED_MAX,
): UsageShare {
  const merged = (kind: "namespaces" | "keys"): UsageList =>
    mergedUsage(
      shares.map((share) => share[kind]),
      by,
      most,
    );
  const quotas = shares.flatMap((share) => share.quotas ?? []).slice(0, USAGE_NAMED_MAX);
  return { namespaces: merged("namespaces"), keys: merged("keys"), quotas };
}
