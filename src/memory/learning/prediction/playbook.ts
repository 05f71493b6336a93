/**
 * Makes a playbook: the path that similar successful episodes agree on, with what went wrong for
 * those that failed on it. The path is that of one of them, the one that the others are most like;
 * its steps that few others take are left out. Pure.
 *
 * @module
 */

import type { PlaybookView } from "../../../contract/recall/answers.ts";
import type { ResultClass } from "../../../contract/vocabulary.ts";
import { wilsonInterval } from "../../statistics.ts";
import { isFailure, isSuccess } from "../episode/judgement.ts";
import { weightAt } from "../evidence/decayed.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import { alignedAfter, commonSteps, RunSimilarities } from "../similarity/alignment.ts";
import type { SimilarEpisode } from "./basis.ts";

/** Successful episodes that are aligned. */
const RUNS_MAX = 20;
/** A step that a smaller weighted share of the runs takes is left out. */
const SUPPORT_MIN = 0.34;
/** Errors of a step's tool that are named. */
const PITFALLS_MAX = 3;

/** A successful episode, and how much it counts. */
interface Run {
  digest: EpisodeDigest;
  weight: number;
  tools: string[];
}

/** How the runs support a step of the backbone. */
interface StepSupport {
  /** Of the runs that take it. */
  weight: number;
  episodes: string[];
  /** Runs in which its result is known, and those of them in which it succeeded. */
  judged: number;
  succeeded: number;
}

type PlaybookStep = PlaybookView["steps"][number];

/** null when no similar episode succeeded. @param recent steps of the present run, oldest first */
export function makePlaybook(
  task: string,
  similar: readonly SimilarEpisode[],
  recent: readonly { tool: string; result: ResultClass }[],
  now: number,
): PlaybookView | null {
  const runs = successfulRuns(similar, now);
  const backbone = medoid(runs);
  if (!backbone) return null;

  const total = runs.reduce((sum, run) => sum + run.weight, 0);
  const support = supportOf(backbone, runs);
  const shares = support.map(({ weight }) => weight / total);
  const failures = similar.flatMap(({ digest }) => (isFailure(digest) ? [digest] : []));
  const errors = errorsByTool(failures);
  const { position, matched } = alignedAfter(
    backbone.tools,
    recent.map((step) => step.tool),
  );
  const agreement = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);

  const steps = support.flatMap((entry, i) => {
    const share = shares[i] ?? 0;
    const step = backbone.digest.path[i];
    return share >= SUPPORT_MIN && i >= position && step
      ? [playbookStep(step, entry, share, errors.get(step.tool))]
      : [];
  });
  return {
    id: `pb-${backbone.digest.episode_id}`,
    task,
    steps: steps.map((step, i) => ({ order: i + 1, ...step })),
    confidence: wilsonInterval(runs.length, runs.length + failures.length)[0] * agreement,
    based_on: runs.map((run) => run.digest.episode_id),
    when_not_to_apply: caveats(similar.length, failures.length, runs.length, {
      isElsewhere: recent.length > 0 && matched === 0,
    }),
    continues_after: recent.length > 0 ? position : 0,
  };
}

/** The successful episodes of most weight, in the order of it. */
function successfulRuns(similar: readonly SimilarEpisode[], now: number): Run[] {
  return similar
    .filter(({ digest }) => isSuccess(digest) && digest.path.length > 0)
    .map(({ digest, similarity }) => ({
      digest,
      tools: digest.path.map((step) => step.tool),
      weight:
        similarity *
        ((digest.reward ?? digest.success) / 1000) *
        (0.5 + 0.5 * weightAt(digest.ended_at, now)),
    }))
    .filter((run) => run.weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, RUNS_MAX);
}

/** The run that the others are most like. */
function medoid(runs: readonly Run[]): Run | null {
  const similarities = new RunSimilarities();
  let best: Run | null = null;
  let highest = -1;
  for (const run of runs) {
    const score =
      run.weight *
      runs.reduce((sum, other) => sum + other.weight * similarities.of(run.tools, other.tools), 0);
    if (score > highest) {
      best = run;
      highest = score;
    }
  }
  return best;
}

/** For each step of the backbone. */
function supportOf(backbone: Run, runs: readonly Run[]): StepSupport[] {
  const support = backbone.tools.map((): StepSupport => ({
    weight: 0,
    episodes: [],
    judged: 0,
    succeeded: 0,
  }));
  for (const run of runs) {
    for (const [i, j] of commonSteps(backbone.tools, run.tools)) {
      const entry = support[i];
      const step = run.digest.path[j];
      if (!entry || !step) continue;
      entry.weight += run.weight;
      entry.episodes.push(run.digest.episode_id);
      if (step.result !== "unknown") entry.judged += 1;
      if (step.result === "success") entry.succeeded += 1;
    }
  }
  return support;
}

function playbookStep(
  step: PathStep,
  { episodes, judged, succeeded }: StepSupport,
  share: number,
  errors: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Omit<PlaybookStep, "order"> {
  const success_rate = judged === 0 ? null : succeeded / judged;
  const expected =
    success_rate === null ? null : success_rate >= 0.5 ? "success" : "an error is common here";
  return {
    tool: step.tool,
    action: step.action,
    support: Math.min(1, share),
    success_rate,
    expected,
    episodes,
    pitfalls: [...errors]
      .sort(([, a], [, b]) => b.size - a.size)
      .slice(0, PITFALLS_MAX)
      .map(([error, met]) => ({ description: `failed with "${error}"`, episodes: [...met] })),
  };
}

/** Tool → error → the episodes that met it. */
function errorsByTool(
  failures: readonly EpisodeDigest[],
): Map<string, ReadonlyMap<string, ReadonlySet<string>>> {
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

/** @param isElsewhere whether none of the recent steps is on the path */
function caveats(
  similar: number,
  failed: number,
  successful: number,
  { isElsewhere }: { isElsewhere: boolean },
): string[] {
  const sentences: string[] = [];
  if (failed > 0)
    sentences.push(`${failed} of ${similar} similar episodes failed; see their warnings first.`);
  if (successful === 1)
    sentences.push("Only one similar episode succeeded; take it as an example, not a rule.");
  if (isElsewhere) sentences.push("The steps taken so far do not occur in it.");
  return sentences;
}
