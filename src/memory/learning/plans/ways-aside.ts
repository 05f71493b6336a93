/**
 * Says what led out of the errors of an action in similar runs, where the steps that are told do
 * not: a way that few of them went, or one that was found after others had been tried in vain. Pure;
 * linear in what the runs did aside.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import type { PathStep } from "../types.ts";
import type { Attempt } from "./attempts.ts";
import { plannedParameters, type PlannedParameter } from "./parameters.ts";
import type { Run } from "./runs.ts";

/** Errors of an action, ways out of each, actions of a way, and attempts in vain that are told. */
const ERRORS_MAX = 3;
const WAYS_MAX = 2;
const ACTIONS_MAX = 6;
const IN_VAIN_MAX = 3;

/** A way out of an error. */
export interface WayAside {
  /** Masked. */
  error: string;
  actions: { tool: string; action: string; key?: string; parameters: PlannedParameter[] }[];
  /** The runs that it led out, in their order. */
  episodes: string[];
  /** Runs in which it was tried in vain. */
  in_vain: number;
  /** What else was tried in vain, and in how many runs. */
  did_not_help?: { action: string; episodes: number }[];
}

interface Seen {
  run: Run;
  attempt: Attempt;
  helped: readonly string[];
  inVain: ReadonlySet<string>;
}

/**
 * By the action that failed, the errors that most runs met first.
 *
 * @param told steps of the runs that are told anyway: a way that is among them needs no telling
 */
export function waysAside(
  runs: readonly Run[],
  told: ReadonlySet<PathStep>,
): Map<string, WayAside[]> {
  const seen = runs.flatMap((run) => run.attempts.map((attempt) => seenIn(run, attempt)));
  const known = new Set(seen.filter((one) => isTold(one, told)).map(keyOf));
  const isAside = (one: Seen): boolean => !known.has(keyOf(one)) || triedAside(one);
  const byAction = Map.groupBy(seen, ({ attempt }) => attempt.action);
  return new Map(
    [...byAction].map(([action, own]) => {
      const byError = Map.groupBy(own, ({ attempt }) => attempt.error);
      const shown = [...byError]
        .filter(([error, all]) => error !== null && all.some(isAside))
        .sort(([a, x], [b, y]) => countRuns(y) - countRuns(x) || compare(a ?? "", b ?? ""))
        .slice(0, ERRORS_MAX);
      return [action, shown.flatMap(([error, all]) => waysOutOf(error ?? "", all))];
    }),
  );
}

function seenIn(run: Run, attempt: Attempt): Seen {
  const namesAt = (places: readonly number[]): string[] => [
    ...new Set(stepsAt(run, places).map(nameOf)),
  ];
  return {
    run,
    attempt,
    helped: namesAt(attempt.helped),
    inVain: new Set(namesAt(attempt.inVain)),
  };
}

/** Whether all that helped is among the steps that are told. */
function isTold({ run, attempt }: Seen, told: ReadonlySet<PathStep>): boolean {
  return stepsAt(run, attempt.helped).every((step) => told.has(step));
}

function triedAside({ run, attempt }: Seen): boolean {
  return attempt.inVain.some((place) => run.aside.has(place));
}

/** Alike for runs that left the same error in the same way. */
function keyOf({ attempt: { action, error }, helped }: Seen): string {
  return JSON.stringify([action, error, helped]);
}

/** The ways that most runs went; what did not help stands with the first. */
function waysOutOf(error: string, seen: readonly Seen[]): WayAside[] {
  const runsInVain = new Map<string, Set<Run>>();
  for (const { run, inVain } of seen) {
    for (const name of inVain) runsInVain.set(name, (runsInVain.get(name) ?? new Set()).add(run));
  }
  const helpful = new Set(seen.flatMap(({ helped }) => helped));
  const others = [...runsInVain]
    .filter(([name]) => !helpful.has(name))
    .sort(([a, x], [b, y]) => y.size - x.size || compare(a, b))
    .slice(0, IN_VAIN_MAX)
    .map(([action, { size }]) => ({ action, episodes: size }));
  return [...Map.groupBy(seen, ({ helped }) => helped.join("\n"))]
    .sort(([a, x], [b, y]) => countRuns(y) - countRuns(x) || compare(a, b))
    .slice(0, WAYS_MAX)
    .map(([, own], at): WayAside => ({
      error,
      actions: actionsOf(own),
      episodes: [...new Set(own.map(({ run }) => run.digest.episode_id))],
      in_vain: Math.max(...(own[0]?.helped ?? []).map((name) => runsInVain.get(name)?.size ?? 0)),
      ...(at === 0 && others.length > 0 ? { did_not_help: others } : {}),
    }));
}

/** What was done on a way, each action once, with where the values of its parameters come from. */
function actionsOf(seen: readonly Seen[]): WayAside["actions"] {
  const uses = seen.flatMap(({ run, attempt }) =>
    stepsAt(run, attempt.helped).map((step) => ({ run, step })),
  );
  return [...Map.groupBy(uses, ({ step }) => nameOf(step))]
    .slice(0, ACTIONS_MAX)
    .flatMap(([action, own]) => {
      const [first] = own;
      if (!first) return [];
      const { tool, key } = first.step;
      const parameters = plannedParameters(
        own.map(({ run, step }) => ({
          task: run.digest.task,
          weight: run.weight,
          parameters: step.parameters ?? [],
        })),
      );
      return [{ tool, action, ...(key === undefined ? {} : { key }), parameters }];
    });
}

function stepsAt({ digest }: Run, places: readonly number[]): PathStep[] {
  return places.flatMap((place) => digest.path[place] ?? []);
}

function nameOf({ tool, key }: PathStep): string {
  return actionName(tool, key);
}

function countRuns(seen: readonly Seen[]): number {
  return new Set(seen.map(({ run }) => run)).size;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
