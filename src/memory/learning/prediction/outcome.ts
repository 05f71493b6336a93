/**
 * Predicts how a run would end if it ended here: a regression of the outcomes of similar episodes
 * on a few plain signs. Few, because a model of more signs explains the episodes that it knows and
 * misjudges those that it does not. Pure; the work grows with the cube of the runs, which are
 * bounded.
 *
 * @module
 */

import { isJudged } from "../episode/judgement.ts";
import type { PredictionBasis, SimilarEpisode, Situation } from "./basis.ts";
import { contextSimilarity } from "../similarity/context-similarity.ts";
import { cholesky, fitRidge, fitRidgeByFeatures } from "./ridge.ts";

/**
 * How little one run is believed, against a kernel whose signs weigh SIGN_WEIGHT each and a context
 * that weighs 1.
 */
const RIDGE = 10;
const SIGN_WEIGHT = 1 / 6;
/** Distinct contexts up to which runs are told apart by them at little cost. */
const CONTEXTS_MAX = 60;
/** Makes contexts that are the same differ a little, so that their kernel has a root. */
const EVEN = 1e-9;
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
  { episodes, contexts, ablations }: PredictionBasis,
): OutcomePrediction | null {
  const judged = episodes
    .filter(({ digest }) => isJudged(digest) && digest.path.length > 0)
    .slice(0, RUNS_MAX);
  if (judged.length < RUNS_MIN) return null;

  const { runs, present } = comparable(judged, situation, { contexts, ablations });
  const outcomes = judged.map(({ digest }) => digest.success / (digest.success + digest.failure));
  const base_rate = outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length;
  const isContextCounted = !ablations.has("advise_context");
  const targets = outcomes.map((value) => value - base_rate);
  const coefficients = fitted(runs, targets, isContextCounted);

  const why: Record<Part, number> = { found: 0, steps: 0, untried: 0, context: 0 };
  const toPresent = new Map<Run["context"], number>();
  const alike = runs.map((run, i) => {
    const context = toPresent.get(run.context) ?? contextSimilarity(present.context, run.context);
    toPresent.set(run.context, context);
    const parts = similarities(present, run, isContextCounted ? context : 0);
    for (const part of Object.keys(why) as Part[])
      why[part] += parts[part] * (coefficients[i] ?? 0);
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

/**
 * What each run's outcome weighs. Runs have few signs, and few contexts: their kernel is made of
 * few features.
 */
function fitted(
  runs: readonly Run[],
  targets: readonly number[],
  isContextCounted: boolean,
): Float64Array {
  const contexts = isContextCounted ? [...new Set(runs.map(({ context }) => context))] : [];
  if (contexts.length > CONTEXTS_MAX) {
    const kernel = runs.map((a, i) =>
      runs
        .slice(0, i + 1)
        .map((b) => total(similarities(a, b, contextSimilarity(a.context, b.context)))),
    );
    return fitRidge(kernel, [targets], RIDGE)[0] ?? new Float64Array(0);
  }
  const alike = contexts.map((a, i) =>
    contexts.slice(0, i + 1).map((b) => contextSimilarity(a, b)),
  );
  const factors = new Map(cholesky(alike, EVEN).map((row, i) => [contexts[i], row]));
  const features = runs.map(({ signs, context }) => {
    const own = new Float64Array(SIGNS.length + contexts.length);
    for (const [i, sign] of SIGNS.entries()) own[i] = Math.sqrt(SIGN_WEIGHT) * signs[sign];
    own.set(factors.get(context) ?? [], SIGNS.length);
    return own;
  });
  return fitRidgeByFeatures(features, targets, RIDGE);
}

/** The judged runs and the present one, with their signs on one scale. */
function comparable(
  judged: readonly SimilarEpisode[],
  { context, recent, coverage, unvisited }: Situation,
  { contexts, ablations }: Pick<PredictionBasis, "contexts" | "ablations">,
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
      context: contexts.of(digest.context),
    })),
    present: {
      signs: scale.apply(signsOf(recent.length, coverage.at(-1)?.covered ?? 0, unvisited)),
      context: contexts.of(context),
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

/** @param context how alike their contexts are */
function similarities(a: Run, b: Run, context: number): Record<Part, number> {
  return {
    found: SIGN_WEIGHT * a.signs.found * b.signs.found,
    steps: SIGN_WEIGHT * a.signs.steps * b.signs.steps,
    untried: SIGN_WEIGHT * a.signs.untried * b.signs.untried,
    context,
  };
}

function total(values: Record<Part, number>): number {
  return values.found + values.steps + values.untried + values.context;
}
