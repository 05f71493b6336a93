/**
 * What predictions are made from: the episodes that a search found for a task, and where the agent
 * stands that asks.
 *
 * @module
 */

import type { Context } from "../../../contract/episodes/record.ts";
import type { ResultClass } from "../../../contract/vocabulary.ts";
import type { Ablations } from "../../ablations.ts";
import type { EpisodeDigest } from "../types.ts";
import { ContextFeatures } from "../similarity/context-similarity.ts";
import { ExpectedOutcomes } from "./expected-outcomes.ts";
import { detoursOf, digestWithout, toolOf, type Detour } from "../plans/detours.ts";
import { TaskKernel } from "../similarity/task-kernel.ts";

export interface SimilarEpisode {
  digest: EpisodeDigest;
  /** 0…1. */
  similarity: number;
}

/** Shared by all predictions for a task, so that what they have in common is computed once. */
export interface PredictionBasis {
  /** In an order that does not depend on when they came. */
  episodes: readonly SimilarEpisode[];
  /** Similarity of tasks, by the words of these episodes' tasks. */
  kernel: TaskKernel;
  contexts: ContextFeatures;
  /** How the runs among them were to be expected to end. */
  expected: ExpectedOutcomes;
  /** Tools that they tried in vain, by name: the steps with them are not in `episodes`. */
  detours: ReadonlyMap<string, Detour>;
  /** ms since the epoch. */
  now: number;
  ablations: Ablations;
}

export function predictionBasis(
  episodes: readonly SimilarEpisode[],
  now: number,
  ablations: Ablations,
): PredictionBasis {
  const digests = episodes.map(({ digest }) => digest);
  const kernel = new TaskKernel(digests);
  const expected = new ExpectedOutcomes(digests, kernel);
  const detours = detoursOf(expected.runs, toolOf);
  const onward =
    detours.size === 0
      ? episodes
      : episodes.map((one) => ({ ...one, digest: digestWithout(one.digest, detours) }));
  const contexts = new ContextFeatures();
  return { episodes: onward, kernel, contexts, expected, detours, now, ablations };
}

/** As `TaskCoverage`, after the last step; null: the answers that say it were not told. */
export interface KnownCoverage {
  fresh: number | null;
  covered: number | null;
}

/** Where an agent stands in a run. */
export interface Situation {
  task: string;
  context: Partial<Context>;
  /** The steps taken lately, oldest first. */
  recent: readonly { tool: string; result: ResultClass }[];
  /** What the answers held of the task. */
  coverage: KnownCoverage;
  /** Identifiers left to visit after the last step (`unvisitedIds`); null: unknown. */
  unvisited: number | null;
}
