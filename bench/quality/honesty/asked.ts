/**
 * Asks for advice at every step of runs that were kept back, and measures what it says: how often
 * its first tool is taken next, how honest its probabilities are, and what its warnings are worth.
 *
 * @module
 */

import type { AdviceView } from "../../../src/contract/recall/answers.ts";
import type { TauEpisode } from "../tau.ts";
import type { Memory, Told } from "./memory.ts";

/** Shares of a run after which its outcome is estimated. */
export const SHARES = [0, 0.25, 0.5, 0.75, 1] as const;
/** Bins of a probability. */
const BINS = 10;

type Advice = Omit<AdviceView, "recall_id">;

/** The advice before each step of a run, and behind its last. */
interface Advised {
  run: TauEpisode;
  isGood: boolean;
  advice: Advice[];
}

export async function askAll(
  memory: Memory,
  runs: readonly TauEpisode[],
  told: Told,
): Promise<Advised[]> {
  const advised: Advised[] = [];
  for (const run of runs) {
    const advice: Advice[] = [];
    for (let done = 0; done <= run.steps.length; done++)
      advice.push(await memory.advise(run, done, told));
    advised.push({ run, isGood: run.outcome.success === true, advice });
  }
  return advised;
}

/** A probability that was said, and whether it came true. */
export interface Said {
  probability: number;
  isTrue: boolean;
}

/** Over all steps of successful runs: the first tool right, and each probability that was said. */
export function nextTools(advised: readonly Advised[]): { accuracy: number; said: Said[] } {
  let [steps, right] = [0, 0];
  const said: Said[] = [];
  for (const { run, isGood, advice } of advised) {
    if (!isGood) continue;
    for (const [at, { tool }] of run.steps.entries()) {
      const next = advice[at]?.next_tools ?? [];
      steps += 1;
      if (next[0]?.tool === tool) right += 1;
      for (const one of next)
        said.push({ probability: one.probability, isTrue: one.tool === tool });
    }
  }
  return { accuracy: right / steps, said };
}

/**
 * Expected calibration error: by bins of the probability, how far what was said is from how often it
 * came true. M. P. Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015.
 */
export function calibrationError(said: readonly Said[]): number {
  const bins = Map.groupBy(said, ({ probability }) =>
    Math.min(BINS - 1, Math.floor(BINS * probability)),
  );
  let error = 0;
  for (const own of bins.values()) {
    const predicted = own.reduce((sum, { probability }) => sum + probability, 0);
    const observed = own.filter(({ isTrue }) => isTrue).length;
    error += Math.abs(predicted - observed) / said.length;
  }
  return error;
}

/** What was said of the outcome after a share of each run; nothing said counts as the base rate. */
export function outcomesAt(advised: readonly Advised[], share: number, baseRate: number): Said[] {
  return advised.map(({ run, isGood, advice }) => {
    const done = Math.round(share * run.steps.length);
    return { probability: advice[done]?.outlook?.success ?? baseRate, isTrue: isGood };
  });
}

/** Mean squared error of probabilities. G. W. Brier, Monthly Weather Review 78 (1950). */
export function brier(said: readonly Said[]): number {
  return (
    said.reduce((sum, { probability, isTrue }) => sum + (probability - (isTrue ? 1 : 0)) ** 2, 0) /
    said.length
  );
}

export interface Warnings {
  /** Share of the steps of successful runs that stood on the avoid list. */
  correctWarned: number;
  /** Times that the first proposal stood on it. */
  contradictions: number;
  /** Runs that took what they were warned of, how many of them succeeded, and how many others did. */
  taken: number;
  takenGood: number;
  othersGood: number;
  others: number;
}

export function warnings(advised: readonly Advised[]): Warnings {
  const sum = {
    correctWarned: 0,
    contradictions: 0,
    taken: 0,
    takenGood: 0,
    others: 0,
    othersGood: 0,
  };
  let correct = 0;
  for (const { run, isGood, advice } of advised) {
    let isTaken = false;
    for (const [at, { tool }] of run.steps.entries()) {
      const { avoid = [], next_tools: next = [] } = advice[at] ?? {};
      const isWarned = avoid.some((choice) => choice.tool === tool);
      isTaken ||= isWarned;
      if (avoid.some((choice) => choice.tool === next[0]?.tool)) sum.contradictions += 1;
      if (!isGood) continue;
      correct += 1;
      if (isWarned) sum.correctWarned += 1;
    }
    const [all, good] = isTaken
      ? (["taken", "takenGood"] as const)
      : (["others", "othersGood"] as const);
    sum[all] += 1;
    if (isGood) sum[good] += 1;
  }
  return { ...sum, correctWarned: sum.correctWarned / Math.max(1, correct) };
}
