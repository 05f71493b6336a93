/**
 * Says how a run was to be expected to end from its task and from how far it had come, without
 * looking at how it did end: the success of the runs of the same and of similar tasks that came as
 * far. What a choice is worth is measured against that, because a hard task is no bad choice, and a
 * long run is likelier to be of a hard one. Pure; the work is bounded by the runs and tasks of a
 * basis.
 *
 * @module
 */

import { isJudged } from "../episode/judgement.ts";
import type { EpisodeDigest } from "../types.ts";
import type { PredictionBasis } from "./basis.ts";

/** Judged runs that are looked at, the most similar ones. */
const RUNS_MAX = 300;
/** A task that is half as like the present one weighs this power of e less. */
const SHARPNESS = 6;
/** What all runs that came as far weigh together, in runs of the same task. */
const PRIOR_RUNS = 2;

/** Runs, and the sum of how they ended, each 0…1. */
interface Tally {
  runs: number;
  success: number;
}

type Tallies = Tally & { byTask: ReadonlyMap<string, Tally> };

/** How a judged run ended, 0 for a failure … 1 for a success. */
export function outcomeOf({
  success,
  failure,
}: Pick<EpisodeDigest, "success" | "failure">): number {
  return success / (success + failure);
}

export class ExpectedOutcomes {
  /** The judged runs, in the order of the basis. */
  readonly runs: readonly EpisodeDigest[];
  readonly #kernel: PredictionBasis["kernel"];
  readonly #byStep = new Map<number, Tallies>();

  constructor({ episodes, kernel }: Pick<PredictionBasis, "episodes" | "kernel">) {
    this.#kernel = kernel;
    this.runs = episodes
      .map(({ digest }) => digest)
      .filter((digest) => isJudged(digest) && digest.path.length > 0)
      .slice(0, RUNS_MAX);
  }

  /** How many of the judged runs took more than so many steps. */
  survivors(steps: number): number {
    return this.#tallies(steps).runs;
  }

  /**
   * The success rate that a run of this task is to be expected to have after so many steps, which
   * did not end with them; null: no other run came as far.
   *
   * @param except a run that is left out, one of `runs`
   */
  rate(task: string, steps: number, except: EpisodeDigest | null = null): number | null {
    const { runs, success, byTask } = this.#tallies(steps);
    const own = except && except.path.length > steps ? outcomeOf(except) : null;
    const others = runs - (own === null ? 0 : 1);
    if (others <= 0) return null;

    const prior = (success - (own ?? 0)) / others;
    const sum = { weight: PRIOR_RUNS, success: PRIOR_RUNS * prior };
    for (const [other, tally] of byTask) {
      const isOwn = own !== null && other === except?.task;
      const weight = Math.exp(SHARPNESS * (this.#kernel.similarity(task, other) - 1));
      sum.weight += weight * (tally.runs - (isOwn ? 1 : 0));
      sum.success += weight * (tally.success - (isOwn ? own : 0));
    }
    return sum.success / sum.weight;
  }

  #tallies(steps: number): Tallies {
    const known = this.#byStep.get(steps);
    if (known) return known;

    const byTask = new Map<string, Tally>();
    const all = { runs: 0, success: 0 };
    for (const run of this.runs) {
      if (run.path.length <= steps) continue;
      const tally = byTask.get(run.task) ?? { runs: 0, success: 0 };
      byTask.set(run.task, tally);
      for (const one of [tally, all]) {
        one.runs += 1;
        one.success += outcomeOf(run);
      }
    }
    const tallies = { ...all, byTask };
    this.#byStep.set(steps, tallies);
    return tallies;
  }
}

/** Where a run made a choice, or showed a pattern: before its step `at`. */
export interface Standing {
  run: EpisodeDigest;
  at: number;
}

/** How runs ended beside how they were to be expected to end, summed over them. */
export interface Comparison {
  runs: number;
  success: number;
  expected: number;
  /** Of the success, if it is as expected. */
  variance: number;
}

/** null: of one of them nothing can be expected. */
export function compared(
  standings: readonly Standing[],
  outcomes: ExpectedOutcomes,
): Comparison | null {
  const sum = { runs: standings.length, success: 0, expected: 0, variance: 0 };
  for (const { run, at } of standings) {
    const rate = outcomes.rate(run.task, at, run);
    if (rate === null) return null;
    sum.success += outcomeOf(run);
    sum.expected += rate;
    sum.variance += rate * (1 - rate);
  }
  return sum;
}

/** Runs that succeed so much less often than is to be expected of them do badly … */
const LOSS_MIN = 0.2;

/** … if it is so many standard errors, too. @param errors more where more is looked at */
export function isClearlyWorse(
  { runs, success, expected, variance }: Comparison,
  errors: number,
): boolean {
  const loss = expected - success;
  return runs > 0 && loss >= LOSS_MIN * runs && loss >= errors * Math.sqrt(variance);
}
