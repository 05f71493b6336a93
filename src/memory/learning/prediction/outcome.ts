/**
 * Predicts how a run would end if it ended here: a regression of the outcomes of similar episodes
 * on a few plain signs. Few, because a model of more signs explains the episodes that it knows and
 * misjudges those that it does not. Pure; the work grows with the cube of the runs, which are
 * bounded.
 *
 * @module
 */

import { isJudged } from "../episode/judgement.ts";
import type { Ablations } from "../../ablations.ts";
import type { PredictionBasis, SimilarEpisode, Situation } from "./basis.ts";
import { contextFeatures, contextSimilarity } from "../similarity/context-similarity.ts";
import { fitRidge } from "./ridge.ts";

/**
 * How little one run is believed, against a kernel whose signs weigh SIGN_WEIGHT each and a context
 * that weighs 1.
 */
const RIDGE = 10;
const SIGN_WEIGHT = 1 / 6;
/** Judged runs that are compared, and the fewest that a prediction needs. */
const RUNS_MAX = 300;
const RUNS_MIN = 3;
/** Episodes that are named as evidence. */
const NAMED_EPISODES_MAX = 5;

/**
 * The signs of a run: how much of the task its answers held, its length, whether something was left
 * to visit. Their names are those of the answer.
 */
const SIGNS = ["found", "steps", "untried"] as const;
type Sign = (typeof SIGNS)[number];
type Signs = Record<Sign, number>;
/** null: the sign is unknown, and taken for the mean of the runs. */
type RawSigns = Record<Sign, number | null>;
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
  signs: Signs;
  context: ReadonlySet<string>;
}

/** null while fewer than three similar episodes were judged. */
export function predictOutcome(
  situation: Situation,
  { episodes, ablations }: PredictionBasis,
): OutcomePrediction | null {
  const judged = episodes
    .filter(({ digest }) => isJudged(digest) && digest.path.length > 0)
    .slice(0, RUNS_MAX);
  if (judged.length < RUNS_MIN) return null;

  const { runs, present } = comparable(judged, situation, ablations);
  const outcomes = judged.map(({ digest }) => digest.success / (digest.success + digest.failure));
  const base_rate = outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length;
  const isContextCounted = !ablations.has("advise_context");
  const compare = (a: Run, b: Run): Record<Part, number> => similarities(a, b, isContextCounted);
  const kernel = runs.map((a, i) => runs.slice(0, i + 1).map((b) => total(compare(a, b))));
  const [coefficients] = fitRidge(kernel, [outcomes.map((value) => value - base_rate)], RIDGE);

  const why: Record<Part, number> = { found: 0, steps: 0, untried: 0, context: 0 };
  const alike = runs.map((run, i) => {
    const parts = compare(present, run);
    for (const part of Object.keys(why) as Part[])
      why[part] += parts[part] * (coefficients?.[i] ?? 0);
    return { id: judged[i]?.digest.episode_id ?? "", similarity: total(parts) };
  });
  return {
    success: Math.min(1, Math.max(0, base_rate + total(why))),
    base_rate,
    why,
    runs: runs.length,
    episodes: alike
      .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
      .slice(0, NAMED_EPISODES_MAX)
      .map(({ id }) => id),
  };
}

/** The judged runs and the present one, with their signs on one scale. */
function comparable(
  judged: readonly SimilarEpisode[],
  { context, recent, coverage, unvisited }: Situation,
  ablations: Ablations,
): { runs: Run[]; present: Run } {
  const signsOf = (steps: number, covered: number, untried: number | null): RawSigns => ({
    found: ablations.has("advise_task_coverage") ? null : covered / 1000,
    steps: Math.log(1 + steps),
    untried: ablations.has("advise_unvisited_ids") ? null : untried,
  });
  const raw = judged.map(({ digest: { path } }) => {
    const { covered = 0, untried = 0 } = path.at(-1) ?? {};
    return signsOf(path.length, covered, untried);
  });
  const scale = new Scale(raw);

  return {
    runs: judged.map(({ digest }, i) => ({
      signs: scale.apply(raw[i] ?? signsOf(0, 0, 0)),
      context: contextFeatures(digest.context),
    })),
    present: {
      signs: scale.apply(signsOf(recent.length, coverage.at(-1)?.covered ?? 0, unvisited)),
      context: contextFeatures(context),
    },
  };
}

/** Brings each sign to mean 0 and deviation 1 over these runs. */
class Scale {
  readonly #means: Signs = { found: 0, steps: 0, untried: 0 };
  readonly #deviations: Signs = { found: 1, steps: 1, untried: 1 };

  constructor(runs: readonly RawSigns[]) {
    const mean = (of: (signs: RawSigns) => number): number =>
      runs.reduce((sum, signs) => sum + of(signs), 0) / runs.length;
    for (const sign of SIGNS) {
      const center = mean((signs) => signs[sign] ?? 0);
      this.#means[sign] = center;
      this.#deviations[sign] = Math.sqrt(mean((signs) => ((signs[sign] ?? 0) - center) ** 2)) || 1;
    }
  }

  apply(signs: RawSigns): Signs {
    const scaled: Signs = { found: 0, steps: 0, untried: 0 };
    for (const sign of SIGNS) {
      const center = this.#means[sign];
      scaled[sign] = ((signs[sign] ?? center) - center) / this.#deviations[sign];
    }
    return scaled;
  }
}

function similarities(a: Run, b: Run, isContextCounted: boolean): Record<Part, number> {
  return {
    found: SIGN_WEIGHT * a.signs.found * b.signs.found,
    steps: SIGN_WEIGHT * a.signs.steps * b.signs.steps,
    untried: SIGN_WEIGHT * a.signs.untried * b.signs.untried,
    context: isContextCounted ? contextSimilarity(a.context, b.context) : 0,
  };
}

function total(values: Record<Part, number>): number {
  return values.found + values.steps + values.untried + values.context;
}
