/**
 * Predicts how a running episode will end: where it stands now is compared with where the similar
 * episodes stood after as many steps, of those that came as far. Around the success rate of the
 * most similar of them goes a regression on a few plain signs. Few, because a model of more signs
 * explains the episodes that it knows and misjudges those that it does not; and what the signs say
 * counts as much as it would have told of each of these episodes from the others. Pure; the work
 * grows with the runs, which are bounded, and the square of their contexts.
 *
 * @module
 */

import type { ResultClass } from "../../../contract/vocabulary.ts";
import type { Ablations } from "../../ablations.ts";
import { isError } from "../episode/judgement.ts";
import type { PathStep } from "../types.ts";
import type { PredictionBasis, Situation } from "./basis.ts";
import { contextSimilarity } from "../similarity/context-similarity.ts";
import { type ExpectedOutcomes, outcomeOf } from "./expected-outcomes.ts";
import { cholesky, fitRidgeByFeatures, forwards } from "./ridge.ts";

/**
 * How little one run is believed, against a kernel whose signs weigh SIGN_WEIGHT each and a context
 * that weighs 1.
 */
const RIDGE = 10;
const SIGN_WEIGHT = 1 / 6;
/** Distinct contexts, the most frequent ones, that runs are told apart by. */
const CONTEXTS_MAX = 60;
/** Makes contexts that are the same differ a little, so that their kernel has a root. */
const EVEN = 1e-9;
/** The fewest judged runs that a prediction needs. */
const RUNS_MIN = 3;
/** Where fewer came as far, those are looked at too that came nearly as far. */
const SURVIVORS_MIN = 10;
/** How the signs would have told the runs from each other is believed from about so many on. */
const TOLD_MIN = 10;
/** Episodes that are named as evidence. */
const NAMED_EPISODES_MAX = 5;

/**
 * The signs of a run after some steps: how much of the task its answers held, whether something was
 * left to visit, how often it failed. Their names are those of the answer.
 */
const SIGNS = ["found", "untried", "errors"] as const;
type Sign = (typeof SIGNS)[number];
type Signs = Record<Sign, number>;
/** null: the sign is unknown, and taken for the mean of the runs. */
type RawSigns = Record<Sign, number | null>;
type Part = Sign | "context";

export interface OutcomePrediction {
  /** Probability of success, 0…1. */
  success: number;
  /** Success rate of the similar episodes that came as far, from which the parts add up to it. */
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
  basis: PredictionBasis,
): OutcomePrediction | null {
  const { expected } = basis;
  if (expected.runs.length < RUNS_MIN) return null;
  const steps = comparableSteps(expected, situation.recent.length);
  const judged = expected.runs.filter(({ path }) => path.length >= steps);
  // Those that took as many steps did not end before the last of them; every run has one.
  const base_rate = expected.rate(situation.task, Math.max(0, steps - 1)) ?? 0;

  const scale = new Scale(judged.map(({ path }) => signsAfter(path, steps, basis.ablations)));
  const runs = judged.map(({ context }, i): Run => ({
    signs: scale.of(i),
    context: basis.contexts.of(context),
  }));
  const present = {
    signs: scale.apply(presentSigns(situation, basis.ablations)),
    context: basis.contexts.of(situation.context),
  };
  const isContextCounted = !basis.ablations.has("advise_context");
  const { coefficients, trust } = fitted(runs, judged.map(outcomeOf), isContextCounted);

  const said: Record<Part, number> = { found: 0, untried: 0, errors: 0, context: 0 };
  const toPresent = new Map<Run["context"], number>();
  const alike = runs.map((run, i) => {
    const context = toPresent.get(run.context) ?? contextSimilarity(present.context, run.context);
    toPresent.set(run.context, context);
    const parts = similarities(present, run, isContextCounted ? context : 0);
    for (const part of Object.keys(said) as Part[])
      said[part] += parts[part] * (coefficients[i] ?? 0);
    return { id: judged[i]?.episode_id ?? "", similarity: total(parts) };
  });
  return {
    ...addedUp(base_rate, said, trust, runs.length),
    base_rate,
    runs: runs.length,
    episodes: alike
      .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
      .slice(0, NAMED_EPISODES_MAX)
      .map(({ id }) => id),
  };
}

/**
 * The steps after which runs are compared: as many as the present one has, or fewer where too few
 * came as far.
 */
function comparableSteps(expected: ExpectedOutcomes, present: number): number {
  const enough = Math.min(SURVIVORS_MIN, expected.runs.length);
  const lengths = expected.runs.map(({ path }) => path.length).sort((a, b) => b - a);
  return Math.min(present, lengths[enough - 1] ?? 0);
}

/**
 * The estimate, and what each part adds to the base rate: no outcome is sure after this many runs.
 */
function addedUp(
  base: number,
  said: Record<Part, number>,
  trust: number,
  runs: number,
): Pick<OutcomePrediction, "success" | "why"> {
  const sum = trust * total(said);
  const least = 1 / (runs + 2);
  const success = Math.min(1 - least, Math.max(least, base + sum));
  // Cut at a bound, the parts are cut alike.
  const share = sum === 0 ? 0 : (trust * (success - base)) / sum;
  const rest = sum === 0 ? success - base : 0;
  const why = {
    found: share * said.found,
    untried: share * said.untried,
    errors: share * said.errors,
    context: share * said.context + rest,
  };
  return { success, why };
}

/**
 * What each run's outcome weighs; and how far what the signs say is to be trusted, 0…1: the slope of
 * the outcomes over what the other runs would have said of each. Runs have few signs, and few
 * contexts: their kernel is made of few features.
 */
function fitted(
  runs: readonly Run[],
  outcomes: readonly number[],
  isContextCounted: boolean,
): { coefficients: Float64Array; trust: number } {
  const mean = outcomes.reduce((sum, value) => sum + value, 0) / outcomes.length;
  const targets = outcomes.map((value) => value - mean);
  const contexts = isContextCounted ? frequentContexts(runs) : [];
  const lower = cholesky(
    contexts.map((a, i) => contexts.slice(0, i + 1).map((b) => contextSimilarity(a, b))),
    EVEN,
  );
  const factors = new Map<ReadonlySet<string>, Float64Array>();
  const features = runs.map(({ signs, context }) => {
    const factor =
      factors.get(context) ??
      forwards(
        lower,
        contexts.map((a) => contextSimilarity(a, context)),
      );
    factors.set(context, factor);
    const own = new Float64Array(SIGNS.length + contexts.length);
    for (const [i, sign] of SIGNS.entries()) own[i] = Math.sqrt(SIGN_WEIGHT) * signs[sign];
    own.set(factor, SIGNS.length);
    return own;
  });
  const { coefficients, others } = fitRidgeByFeatures(features, targets, RIDGE);
  return { coefficients, trust: slope(others, targets) };
}

function frequentContexts(runs: readonly Run[]): ReadonlySet<string>[] {
  const counts = new Map<ReadonlySet<string>, number>();
  for (const { context } of runs) counts.set(context, (counts.get(context) ?? 0) + 1);
  if (counts.size <= CONTEXTS_MAX) return [...counts.keys()];
  const nameOf = (context: ReadonlySet<string>): string => [...context].join(" ");
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, CONTEXTS_MAX)
    .map(([context]) => context);
}

/** Of the targets over what was said of them, drawn to nothing while there are few; 0…1. */
function slope(said: Float64Array, targets: readonly number[]): number {
  let [together, own] = [0, 0];
  for (const [i, value] of said.entries()) {
    together += value * (targets[i] ?? 0);
    own += value * value;
  }
  const drawn = targets.length / (targets.length + TOLD_MIN);
  return own === 0 ? 0 : drawn * Math.min(1, Math.max(0, together / own));
}

/** The signs of a run after this many of its steps. */
function signsAfter(path: readonly PathStep[], steps: number, ablations: Ablations): RawSigns {
  const { covered = 0, untried = 0 } = path[steps - 1] ?? {};
  return rawSigns(
    { covered, untried, results: path.slice(0, steps).map(({ result }) => result) },
    ablations,
  );
}

function presentSigns({ coverage, unvisited, recent }: Situation, ablations: Ablations): RawSigns {
  const results = recent.map(({ result }) => result);
  return rawSigns({ covered: coverage.covered, untried: unvisited, results }, ablations);
}

interface Standing {
  covered: number | null;
  untried: number | null;
  results: readonly ResultClass[];
}

function rawSigns({ covered, untried, results }: Standing, ablations: Ablations): RawSigns {
  const isKnown = results.length === 0 || results.some((result) => result !== "unknown");
  const failed = results.filter(isError).length;
  return {
    found: covered === null || ablations.has("advise_task_coverage") ? null : covered / 1000,
    untried: ablations.has("advise_unvisited_ids") ? null : untried,
    errors: isKnown ? Math.log(1 + failed) : null,
  };
}

/** Brings each sign to mean 0 and deviation 1 over these runs. */
class Scale {
  readonly #means: Signs = { found: 0, untried: 0, errors: 0 };
  readonly #deviations: Signs = { found: 1, untried: 1, errors: 1 };
  readonly #scaled: readonly Signs[];

  constructor(runs: readonly RawSigns[]) {
    for (const sign of SIGNS) {
      const known = runs.flatMap((signs) => signs[sign] ?? []);
      const mean = (values: readonly number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      const center = mean(known);
      this.#means[sign] = center;
      this.#deviations[sign] = Math.sqrt(mean(known.map((value) => (value - center) ** 2))) || 1;
    }
    this.#scaled = runs.map((signs) => this.apply(signs));
  }

  /** The signs of the run at this place. */
  of(at: number): Signs {
    return this.#scaled[at] ?? { found: 0, untried: 0, errors: 0 };
  }

  apply(signs: RawSigns): Signs {
    const scaled: Signs = { found: 0, untried: 0, errors: 0 };
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
    untried: SIGN_WEIGHT * a.signs.untried * b.signs.untried,
    errors: SIGN_WEIGHT * a.signs.errors * b.signs.errors,
    context,
  };
}

function total(values: Record<Part, number>): number {
  return values.found + values.untried + values.errors + values.context;
}
