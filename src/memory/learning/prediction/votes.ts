/**
 * Lets every step of the similar episodes vote for itself as the next step, the more so the more
 * its situation is the present one: the same tools before it, the same result, the same
 * tools used so far, as much of the task covered, something left to visit or not, a similar task,
 * the same context. Pure. Work is in proportion to the steps, a hundred of each episode.
 *
 * @module
 */

import type { ResultClass } from "../../../contract/vocabulary.ts";
import type { AblationName } from "../../ablations.ts";
import { worthOf } from "../episode/judgement.ts";
import { weightAt } from "../evidence/decayed.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import type { KnownCoverage, PredictionBasis, Situation } from "./basis.ts";
import { contextSimilarity } from "../similarity/context-similarity.ts";
import { CONTEXT_STEPS_MAX } from "./run-counts.ts";
import { type RunVotes, taskSharpness } from "../similarity/task-sharpness.ts";

/** Steps of one episode that vote. */
const STEPS_MAX = 100;
/** Where the votes are of so many runs, what all runs say weighs the same. */
const PRIOR_RUNS = 1;

/**
 * Logarithms of the weight of a vote: a log-linear kernel over situations, fitted by
 * cross-validation over blocks of tasks of customer service, and softened by a seventh, so that on
 * other sets too it is as sure as it should be. A step whose situation is twice as like the present
 * one has about e times the weight.
 */
const KERNEL = {
  /** By the number of equal tools before it, 0…4; the beginning of a run counts as equal. */
  suffix: [0, 1.3, 1.9, 2, 2.1],
  result: 1.5,
  used: 2.3,
  position: 0.4,
  context: 2.7,
  fresh: 0.85,
  covered: 6,
  unvisited: 2.5,
} as const;

/** The votes for one tool together. */
export interface Vote {
  weight: number;
  /** The weight that comes from each episode. */
  episodes: { id: string; weight: number }[];
}

/**
 * The votes by tool, which sum to 1. Episodes that were not judged have none.
 */
export function countVotes(situation: Situation, basis: PredictionBasis): Map<string, Vote> {
  const kernel = new SituationKernel(situation, basis);
  const runs = basis.episodes.flatMap(({ digest }) => runVotes(digest, kernel, basis.now));
  const sharpness = taskSharpness(runs, basis.kernel);
  const alike = runs.map(({ task }) =>
    Math.exp(sharpness * basis.kernel.similarity(situation.task, task)),
  );
  const masses = runs.map(({ weights }) => sumOf(weights.values()));
  const likened = masses.map((mass, i) => mass * (alike[i] ?? 0));
  // What few runs alone say is drawn to what all say, whatever their task.
  const drawn = PRIOR_RUNS / (PRIOR_RUNS + effective(likened));
  const [ofAlike, ofAll] = [(1 - drawn) / sumOf(likened), drawn / sumOf(masses)];

  const votes = new Map<string, Vote>();
  for (const [i, { id, weights }] of runs.entries()) {
    const factor = ofAlike * (alike[i] ?? 0) + ofAll;
    for (const [tool, sum] of weights) {
      const weight = factor * sum;
      let vote = votes.get(tool);
      if (!vote) votes.set(tool, (vote = { weight: 0, episodes: [] }));
      vote.weight += weight;
      vote.episodes.push({ id, weight });
    }
  }
  return votes;
}

/** How many equal weights would be as spread as these: L. Kish, "Survey sampling", 1965. */
function effective(weights: readonly number[]): number {
  const squares = sumOf(weights.map((weight) => weight * weight));
  return squares > 0 ? sumOf(weights) ** 2 / squares : 0;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** What an episode's steps vote for, whatever its task; none: it was not judged. */
function runVotes(
  digest: EpisodeDigest,
  kernel: SituationKernel,
  now: number,
): (RunVotes & { id: string }) | [] {
  const worth = worthOf(digest, 0);
  if (worth <= 0) return [];
  const recency = 0.5 + 0.5 * weightAt(digest.ended_at, now);
  const weights = kernel.weights(digest);
  for (const [tool, sum] of weights) weights.set(tool, sum * worth * recency);
  return { id: digest.episode_id, task: digest.task, weights };
}

/** Compares the situation of each step of an episode with the present one. */
class SituationKernel {
  readonly #situation: Situation;
  readonly #basis: PredictionBasis;
  readonly #tools: readonly string[];
  readonly #covered: KnownCoverage;
  /** How often each tool was used so far. */
  readonly #used: ReadonlyMap<string, number>;
  /** By the place of a step in its run: what it counts less for standing elsewhere. */
  readonly #positions: Float64Array;
  readonly #features: ReadonlySet<string>;
  /** Of contexts to the present one. */
  readonly #similarities = new Map<ReadonlySet<string>, number>();
  readonly #ablated: Readonly<Record<"context" | "coverage" | "unvisited", boolean>>;

  constructor(situation: Situation, basis: PredictionBasis) {
    const isAblated = (name: AblationName): boolean => basis.ablations.has(name);
    this.#situation = situation;
    this.#basis = basis;
    this.#tools = situation.recent.map(({ tool }) => tool);
    this.#covered = situation.coverage;
    const used = new Map<string, number>();
    for (const tool of this.#tools) used.set(tool, (used.get(tool) ?? 0) + 1);
    this.#used = used;
    this.#positions = Float64Array.from({ length: STEPS_MAX }, (_, at) =>
      Math.abs(KERNEL.position * Math.log((this.#tools.length + 1) / (at + 1))),
    );
    this.#features = basis.contexts.of(situation.context);
    this.#ablated = {
      context: isAblated("advise_context"),
      coverage: isAblated("advise_task_coverage"),
      unvisited: isAblated("advise_unvisited_ids"),
    };
  }

  /** What the votes of the episode's steps weigh together, by tool, whatever its task. */
  weights(digest: EpisodeDigest): Map<string, number> {
    const { path } = digest;
    const ofEpisode = this.#ofEpisode(digest);
    const passed = new Map<string, number>();
    const weights = new Map<string, number>();
    let shared = 0;

    for (let at = 0; at < Math.min(path.length, STEPS_MAX); at++) {
      const { tool } = path[at] ?? { tool: "" };
      const weight = Math.exp(this.#ofStep(ofEpisode, path, at, shared));
      weights.set(tool, (weights.get(tool) ?? 0) + weight);
      const used = this.#used.get(tool) ?? 0;
      if (used === 0) continue;
      const count = (passed.get(tool) ?? 0) + 1;
      passed.set(tool, count);
      if (count <= used) shared += 1;
    }
    return weights;
  }

  /** What its context adds to the votes of an episode. */
  #ofEpisode({ context }: EpisodeDigest): number {
    if (this.#ablated.context) return 0;
    const features = this.#basis.contexts.of(context);
    const similarity =
      this.#similarities.get(features) ?? contextSimilarity(this.#features, features);
    this.#similarities.set(features, similarity);
    return KERNEL.context * similarity;
  }

  /** @param shared tools that were used both here and before this step, each as often as in both */
  #ofStep(ofEpisode: number, path: readonly PathStep[], at: number, shared: number): number {
    const { recent, unvisited } = this.#situation;
    const [last, previous] = [recent[recent.length - 1], at > 0 ? path[at - 1] : undefined];
    const union = at + recent.length - shared;

    let log = ofEpisode + (KERNEL.suffix[commonSuffix(this.#tools, path, at)] ?? 0);
    if (last && previous?.tool === last.tool && isAlike(last.result, previous.result))
      log += KERNEL.result;
    log += KERNEL.used * (union === 0 ? 1 : shared / union);
    log -= this.#positions[at] ?? 0;

    if (!this.#ablated.coverage) {
      const { fresh, covered } = this.#covered;
      // What an answer held that was not told is unknown, and says nothing.
      if (fresh !== null) log -= KERNEL.fresh * Math.abs(fresh - (previous?.fresh ?? 0));
      if (covered !== null)
        log -= (KERNEL.covered * Math.abs(covered - (previous?.covered ?? 0))) / 1000;
    }
    const isUnvisitedCounted = !this.#ablated.unvisited && unvisited !== null;
    if (isUnvisitedCounted && previous?.untried !== undefined) {
      if (unvisited > 0 !== previous.untried > 0) log -= KERNEL.unvisited;
    }
    return log;
  }
}

/** @param told a result that is unknown may have been any */
function isAlike(told: ResultClass, known: ResultClass): boolean {
  return told === "unknown" || told === known;
}

/**
 * How many of the latest tools are those before this place, at most four. A common beginning counts
 * in full.
 */
function commonSuffix(tools: readonly string[], path: readonly PathStep[], at: number): number {
  for (let length = 0; length < CONTEXT_STEPS_MAX; length++) {
    const own = tools[tools.length - 1 - length];
    const other = at > length ? path[at - 1 - length]?.tool : undefined;
    if (own === undefined && other === undefined) return CONTEXT_STEPS_MAX;
    if (own !== other) return length;
  }
  return CONTEXT_STEPS_MAX;
}
