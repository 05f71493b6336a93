/**
 * Tells the line that runs took from what they did aside, between the failure of an action and the
 * next time that they took it: what led out of the error, and what was tried in vain before. What
 * most runs do is of the line, whatever it was done for. Pure; linear in the steps of the runs, a
 * hundred of each.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import { isError } from "../episode/judgement.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";

/** Steps of one run that are looked at. */
const STEPS_MAX = 100;
/** An action that is taken again later than so many steps after its failure is begun anew. */
const RETRY_STEPS_MAX = 8;

/** What a run did from the failure of an action until the failure was gone. */
export interface Attempt {
  /** The action that failed, and the last failure of it. */
  action: string;
  error: string | null;
  /** Where it was taken again, and worked or failed in another way. */
  to: number;
  /** Places of steps: of those that led there, and of those that were tried before in vain. */
  helped: readonly number[];
  inVain: readonly number[];
}

/** A run, and what of its steps is not of the line. */
export interface LinedRun {
  attempts: readonly Attempt[];
  /** Places of steps aside. */
  aside: ReadonlySet<number>;
  /** Places of steps that are taken again after a way out that is of the line in other runs. */
  again: ReadonlySet<number>;
}

const nameOf = ({ tool, key }: Pick<PathStep, "tool" | "key">): string => actionName(tool, key);

/** Of each run, in their order. */
export function linesOf(runs: readonly EpisodeDigest[]): LinedRun[] {
  const attempted = runs.map(({ path }) => ({ path, attempts: attemptsIn(path) }));
  const useful = new Map<string, number>();
  for (const { path, attempts } of attempted) {
    const inVain = new Set(attempts.flatMap((one) => one.inVain));
    const names = path.filter((_, at) => !inVain.has(at)).map(nameOf);
    for (const name of new Set(names)) useful.set(name, (useful.get(name) ?? 0) + 1);
  }

  const isOfLine = (path: readonly PathStep[], at: number): boolean => {
    const step = path[at];
    return step !== undefined && 2 * (useful.get(nameOf(step)) ?? 0) > runs.length;
  };
  const mended = new Set(
    attempted.flatMap(({ path, attempts }) =>
      attempts.filter((one) => one.helped.some((at) => isOfLine(path, at))).map(keyOf),
    ),
  );
  return attempted.map(({ path, attempts }) => ({
    attempts,
    aside: new Set(
      attempts
        .flatMap(({ helped, inVain }) => [...helped, ...inVain])
        .filter((at) => !isOfLine(path, at)),
    ),
    again: new Set(attempts.filter((one) => mended.has(keyOf(one))).map(({ to }) => to)),
  }));
}

const keyOf = ({ action }: Attempt): string => action;

/**
 * Places of steps that a run which failed took to leave an error, whether that led out of it or not:
 * what led out is for that error alone, and the run tells nothing of its line.
 */
export function placesAside({ path }: EpisodeDigest): Set<number> {
  const { attempts, unhelped } = triesIn(path);
  return new Set([
    ...attempts.flatMap(({ helped, inVain }) => [...helped, ...inVain]),
    ...unhelped,
  ]);
}

/** Only where something led out of the error: else nothing tells what was in vain. */
function attemptsIn(path: readonly PathStep[]): Attempt[] {
  return triesIn(path).attempts;
}

/** And what was done between failures of an action alike that nothing led out of. */
function triesIn(path: readonly PathStep[]): { attempts: Attempt[]; unhelped: number[] } {
  const names = path.slice(0, STEPS_MAX).map(nameOf);
  const attempts: Attempt[] = [];
  const unhelped: number[] = [];
  const failedAgain = new Map<string, number[]>();
  for (const [at, action] of names.entries()) {
    const failed = path[at];
    if (!failed || !isError(failed.result)) continue;
    const before = failedAgain.get(action) ?? [];
    failedAgain.delete(action);
    const to = names.indexOf(action, at + 1);
    const next = path[to];
    if (!next || to > at + RETRY_STEPS_MAX) {
      unhelped.push(...before);
      continue;
    }

    const between = placesBetween(at, to);
    if (isError(next.result) && next.error === failed.error) {
      failedAgain.set(action, [...before, ...between]);
      continue;
    }
    if (!isSameCall(failed, next)) continue;
    const worked = new Set(
      between.filter((place) => !failedAt(path, place)).map((place) => names[place]),
    );
    if (worked.size === 0) continue;
    const all = [...before, ...between];
    const [helped, inVain] = [true, false].map((isHelp) =>
      all.filter((place) => worked.has(names[place]) === isHelp),
    );
    attempts.push({ action, error: failed.error, to, helped: helped ?? [], inVain: inVain ?? [] });
  }
  return { attempts, unhelped };
}

/**
 * Whether an action was taken again as it was. Of one that its tool alone names that is not so with
 * other parameters: then it is these that mended it, and what was done in between need not have.
 */
function isSameCall(failed: PathStep, next: PathStep): boolean {
  const called = ({ parameters = [] }: PathStep): string =>
    JSON.stringify(parameters.map(({ name, value = null }) => [name, value]));
  return failed.key !== undefined || called(failed) === called(next);
}

function failedAt(path: readonly PathStep[], place: number): boolean {
  const step = path[place];
  return step === undefined || isError(step.result);
}

function placesBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from - 1 }, (_, i) => from + 1 + i);
}
