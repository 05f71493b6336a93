/**
 * A set of agents' runs: what of it is learned, what is asked about, and which figures it can tell.
 *
 * @module
 */

import type { Line } from "../memory.ts";
import { generator, shuffled } from "../random.ts";
import { tauEpisodeLine, type Run } from "../tau.ts";

export type { Run };

export interface RunSet {
  name: string;
  /** What the service is given of these, in this order. */
  learned: readonly Run[];
  /** Runs of tasks of which nothing is learned. */
  asked: readonly Run[];
  /**
   * Whether the outcome is worth predicting: not where a run ends at its first success, so that its
   * length tells it.
   */
  hasOutcome: boolean;
}

/** Of ten tasks, those that are held back. */
const TASKS_GROUPED = 10;
const LEARNED_OF_TEN = 7;
const ORDER_SEED = 7;

/** Seven tenths of the tasks are learned, spread over the set; a task is never on both sides. */
export function spreadSplit(runs: readonly Run[]): Pick<RunSet, "learned" | "asked"> {
  const tasks = [...new Set(runs.map(({ task_id }) => task_id))];
  const isAsked = new Set(tasks.filter((_, i) => i % TASKS_GROUPED >= LEARNED_OF_TEN));
  return {
    learned: byShuffledTasks(runs.filter(({ task_id }) => !isAsked.has(task_id))),
    asked: runs.filter(({ task_id }) => isAsked.has(task_id)),
  };
}

/** Whole tasks, in an order that a seed decides: the first of them are no group of their own. */
export function byShuffledTasks(runs: readonly Run[]): Run[] {
  const tasks = Map.groupBy(runs, ({ task_id }) => task_id);
  return shuffled([...tasks.values()], generator(ORDER_SEED)).flat();
}

export function lineOf(run: Run): Line {
  return { ...tauEpisodeLine(run), id: run.id };
}
