/**
 * How a running episode will probably end: a regression of the outcomes of similar episodes on what they had done by the
 * same step. Its parts say what speaks for success and what against it.
 *
 * @module
 */

import type { Context, ResultClass } from "../model.ts";
import type { Parts } from "../parts.ts";
import { contextKernel, taskKernel } from "./kinship.ts";
import type { SimilarEpisode, Situation } from "./prediction.ts";
import { fitRidge } from "./regression.ts";

/** How little one run is believed. */
const RIDGE = 2;
/** Runs that are looked at: the work grows with the cube of them. */
const RUNS_MAX = 160;
/** Fewer judged runs say nothing. */
const RUNS_MIN = 3;

/** Weights of what two runs may have in common; fitted by cross-validation over blocks of tasks of tau retail. */
const KERNEL = { task: 0.3, tools: 2, context: 1.5, errors: 1, found: 1 } as const;
type PartName = keyof typeof KERNEL;
const NAMES = Object.keys(KERNEL) as PartName[];

export interface Outlook {
  /** Probability of success, 0…1. */
  success: number;
  /** Success rate of the similar episodes, from which the parts add up to it. */
  base_rate: number;
  /** What each part adds. */
  why: Record<PartName, number>;
  /** Judged episodes that it is made from. */
  runs: number;
  /** Those that are most like this one, at most five. */
  episodes: string[];
}

interface Run {
  task: string;
  context: Partial<Context>;
  tools: ReadonlySet<string>;
  errors: number;
  covered: number;
}

/** null while too few similar episodes were judged. */
export function outlook(situation: Situation, similar: readonly SimilarEpisode[], parts: Parts): Outlook | null {
  const judged = similar
    .filter(({ digest }) => digest.success + digest.failure > 0 && digest.path.length > 0)
    .slice(0, RUNS_MAX);
  if (judged.length < RUNS_MIN) return null;
  const runs = judged.map(({ digest }): Run => {
    const { task, context, path } = digest;
    return runOf(task, context, path, path.at(-1)?.covered ?? 0);
  });
  const { task, context, recent, found } = situation;
  const present = runOf(task, context, recent, found.at(-1)?.covered ?? 0);
  const alike = likeness(
    runs.map((run) => run.task),
    parts,
  );
  const total = (values: Record<PartName, number>): number => NAMES.reduce((sum, name) => sum + values[name], 0);
  const outcomes = judged.map(({ digest }) => digest.success / (digest.success + digest.failure));
  const base_rate = outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length;
  const kernel = runs.map((a) => runs.map((b) => total(alike(a, b))));
  const [weights] = fitRidge(kernel, [outcomes.map((value) => value - base_rate)], RIDGE);
  const why = Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<PartName, number>;
  const closeness = runs.map((run, i) => {
    const values = alike(present, run);
    for (const name of NAMES) why[name] += values[name] * (weights?.[i] ?? 0);
    return { id: judged[i]?.digest.episode_id ?? "", value: total(values) };
  });
  const success = Math.min(0.99, Math.max(0.01, base_rate + total(why)));
  const episodes = closeness
    .sort((a, b) => b.value - a.value || (a.id < b.id ? -1 : 1))
    .slice(0, 5)
    .map(({ id }) => id);
  return { success, base_rate, why, runs: runs.length, episodes };
}

function runOf(
  task: string,
  context: Partial<Context>,
  steps: readonly { tool: string; result: ResultClass }[],
  covered: number,
): Run {
  const errors = steps.filter(({ result }) => result === "error" || result === "timeout").length;
  return { task, context, tools: new Set(steps.map((step) => step.tool)), errors, covered };
}

function likeness(tasks: readonly string[], parts: Parts): (a: Run, b: Run) => Record<PartName, number> {
  const kernel = taskKernel(tasks);
  return (a, b) => ({
    task: KERNEL.task * kernel(a.task, b.task),
    tools: KERNEL.tools * cosine(a.tools, b.tools),
    context: parts.advise_context ? KERNEL.context * contextKernel(a.context, b.context) : 0,
    errors: KERNEL.errors * Math.exp(-Math.abs(Math.log((1 + a.errors) / (1 + b.errors)))),
    found: parts.advise_found ? KERNEL.found * Math.exp((-4 * Math.abs(a.covered - b.covered)) / 1000) : 0,
  });
}

function cosine(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const tool of a) if (b.has(tool)) both += 1;
  return both === 0 ? 0 : both / Math.sqrt(a.size * b.size);
}
