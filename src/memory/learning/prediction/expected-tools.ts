/**
 * Predicts which tools a run of a task will use, before it has begun: a regression of the use of
 * each tool on the words of the tasks, around what is usual and how much the task names the tool.
 * Pure; the work is bounded by the numbers of tasks and tools below.
 *
 * @module
 */

import { isSuccess } from "../episode/judgement.ts";
import type { PredictionBasis, SimilarEpisode } from "./basis.ts";
import { fitRidge } from "./ridge.ts";
import { ToolNames } from "../similarity/tool-names.ts";

/** How little one task is believed. */
const RIDGE = 0.3;
/** What a full match of a tool's name adds to its probability. */
const NAME_WEIGHT = 0.6;
/** Distinct tasks, the first ones, and tools, the most used ones, that are compared. */
const TASKS_MAX = 100;
const TOOLS_MAX = 60;
/** Episodes that are named as evidence of a tool. */
const NAMED_EPISODES_MAX = 3;

/** A tool, with the probability that a run of the task uses it. */
export interface ExpectedTool {
  tool: string;
  probability: number;
  /** Share of the runs that use it, whatever their task. */
  usual: number;
  /** Ids of episodes that used it, at most three; none where they were not asked for. */
  episodes: string[];
}

/** How the runs of each task used a tool. */
interface ToolUse {
  tool: string;
  /** For each task, the share of its runs that used the tool. */
  shares: readonly number[];
  usual: number;
}

type RunsByTask = ReadonlyMap<string, readonly SimilarEpisode[]>;

/**
 * The likeliest first; none where no similar episode has a step.
 *
 * @param named how many of them name episodes as evidence; by default none
 */
export function expectTools(task: string, basis: PredictionBasis, named = 0): ExpectedTool[] {
  const { kernel } = basis;
  const runs = Map.groupBy(
    basis.episodes.filter(({ digest }) => digest.path.length > 0),
    ({ digest }) => digest.task,
  );
  const tasks = [...runs.keys()].slice(0, TASKS_MAX);
  if (tasks.length === 0) return [];

  const uses = toolUses(tasks, runs);
  const priors = priorsOf(uses, tasks, task, basis);
  const residuals = uses.map(({ shares }, t) =>
    shares.map((share, i) => share - (priors[t]?.[i] ?? 0)),
  );
  const coefficients = fitRidge(kernel.similarities(tasks), residuals, RIDGE);
  const toPresent = tasks.map((other) => kernel.similarity(task, other));

  const expected = uses
    .map(({ tool, shares, usual }, t) => {
      const own = coefficients[t];
      const learned = toPresent.reduce(
        (sum, similarity, i) => sum + similarity * (own?.[i] ?? 0),
        0,
      );
      const probability = Math.min(1, Math.max(0, (priors[t]?.[tasks.length] ?? 0) + learned));
      return { tool, probability, usual, shares };
    })
    .sort((a, b) => b.probability - a.probability || (a.tool < b.tool ? -1 : 1));
  return expected.map(({ tool, probability, usual, shares }, rank): ExpectedTool => {
    if (rank >= named) return { tool, probability, usual, episodes: [] };
    const weights = shares.map((share, i) => share * (toPresent[i] ?? 0));
    return { tool, probability, usual, episodes: episodesUsing(tool, tasks, weights, runs) };
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The tools that the runs used most, and how much of each task's runs used them. */
function toolUses(tasks: readonly string[], runs: RunsByTask): ToolUse[] {
  const sharesByTool = new Map<string, number[]>();
  for (const [i, task] of tasks.entries()) {
    const own = runs.get(task) ?? [];
    for (const { digest } of own) {
      for (const tool of new Set(digest.path.map((step) => step.tool))) {
        const shares = sharesByTool.get(tool) ?? tasks.map(() => 0);
        shares[i] = (shares[i] ?? 0) + 1 / own.length;
        sharesByTool.set(tool, shares);
      }
    }
  }
  return [...sharesByTool]
    .sort(([a, x], [b, y]) => total(y) - total(x) || (a < b ? -1 : 1))
    .slice(0, TOOLS_MAX)
    .map(([tool, shares]) => ({ tool, shares, usual: total(shares) / tasks.length }));
}

/**
 * For each tool, its probability in a run of each task before anything is learned from the words of
 * tasks: what is usual, more where the task names the tool more than others do on average. Behind
 * those of the tasks that were learned from comes that of the present one.
 */
function priorsOf(
  uses: readonly ToolUse[],
  tasks: readonly string[],
  present: string,
  { kernel, ablations }: PredictionBasis,
): number[][] {
  const names = new ToolNames(uses.map(({ tool }) => tool));
  const isNameCounted = !ablations.has("advise_names");
  // The present task may have words that no other has.
  const ofPresent = new Set(kernel.termsOf(present));
  const held = [
    ...tasks.map((task) => kernel.held(task, names.terms)),
    Uint8Array.from(names.terms, (term) => (ofPresent.has(term) ? 1 : 0)),
  ];

  return uses.map(({ tool, usual }) => {
    const matches = held.map((terms) => (isNameCounted ? names.match(terms, tool) : 0));
    const mean = total(matches.slice(0, -1)) / tasks.length;
    return matches.map((match) => usual + NAME_WEIGHT * (match - mean));
  });
}

/** An episode of each of the most similar tasks that used the tool, a successful one if any. */
function episodesUsing(
  tool: string,
  tasks: readonly string[],
  weights: readonly number[],
  runs: RunsByTask,
): string[] {
  return tasks
    .map((task, i) => ({ task, weight: weights[i] ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.task < b.task ? -1 : 1))
    .slice(0, NAMED_EPISODES_MAX)
    .flatMap(({ task }) => {
      const using = (runs.get(task) ?? []).filter(({ digest }) =>
        digest.path.some((step) => step.tool === tool),
      );
      const best = using.find(({ digest }) => isSuccess(digest)) ?? using[0];
      return best ? [best.digest.episode_id] : [];
    });
}
