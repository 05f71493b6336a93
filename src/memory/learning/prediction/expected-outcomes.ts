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

/** Runs that came as far, by task, and all together. */
interface Survivors {
  runs: number;
  success: number;
  /** The numbers of the tasks of these runs, rising: the longer the runs, the fewer. */
  tasks: Uint32Array;
  /** Of each of these tasks. */
  runsOf: Float64Array;
  successOf: Float64Array;
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
  readonly #survivors = new Map<number, Survivors>();
  /** What each of the tasks weighs for one, by its number. */
  readonly #weights = new Map<string, Float64Array>();
  /** Runs and successes that are like a task and came as far, weighted. */
  readonly #sums = new Map<string, Map<number, { runs: number; success: number }>>();

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
  }

  /**
   * The success rate that a run of this task is to be expected to have after this many steps, which
   * did not end with them; null: no other run came as far.
   *
   * @param except a run of this task that is left out, one of `runs`
   */
  rate(task: string, steps: number, except: EpisodeDigest | null = null): number | null {
    const { runs, success } = this.#survivorsOf(steps);
    const isLeftOut = except !== null && except.path.length > steps;
    const [own, ownSuccess] = isLeftOut ? [1, outcomeOf(except)] : [0, 0];
    if (runs - own <= 0) return null;

    const prior = (success - ownSuccess) / (runs - own);
    const alike = this.#sumOf(task, steps);
    return (PRIOR_RUNS * prior + alike.success - ownSuccess) / (PRIOR_RUNS + alike.runs - own);
  }

  /** The success rate of all that took more than this many steps; null: none did. */
  overall(steps: number): number | null {
    const { runs, success } = this.#survivorsOf(steps);
    return runs === 0 ? null : success / runs;
  }

  #sumOf(task: string, steps: number): { runs: number; success: number } {
    const bySteps = this.#sums.get(task) ?? new Map<number, { runs: number; success: number }>();
    this.#sums.set(task, bySteps);
    const known = bySteps.get(steps);
    if (known) return known;

    const weights = this.#weightsOf(task);
    const { runsOf, successOf, tasks } = this.#survivorsOf(steps);
    let [runs, success] = [0, 0];
    for (let i = 0; i < tasks.length; i++) {
      const weight = weights[tasks[i] ?? 0] ?? 0;
      runs += weight * (runsOf[i] ?? 0);
      success += weight * (successOf[i] ?? 0);
    }
    const sum = { runs, success };
    bySteps.set(steps, sum);
    return sum;
  }

  /** 1 for the task itself. */
  #weightsOf(task: string): Float64Array {
    const known = this.#weights.get(task);
    if (known) return known;
    const weights = this.#kernel.similaritiesTo(task, this.#tasks);
    for (let i = 0; i < weights.length; i++)
      weights[i] = Math.exp(SHARPNESS * ((weights[i] ?? 0) - 1));
    this.#weights.set(task, weights);
    return weights;
  }

  #survivorsOf(steps: number): Survivors {
    const known = this.#survivors.get(steps);
    if (known) return known;

    const count = this.#tasks.length;
    const [runsOf, successOf] = [new Float64Array(count), new Float64Array(count)];
    let [runs, success] = [0, 0];
    for (let i = 0; i < this.runs.length; i++) {
      if ((this.#stepsOf[i] ?? 0) <= steps) continue;
      const [number, end] = [this.#taskOf[i] ?? 0, this.#endOf[i] ?? 0];
      runs += 1;
      success += end;
      runsOf[number] = (runsOf[number] ?? 0) + 1;
      successOf[number] = (successOf[number] ?? 0) + end;
    }
    const tasks = new Uint32Array(count);
    let length = 0;
    for (let number = 0; number < count; number++) {
      if (runsOf[number] === 0) continue;
      tasks[length] = number;
      runsOf[length] = runsOf[number] ?? 0;
      successOf[length++] = successOf[number] ?? 0;
    }
    const survivors = { runs, success, tasks: tasks.subarray(0, length), runsOf, successOf };
    this.#survivors.set(steps, survivors);
    return survivors;
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
