/**
 * Keeps what is usual in a domain: success rates, and the running medians that efficiency is
 * measured by. Adding an episode and taking it out again are exact inverses but for the medians,
 * which look at the newest episodes only. Pure.
 *
 * @module
 */

import { isSuccess } from "../episode/judgement.ts";
import type { Digest, DomainRow } from "../types.ts";
import { addToBuckets, isEmpty } from "./buckets.ts";
import { decayed } from "./decayed.ts";

/** Successful episodes that the running median is taken over; odd, so that it is one of them. */
const MEDIAN_WINDOW = 101;
/** A namespace's success rate before anything was observed, and its weight in episodes. */
const PRIOR_RATE = 0.5;
const PRIOR_WEIGHT = 1;

export interface Baseline {
  median_steps: number | null;
  median_latency_ms: number | null;
  /** Successful episodes that the medians are taken over. */
  episodes: number;
  /** Decayed; null before the first judged episode. */
  success_rate: number | null;
}

export const NEUTRAL_BASELINE: Baseline = {
  median_steps: null,
  median_latency_ms: null,
  episodes: 0,
  success_rate: null,
};

/** @param row null: nothing was learned of the domain */
export function baselineOf(row: DomainRow | null, now: number): Baseline {
  if (!row) return NEUTRAL_BASELINE;
  const { success, failure } = decayed(row.buckets, now);
  return {
    median_steps: median(row.recent_steps.map((recent) => recent.steps)),
    median_latency_ms: median(row.recent_steps.flatMap((recent) => recent.latency_ms ?? [])),
    episodes: row.recent_steps.length,
    success_rate: success + failure > 0 ? success / (success + failure) : null,
  };
}

/** Adds an episode to its domain. @param row null: it is the first one */
export function addToDomain(row: DomainRow | null, digest: Digest): DomainRow {
  const { namespace, episode_id, ended_at, path } = digest;
  const before = row ?? { namespace, domain: digest.context.domain, buckets: [], recent_steps: [] };
  const latencies = path.flatMap((step) => step.latency_ms ?? []);
  const latency_ms =
    latencies.length === 0 ? null : latencies.reduce((sum, value) => sum + value, 0);
  const recent = { episode_id, ended_at, steps: path.length, latency_ms };
  const recent_steps = isSuccess(digest)
    ? [...before.recent_steps, recent].sort(asTheyEnded).slice(-MEDIAN_WINDOW)
    : before.recent_steps;

  const evidence = addToBuckets(before, digest, { occurrences: 1, latency_ms: 0 }, 1);
  return countRecall({ ...before, ...evidence, recent_steps }, digest, 1);
}

type RecentSteps = DomainRow["recent_steps"][number];

function asTheyEnded(a: RecentSteps, b: RecentSteps): number {
  return a.ended_at - b.ended_at || (a.episode_id < b.episode_id ? -1 : 1);
}

/** Takes an episode out again; null when nothing remains of the domain. */
export function removeFromDomain(row: DomainRow, digest: Digest): DomainRow | null {
  const rest = addToBuckets(row, digest, { occurrences: 1, latency_ms: 0 }, -1);
  const recent_steps = row.recent_steps.filter((recent) => recent.episode_id !== digest.episode_id);
  if (isEmpty(rest.buckets) && recent_steps.length === 0) return null;
  return countRecall({ ...row, ...rest, recent_steps }, digest, -1);
}

/** Counts an episode that used a recall beside the others, or takes it back. */
function countRecall(row: DomainRow, digest: Digest, sign: 1 | -1): DomainRow {
  if (!digest.used_recall) return row;
  const { with_recall = { episodes: 0, success: 0, failure: 0 }, ...rest } = row;
  const after = {
    episodes: with_recall.episodes + sign,
    success: with_recall.success + sign * digest.success,
    failure: with_recall.failure + sign * digest.failure,
  };
  return after.episodes > 0 ? { ...rest, with_recall: after } : rest;
}

export interface BaseRates {
  /** Expected success rate of an episode of this domain, in 0…1 exclusive. */
  rate(domain: string): number;
}

/**
 * Success rates by domain, each drawn to the namespace's, and that to one half, while evidence is
 * thin.
 */
export function baseRates(rows: readonly DomainRow[], now: number): BaseRates {
  const sums = new Map(rows.map((row) => [row.domain, decayed(row.buckets, now)]));
  let success = PRIOR_RATE * PRIOR_WEIGHT;
  let total = PRIOR_WEIGHT;
  for (const sum of sums.values()) {
    success += sum.success;
    total += sum.success + sum.failure;
  }
  const overall = success / total;

  return {
    rate(domain) {
      const sum = sums.get(domain) ?? { success: 0, failure: 0 };
      return (sum.success + overall * PRIOR_WEIGHT) / (sum.success + sum.failure + PRIOR_WEIGHT);
    },
  };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
