/**
 * Asks how held-back runs will end, at five points of each: beside the base rate, and at the end
 * beside naive Bayes.
 *
 * @module
 */

import { differenceText, interval, mean } from "../bootstrap.ts";
import { naiveBayes } from "../baselines.ts";
import type { Memory } from "../memory.ts";
import { auc, brier, type Said } from "../measures.ts";
import type { Run, RunSet } from "../sets/run-set.ts";
import { questionOf } from "./question.ts";

/** Shares of a run that are behind the agent when it asks. */
const POINTS = [0, 0.25, 0.5, 0.75, 1] as const;

interface Estimate extends Said {
  task: Run["task_id"];
  /** What the base rate says. */
  base: number;
  isSilent: boolean;
}

const isGood = (run: Run): boolean => run.outcome.success === true;

/** Rows: a point of the run each. */
export async function outcomeRows(
  memory: Memory,
  { name, learned, asked }: RunSet,
  points: readonly number[] = POINTS,
): Promise<(string | number)[][]> {
  const base = mean(learned.map((run) => Number(isGood(run))));
  const bayes = naiveBayes(learned);
  const rows: (string | number)[][] = [];
  for (const point of points) {
    const estimates: Estimate[] = [];
    for (const run of asked) {
      const done = Math.round(point * run.steps.length);
      const { outlook } = await memory.advise(name, questionOf(run, done, "everything"));
      const probability = outlook?.success ?? base;
      const isTrue = isGood(run);
      estimates.push({ task: run.task_id, probability, base, isTrue, isSilent: outlook === null });
    }
    const [own, usual] = [brier(estimates), brier(estimates.map(atBase))];
    const less = interval(
      estimates,
      ({ task }) => task,
      (drawn) => brier(drawn) - brier(drawn.map(atBase)),
    );
    const naive = asked.map((run) => ({ score: bayes(run), good: isGood(run) }));
    rows.push([
      `${name}, ${Math.round(100 * point)} % of the run`,
      String(estimates.length),
      usual,
      own,
      differenceText(less),
      aucOf(estimates),
      point === 1 ? auc(naive) : "–",
    ]);
  }
  return rows;
}

function atBase({ base, isTrue }: Estimate): Said {
  return { probability: base, isTrue };
}

function aucOf(estimates: readonly Said[]): number {
  return auc(estimates.map(({ probability, isTrue }) => ({ score: probability, good: isTrue })));
}

/** The AUC after the last step, alone. */
export async function finalAuc(memory: Memory, { name, asked }: RunSet): Promise<number> {
  const said: Said[] = [];
  for (const run of asked) {
    const { outlook } = await memory.advise(name, questionOf(run, run.steps.length, "everything"));
    said.push({ probability: outlook?.success ?? 0.5, isTrue: isGood(run) });
  }
  return aucOf(said);
}
