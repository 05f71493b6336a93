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
import type { TaskKernel } from "../similarity/task-kernel.ts";

/** Judged runs that are looked at, the most similar ones. */
const RUNS_MAX = 300;
/** A task that is half as like the present one weighs this power of e less. */
const SHARPNESS = 6;
/** What all runs that came as far weigh together, in runs of the same task. */
const PRIOR_RUNS = 2;

/** How a judged run ended, 0 for a failure … 1 for a success. */
export function outcomeOf({
  success,
  failure,
}: Pick<EpisodeDigest, "success" | "failure">): number {
  return success / (success + failure);
}

/** By a number of steps: the runs that took more, and their successes, weighted. */
interface Survivors {
  runs: Float64Array;
  success: Float64Array;
}

export class ExpectedOutcomes {
  /** The judged runs, in the order of the basis. */
  readonly runs: readonly EpisodeDigest[];
  readonly #kernel: TaskKernel;
  readonly #tasks: readonly string[];
  /** Of each run, in their order: the number of its task, its steps, and how it ended. */
  readonly #taskOf: Uint32Array;
  readonly #stepsOf: Uint32Array;
  readonly #endOf: Float64Array;
  readonly #stepsMax: number;
  readonly #all: Survivors;
  /** Of the runs by how much their tasks are like each task. */
  readonly #alike = new Map<string, Survivors>();

  /** @param kernel made of these episodes */
  constructor(episodes: readonly EpisodeDigest[], kernel: TaskKernel) {
    this.#kernel = kernel;
    this.runs = episodes
      .filter((digest) => isJudged(digest) && digest.path.length > 0)
      .slice(0, RUNS_MAX);
    const numbers = new Map<string, number>();
    this.#taskOf = new Uint32Array(this.runs.length);
    this.#stepsOf = Uint32Array.from(this.runs, ({ path }) => path.length);
    this.#endOf = new Float64Array(this.runs.length);
    for (const [i, run] of this.runs.entries()) {
      const number = numbers.get(run.task) ?? numbers.size;
      numbers.set(run.task, number);
      this.#taskOf[i] = number;
      this.#endOf[i] = outcomeOf(run);
    }
    this.#tasks = [...numbers.keys()];
    this.#stepsMax = this.#stepsOf.reduce((most, steps) => Math.max(most, steps), 0);
    this.#all = this.#survivors(new Float64Array(this.#tasks.length).fill(1));
  }

  /**
   * The success rate that a run of this task is to be expected to have after this many steps, which
   * did not end with them; null: no other run came as far.
   *
   * @param steps 0 or more
   * @param except a run of this task that is left out, one of `runs`
   */
  rate(task: string, steps: number, except: EpisodeDigest | null = null): number | null {
    const runs = this.#all.runs[steps] ?? 0;
    const isLeftOut = except !== null && except.path.length > steps;
    const [own, ownSuccess] = isLeftOut ? [1, outcomeOf(except)] : [0, 0];
    if (runs - own <= 0) return null;

    const prior = ((this.#all.success[steps] ?? 0) - ownSuccess) / (runs - own);
    const alike = this.#alikeTo(task);
    const alikeRuns = (alike.runs[steps] ?? 0) - own;
    const alikeSuccess = (alike.success[steps] ?? 0) - ownSuccess;
    return (PRIOR_RUNS * prior + alikeSuccess) / (PRIOR_RUNS + alikeRuns);
  }

  /** The success rate of all that took more than this many steps, 0 or more; null: none did. */
  overall(steps: number): number | null {
    const runs = this.#all.runs[steps] ?? 0;
    return runs === 0 ? null : (this.#all.success[steps] ?? 0) / runs;
  }

  #alikeTo(task: string): Survivors {
    const known = this.#alike.get(task);
    if (known) return known;
    // 1 for the task itself.
    const weights = this.#kernel.similaritiesTo(task, this.#tasks);
    for (let i = 0; i < weights.length; i++)
      weights[i] = Math.exp(SHARPNESS * ((weights[i] ?? 0) - 1));
    const survivors = this.#survivors(weights);
    this.#alike.set(task, survivors);
    return survivors;
  }

  /** @param weights of the tasks, by their numbers */
  #survivors(weights: Float64Array): Survivors {
    const runs = new Float64Array(this.#stepsMax);
    const success = new Float64Array(this.#stepsMax);
    for (let i = 0; i < this.#taskOf.length; i++) {
      const weight = weights[this.#taskOf[i] ?? 0] ?? 0;
      // A run of n steps came as far as n − 1, and did not end with them.
      const last = (this.#stepsOf[i] ?? 1) - 1;
      runs[last] = (runs[last] ?? 0) + weight;
      success[last] = (success[last] ?? 0) + weight * (this.#endOf[i] ?? 0);
    }
    for (let steps = this.#stepsMax - 2; steps >= 0; steps--) {
      runs[steps] = (runs[steps] ?? 0) + (runs[steps + 1] ?? 0);
      success[steps] = (success[steps] ?? 0) + (success[steps + 1] ?? 0);
    }
    return { runs, success };
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
