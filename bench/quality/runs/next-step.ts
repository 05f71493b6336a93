/**
 * Asks for advice before each step of held-back successful runs: whether it names the step, how
 * sure it says to be, and whether it warns of it.
 *
 * @module
 */

import { differenceText, interval, mean, type Interval } from "../bootstrap.ts";
import { mostFrequent, ngram } from "../baselines.ts";
import type { Memory } from "../memory.ts";
import { calibrationError, type Said } from "../measures.ts";
import type { Run } from "../sets/run-set.ts";
import type { ActionLevel } from "./action.ts";
import { questionOf, type Told } from "./question.ts";

/** One step that was asked about. */
export interface AskedStep {
  task: Run["task_id"];
  run: Run;
  /** Steps before it. */
  done: number;
  /** Level → whether its first guess is the step. */
  isHit: ReadonlyMap<string, boolean>;
  /** Level → what was said of each action, and whether it is the step's. */
  said: ReadonlyMap<string, readonly Said[]>;
  /** The step's tool is on the list of what to avoid. */
  isAvoided: boolean;
  /** Its own first guess is on it. */
  avoidsItself: boolean;
}

/**
 * Successful runs of whole tasks, spread over the set, with so many steps at most.
 *
 * @param steps of all of them together
 */
export function successesWithin(asked: readonly Run[], steps: number): Run[] {
  const successes = asked.filter(({ outcome }) => outcome.success === true);
  const total = successes.reduce((sum, run) => sum + run.steps.length, 0);
  const tasks = [...Map.groupBy(successes, ({ task_id }) => task_id).values()];
  const every = Math.max(1, total / steps);
  const kept = tasks.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every));
  return kept.flat();
}

export async function askSteps(
  memory: Memory,
  namespace: string,
  { runs, told, levels }: { runs: readonly Run[]; told: Told; levels: readonly ActionLevel[] },
): Promise<AskedStep[]> {
  const asked: AskedStep[] = [];
  for (const run of runs)
    for (const [done, step] of run.steps.entries()) {
      const advice = await memory.advise(namespace, questionOf(run, done, told));
      const said = levels.map(({ name, of, said: saidOf }) => {
        const own = of(step);
        const all = saidOf(advice);
        const judged = all.map(({ action, probability }) => ({
          probability,
          isTrue: action === own,
        }));
        return { name, judged, isHit: all[0]?.action === own };
      });
      const avoided = new Set(advice.avoid.map(({ tool }) => tool));
      asked.push({
        task: run.task_id,
        run,
        done,
        isHit: new Map(said.map(({ name, isHit }) => [name, isHit])),
        said: new Map(said.map(({ name, judged }) => [name, judged])),
        isAvoided: avoided.has(step.tool),
        avoidsItself: avoided.has(advice.next_tools[0]?.tool ?? ""),
      });
    }
  return asked;
}

/** Guesses the next action from those before. */
type Guess = (before: readonly string[]) => string | undefined;

/**
 * What counting says of the same steps: the best of the n-grams, chosen in hindsight.
 *
 * @param contextOf what the n-grams know of the steps before
 */
export function counting(
  learned: readonly Run[],
  asked: readonly AskedStep[],
  level: ActionLevel,
  contextOf = level.of,
): { frequent: number; random: number; ngrams: number[]; best: boolean[]; distinct: number } {
  const good = learned.filter(({ outcome }) => outcome.success === true);
  const counts = new Map<string, number>();
  for (const action of good.flatMap(({ steps }) => steps.map(level.of)))
    counts.set(action, (counts.get(action) ?? 0) + 1);
  const frequent = mostFrequent(counts);
  const hits = (guess: Guess): boolean[] =>
    asked.map(({ run, done }) => {
      const step = run.steps[done];
      return !!step && guess(run.steps.slice(0, done).map(contextOf)) === level.of(step);
    });
  const rate = (hit: readonly boolean[]): number => mean(hit.map(Number));
  const ngrams = [2, 3, 4].map((n) => hits(ngram(good, n, level.of, contextOf)));
  const best = ngrams.toSorted((a, b) => rate(b) - rate(a))[0] ?? [];
  return {
    frequent: rate(hits(() => frequent)),
    random: 1 / Math.max(1, counts.size),
    ngrams: ngrams.map(rate),
    best,
    distinct: counts.size,
  };
}

/** The share that the first guess names, and its difference to the best n-gram, in pairs. */
export function accuracyOf(
  asked: readonly AskedStep[],
  best: readonly boolean[],
  level: ActionLevel,
): { accuracy: number; difference: Interval } {
  const pairs = asked.map(({ task, isHit }, i) => {
    const own = Number(isHit.get(level.name) ?? false);
    return { task, own, less: own - Number(best[i] ?? false) };
  });
  return {
    accuracy: mean(pairs.map(({ own }) => own)),
    difference: interval(
      pairs,
      ({ task }) => task,
      (drawn) => mean(drawn.map(({ less }) => less)),
    ),
  };
}

/** The row of a set in the table of next steps. */
export function nextStepRow(
  name: string,
  {
    learned,
    all,
    bare,
    level,
  }: {
    learned: readonly Run[];
    all: readonly AskedStep[];
    bare: readonly AskedStep[];
    level: ActionLevel;
  },
): (string | number)[] {
  const base = counting(learned, all, level);
  const [told, untold] = [accuracyOf(all, base.best, level), accuracyOf(bare, base.best, level)];
  const ofTools = counting(learned, bare, level, ({ tool }) => tool);
  return [
    base.distinct === 1 ? `${name} (one ${level.name})` : name,
    String(all.length),
    base.random,
    base.frequent,
    Math.max(...base.ngrams),
    told.accuracy,
    differenceText(told.difference),
    untold.accuracy,
    differenceText(untold.difference),
    Math.max(...ofTools.ngrams),
    differenceText(accuracyOf(bare, ofTools.best, level).difference),
  ];
}

/** The expected calibration error of what was said at a level, and of how much was said. */
export function calibrationOf(
  asked: readonly AskedStep[],
  level: ActionLevel,
): { error: number; count: number } {
  const said = asked.flatMap((one) => one.said.get(level.name) ?? []);
  return { error: calibrationError(said), count: said.length };
}
