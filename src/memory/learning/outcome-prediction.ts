/**
 * How a run would end if it ended here: a regression of the outcomes of similar episodes on a few
 * plain signs. Few, because a model of more signs explains the episodes that it knows and misjudges
 * those that it does not.
 *
 * @module
 */

import type { Ablations } from "../ablations.ts";
import { contextKernel, marksOf } from "./similarity.ts";
import type { SimilarEpisode, Situation } from "./prediction.ts";
import { fitRidge } from "./regression.ts";

/**
 * How little one run is believed, against a kernel whose signs weigh SIGN_WEIGHT each and a context
 * that weighs 1.
 */
const RIDGE = 10;
const SIGN_WEIGHT = 1 / 6;
/** Runs that are looked at: the work grows with the cube of them. */
const RUNS_MAX = 300;
/** Fewer judged runs say nothing. */
const RUNS_MIN = 3;
const EVIDENCE_MAX = 5;

/**
 * The signs of a run: how much of the task its answers held, its length, whether something was left
 * to try.
 */
const SIGNS = ["found", "steps", "untried"] as const;
type Sign = (typeof SIGNS)[number];
type Part = Sign | "context";

export interface OutcomePrediction {
  /** Probability of success, 0…1. */
  success: number;
  /** Success rate of the similar episodes, from which the parts add up to it. */
  base_rate: number;
  /** What each part adds. */
  why: Record<Part, number>;
  /** Judged episodes that it is made from. */
  runs: number;
  /** Those that are most like this one, at most five. */
  episodes: string[];
}

interface Run {
  signs: Record<Sign, number>;
  context: ReadonlySet<string>;
}

/** null while too few similar episodes were judged. */
export function predictOutcome(
  situation: Situation,
  similar: readonly SimilarEpisode[],
  parts: Ablations,
): OutcomePrediction | null {
  const judged = similar
    .filter(({ digest }) => digest.success + digest.failure > 0 && digest.path.length > 0)
    .slice(0, RUNS_MAX);
  if (judged.length < RUNS_MIN) return null;
  const raw = judged.map(({ digest: { path } }) => {
    const { covered = 0, untried = 0 } = path.at(-1) ?? {};
    return signsOf(path.length, covered, untried, parts);
  });
  const scale = scaleOf(raw);
  const runs = judged.map(({ digest }, i): Run => ({
    signs: scale(raw[i] ?? signsOf(0, 0, 0, parts)),
    context: marksOf(digest.context),
  }));
  const { context, recent, found, left } = situation;
  const own = signsOf(recent.length, found.at(-1)?.covered ?? 0, left, parts);
  const present: Run = { signs: scale(own), context: marksOf(context) };
  const outcomes = judged.map(({ digest }) => digest.success / (digest.success + digest.failure));
  const base_rate = outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length;
  const kernel = runs.map((a, i) => runs.slice(0, i + 1).map((b) => total(likeness(a, b, parts))));
  const [weights] = fitRidge(kernel, [outcomes.map((value) => value - base_rate)], RIDGE);
  const why: Record<Part, number> = { found: 0, steps: 0, untried: 0, context: 0 };
  const closeness = runs.map((run, i) => {
    const values = likeness(present, run, parts);
    for (const part of Object.keys(why) as Part[]) why[part] += values[part] * (weights?.[i] ?? 0);
    return { id: judged[i]?.digest.episode_id ?? "", value: total(values) };
  });
  const said = base_rate + total(why);
  const success = Math.min(1, Math.max(0, said));
  const episodes = closeness
    .sort((a, b) => b.value - a.value || (a.id < b.id ? -1 : 1))
    .slice(0, EVIDENCE_MAX)
    .map(({ id }) => id);
  return { success, base_rate, why, runs: runs.length, episodes };
}

function signsOf(
  steps: number,
  covered: number,
  untried: number | null,
  parts: Ablations,
): Record<Sign, number | null> {
  return {
    found: parts.advise_found ? covered / 1000 : null,
    steps: Math.log(1 + steps),
    untried: parts.advise_untried ? untried : null,
  };
}

/**
 * Brings each sign to mean 0 and deviation 1 over these runs; one that is not known is taken for
 * the mean.
 */
function scaleOf(
  runs: readonly Record<Sign, number | null>[],
): (signs: Record<Sign, number | null>) => Record<Sign, number> {
  const mean = (of: (signs: Record<Sign, number | null>) => number): number =>
    runs.reduce((sum, signs) => sum + of(signs), 0) / runs.length;
  const means = { found: 0, steps: 0, untried: 0 };
  const deviations = { found: 1, steps: 1, untried: 1 };
  for (const sign of SIGNS) {
    means[sign] = mean((signs) => signs[sign] ?? 0);
    deviations[sign] = Math.sqrt(mean((signs) => ((signs[sign] ?? 0) - means[sign]) ** 2)) || 1;
  }
  return (signs) => {
    const scaled = { found: 0, steps: 0, untried: 0 };
    for (const sign of SIGNS)
      scaled[sign] = ((signs[sign] ?? means[sign]) - means[sign]) / deviations[sign];
    return scaled;
  };
}

function likeness(a: Run, b: Run, parts: Ablations): Record<Part, number> {
  return {
    found: SIGN_WEIGHT * a.signs.found * b.signs.found,
    steps: SIGN_WEIGHT * a.signs.steps * b.signs.steps,
    untried: SIGN_WEIGHT * a.signs.untried * b.signs.untried,
    context: parts.advise_context ? contextKernel(a.context, b.context) : 0,
  };
}

function total(values: Record<Part, number>): number {
  return values.found + values.steps + values.untried + values.context;
}
