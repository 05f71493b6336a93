/**
 * Which tool comes next: the runs that were learned, longest context first, and what similar episodes did then.
 *
 * @module
 */

import type { ResultClass } from "../model.ts";
import { decay } from "../statistics.ts";
import { MS } from "../limits.ts";
import { alignedAfter } from "./alignment.ts";
import { runPrefix } from "./digest.ts";
import type { LearningSettings } from "./settings.ts";
import type { Digest, PatternRow } from "./types.ts";

/** The longest context that runs of five give. */
const CONTEXT_MAX = 4;
const TOOLS_MAX = 5;
/** A tool less probable than this is not worth a reader's time. */
const PROBABILITY_MIN = 0.01;
/** An occurrence in a failed episode counts this much of one in a successful one. */
const FAILURE_WEIGHT = 0.3;
/** Weight of similar episodes against the counts of all. */
const SIMILAR_SHARE = 0.5;

export interface SimilarEpisode {
  digest: Digest;
  /** 0…1. */
  similarity: number;
}

/** The prefixes by which the runs that continue these steps are found, longest first. */
export function nextToolLookups(recent: readonly { tool: string }[]): string[] {
  const tools = recent.map((step) => step.tool);
  const longest = Math.min(CONTEXT_MAX, tools.length);
  return Array.from({ length: longest }, (_, i) => runPrefix(tools.slice(tools.length - longest + i)));
}

/**
 * The most probable next tools, at most five, with probabilities that sum to at most 1.
 * Counts of each context length are interpolated by how many different tools followed it (I. H. Witten, T. C. Bell,
 * "The zero-frequency problem", IEEE Trans. Inf. Theory 37 (1991)); then blended with similar episodes.
 *
 * @param rows the `tool_sequence` patterns that `nextToolLookups` names
 */
export function predictNextTools(
  recent: readonly { tool: string; result: ResultClass }[],
  rows: readonly PatternRow[],
  similar: readonly SimilarEpisode[],
  now: number,
  settings: LearningSettings,
): { tool: string; probability: number; why: string }[] {
  const learned = interpolate(
    recent.map((step) => step.tool),
    rows,
    now,
    settings,
  );
  const shown = fromSimilar(
    recent.map((step) => step.tool),
    similar,
  );
  const share = learned.size === 0 ? 1 : shown.size === 0 ? 0 : SIMILAR_SHARE;
  const tools = new Set([...learned.keys(), ...shown.keys()]);
  return [...tools]
    .map((tool) => {
      const counted = learned.get(tool) ?? 0;
      const seen = shown.get(tool) ?? 0;
      const probability = (1 - share) * counted + share * seen;
      const reasons = [
        ...(counted > 0 ? [`${percent(counted)} of what followed these steps`] : []),
        ...(seen > 0 ? [`${percent(seen)} of similar successful episodes at this point`] : []),
      ];
      return { tool, probability, why: reasons.join("; ") };
    })
    .filter(({ probability }) => probability >= PROBABILITY_MIN)
    .sort((a, b) => b.probability - a.probability || (a.tool < b.tool ? -1 : 1))
    .slice(0, TOOLS_MAX);
}

function interpolate(
  tools: readonly string[],
  rows: readonly PatternRow[],
  now: number,
  settings: LearningSettings,
): Map<string, number> {
  let model = new Map<string, number>();
  for (let length = 1; length <= Math.min(CONTEXT_MAX, tools.length); length++) {
    const prefix = runPrefix(tools.slice(-length));
    const counts = new Map<string, number>();
    for (const row of rows) {
      if (row.content.kind !== "tool_sequence" || row.content.tools.length !== length + 1) continue;
      if (runPrefix(row.content.tools.slice(0, -1)) !== prefix) continue;
      const next = row.content.tools[length];
      if (next !== undefined) counts.set(next, weightOf(row, now, settings));
    }
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (total <= 0) break;
    const novel = model.size === 0 ? 0 : counts.size;
    const mixed = new Map<string, number>();
    for (const tool of new Set([...counts.keys(), ...model.keys()])) {
      mixed.set(tool, ((counts.get(tool) ?? 0) + novel * (model.get(tool) ?? 0)) / (total + novel));
    }
    model = mixed;
  }
  return model;
}

/** Occurrences, decayed, those of failures counting less. */
function weightOf(row: PatternRow, now: number, settings: LearningSettings): number {
  return row.buckets.reduce((sum, bucket) => {
    const judged = bucket.success + bucket.failure;
    const worth = judged === 0 ? 1 : (bucket.success + FAILURE_WEIGHT * bucket.failure) / judged;
    return sum + bucket.occurrences * worth * decay(now - bucket.day * MS.day, settings.half_life_days * MS.day);
  }, 0);
}

/** What successful similar episodes did after the point that the recent steps reach in them. */
function fromSimilar(tools: readonly string[], similar: readonly SimilarEpisode[]): Map<string, number> {
  const votes = new Map<string, number>();
  let total = 0;
  for (const { digest, similarity } of similar) {
    const worth = digest.success + FAILURE_WEIGHT * digest.failure;
    if (worth <= 0) continue;
    const path = digest.path.map((step) => step.tool);
    const { position, matched } = alignedAfter(path, tools);
    const next = path[position];
    if (next === undefined) continue;
    const fit = tools.length === 0 ? 1 : matched / tools.length;
    const weight = similarity ** 2 * (worth / 1000) * fit ** 2;
    votes.set(next, (votes.get(next) ?? 0) + weight);
    total += weight;
  }
  if (total > 0) for (const [tool, weight] of votes) votes.set(tool, weight / total);
  return votes;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
