/**
 * Computes what an episode contributes to patterns from its digest, the same each time: it is
 * counted by it, and taken back by it. Pure.
 *
 * @module
 */

import { patternId, patternKey } from "../patterns/identity.ts";
import { minePatterns } from "../patterns/index.ts";
import type { Contribution, Digest } from "../types.ts";
import { isJudged } from "./judgement.ts";

/** Distinct patterns of one episode: what a thousand steps without repetition give. */
const CONTRIBUTIONS_MAX = 6_000;

/** A contribution, and the id of its pattern. */
export interface IdentifiedContribution extends Contribution {
  id: string;
}

/** As `contributionsOf`, with the ids that the patterns have in a namespace. */
export function identifiedContributions(
  namespace: string,
  digest: Parameters<typeof contributionsOf>[0],
): IdentifiedContribution[] {
  return contributionsOf(digest).map((contribution) => ({
    ...contribution,
    id: patternId(namespace, contribution.key),
  }));
}

/**
 * The patterns that the run shows, in the order in which they occur first; none of a run that was
 * not judged. Work is in proportion to the number of steps.
 */
export function contributionsOf(
  digest: Pick<Digest, "path" | "context" | "task_type" | "success" | "failure" | "format">,
): Contribution[] {
  if (!isJudged(digest)) return [];
  const { path, context, task_type: taskType, format = 0 } = digest;
  const run = {
    tools: path.map(({ tool }) => tool),
    keys: path.map(({ key }) => key ?? null),
    results: path.map(({ result }) => result),
    errors: path.map(({ error }) => error),
    latencies: path.map(({ latency_ms }) => Math.round(latency_ms ?? 0)),
    context,
    taskType,
    format,
  };

  const byKey = new Map<string, Contribution>();
  for (const { content, latency_ms } of minePatterns(run)) {
    const key = patternKey(content);
    const sum = byKey.get(key);
    if (sum) {
      sum.occurrences += 1;
      sum.latency_ms += latency_ms;
    } else if (byKey.size < CONTRIBUTIONS_MAX) {
      byKey.set(key, { key, content, latency_ms, occurrences: 1 });
    }
  }
  return [...byKey.values()];
}
