/**
 * A playbook: the path that similar successful episodes agree on, with what went wrong for those
 * that failed on it.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { ResultClass } from "../../contract/model.ts";
import type { PlaybookView } from "../../contract/operations.ts";
import { decay, wilsonInterval } from "../statistics.ts";
import { alignedAfter, commonSteps, similarityOfRuns } from "./alignment.ts";
import type { SimilarEpisode } from "./prediction.ts";
import type { LearningSettings } from "./settings.ts";
import type { EpisodeDigest } from "./types.ts";

/** Successful episodes that are aligned. */
const RUNS_MAX = 20;
/** A step that a smaller weighted share of the runs takes is left out. */
const SUPPORT_MIN = 0.34;
const PITFALLS_MAX = 3;

interface Run {
  digest: EpisodeDigest;
  weight: number;
  tools: string[];
}

/** null when no similar episode succeeded. */
export function makePlaybook(
  task: string,
  similar: readonly SimilarEpisode[],
  recent: readonly { tool: string; result: ResultClass }[],
  now: number,
  settings: LearningSettings,
): PlaybookView | null {
  const runs = successes(similar, now, settings);
  const backbone = medoid(runs);
  if (!backbone) return null;
  const total = runs.reduce((sum, run) => sum + run.weight, 0);
  const support = backbone.tools.map(() => ({
    weight: 0,
    episodes: [] as string[],
    known: 0,
    good: 0,
  }));
  for (const run of runs) {
    for (const [i, j] of commonSteps(backbone.tools, run.tools)) {
      const entry = support[i];
      const step = run.digest.path[j];
      if (!entry || !step) continue;
      entry.weight += run.weight;
      entry.episodes.push(run.digest.episode_id);
      if (step.result !== "unknown") entry.known += 1;
      if (step.result === "success") entry.good += 1;
    }
  }
  const failures = similar
    .filter(({ digest }) => digest.failure >= 500)
    .map(({ digest }) => digest);
  const failed = failuresByTool(failures);
  const { position, matched } = alignedAfter(
    backbone.tools,
    recent.map((step) => step.tool),
  );
  const kept = support.flatMap((entry, i) =>
    entry.weight / total >= SUPPORT_MIN && i >= position ? [{ entry, i }] : [],
  );
  const agreement =
    support.reduce((sum, entry) => sum + entry.weight / total, 0) / Math.max(1, support.length);
  const [judged, won] = [similar.length, runs.length];
  return {
    id: `pb-${backbone.digest.episode_id}`,
    task,
    steps: kept.map(({ entry, i }, order) => {
      const step = backbone.digest.path[i];
      return {
        order: order + 1,
        tool: step?.tool ?? "",
        action: step?.action ?? "",
        support: Math.min(1, entry.weight / total),
        success_rate: entry.known === 0 ? null : entry.good / entry.known,
        expected:
          entry.known === 0
            ? null
            : entry.good / entry.known >= 0.5
              ? "success"
              : "an error is common here",
        episodes: entry.episodes,
        pitfalls: pitfalls(failed.get(step?.tool ?? "")),
      };
    }),
    confidence: wilsonInterval(won, won + failures.length)[0] * agreement,
    based_on: runs.map((run) => run.digest.episode_id),
    when_not_to_apply: [
      ...(failures.length > 0
        ? [`${failures.length} of ${judged} similar episodes failed; see their warnings first.`]
        : []),
      ...(runs.length === 1
        ? ["Only one similar episode succeeded; take it as an example, not a rule."]
        : []),
      ...(recent.length > 0 && matched === 0 ? ["The steps taken so far do not occur in it."] : []),
    ],
    continues_after: recent.length > 0 ? position : 0,
  };
}

function successes(
  similar: readonly SimilarEpisode[],
  now: number,
  settings: LearningSettings,
): Run[] {
  return similar
    .filter(({ digest }) => digest.success >= 500 && digest.path.length > 0)
    .map(({ digest, similarity }) => ({
      digest,
      tools: digest.path.map((step) => step.tool),
      weight:
        similarity *
        ((digest.reward ?? digest.success) / 1000) *
        (0.5 + 0.5 * decay(now - digest.ended_at, settings.half_life_days * MS.day)),
    }))
    .filter((run) => run.weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, RUNS_MAX);
}

/** The run that the others are most like. */
function medoid(runs: readonly Run[]): Run | null {
  let best: Run | null = null;
  let highest = -1;
  for (const run of runs) {
    const score =
      run.weight *
      runs.reduce((sum, other) => sum + other.weight * similarityOfRuns(run.tools, other.tools), 0);
    if (score > highest) {
      best = run;
      highest = score;
    }
  }
  return best;
}

/** Tool → error → the episodes that met it. */
type Failures = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Read once for all steps of the playbook. */
function failuresByTool(failures: readonly EpisodeDigest[]): Failures {
  const byTool = new Map<string, Map<string, Set<string>>>();
  for (const digest of failures) {
    for (const { tool, error } of digest.path) {
      if (error === null) continue;
      const errors = byTool.get(tool) ?? new Map<string, Set<string>>();
      byTool.set(tool, errors);
      errors.set(error, (errors.get(error) ?? new Set()).add(digest.episode_id));
    }
  }
  return byTool;
}

function pitfalls(
  errors: ReturnType<Failures["get"]>,
): { description: string; episodes: string[] }[] {
  return [...(errors ?? [])]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, PITFALLS_MAX)
    .map(([error, episodes]) => ({
      description: `failed with "${error}"`,
      episodes: [...episodes],
    }));
}
