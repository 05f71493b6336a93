/**
 * Counts what follows the latest tools in all runs of the namespace, by the `tool_sequence`
 * patterns. Pure.
 *
 * @module
 */

import { worthOf } from "../episode/judgement.ts";
import { weightOfDay } from "../evidence/decayed.ts";
import { continuationPrefix } from "../patterns/tool-sequence.ts";
import type { PatternRow } from "../types.ts";

/** The longest context that is compared, in steps: runs of five tools have no longer one. */
export const CONTEXT_STEPS_MAX = 4;

/** The prefixes by which the runs that continue these steps are found, longest first. */
export function nextToolLookups(recent: readonly { tool: string }[]): string[] {
  const tools = recent.map((step) => step.tool);
  const longest = Math.min(CONTEXT_STEPS_MAX, tools.length);
  return Array.from({ length: longest }, (_, i) =>
    continuationPrefix(tools.slice(tools.length - longest + i)),
  );
}

/**
 * The share of each tool among those that followed, in 0…1; none where nothing is known to follow.
 * Counts of each context length are interpolated by how many different tools followed it: I. H.
 * Witten, T. C. Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37 (1991).
 *
 * @param tools the latest, in order
 * @param runs the `tool_sequence` patterns that `nextToolLookups` names
 */
export function continuationShares(
  tools: readonly string[],
  runs: readonly PatternRow[],
  now: number,
): Map<string, number> {
  let model = new Map<string, number>();
  for (let length = 1; length <= Math.min(CONTEXT_STEPS_MAX, tools.length); length++) {
    const counts = countsAfter(tools.slice(-length), runs, now);
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

/** How often each tool followed exactly this context. */
function countsAfter(
  context: readonly string[],
  runs: readonly PatternRow[],
  now: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of runs) {
    if (row.content.kind !== "tool_sequence") continue;
    const { tools } = row.content;
    if (tools.length !== context.length + 1 || context.some((tool, i) => tool !== tools[i]))
      continue;
    const next = tools[context.length];
    if (next !== undefined) counts.set(next, occurrencesNow(row, now));
  }
  return counts;
}

/** Occurrences, decayed, those in failures counting less. */
function occurrencesNow(row: PatternRow, now: number): number {
  return row.buckets.reduce(
    (sum, bucket) => sum + bucket.occurrences * worthOf(bucket, 1) * weightOfDay(bucket.day, now),
    0,
  );
}
