/**
 * Says under which visible condition runs took a step: that it was taken to leave an error, or, of
 * one that others did not take, that a call had failed before, or that a field of an earlier answer
 * had a value. Pure; linear in the runs' steps.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import type { EpisodeDigest } from "../types.ts";
import type { Attempt } from "./attempts.ts";
import type { Block, Run } from "./runs.ts";

/** Steps before a step that are looked at, the last ones. */
const STEPS_MAX = 100;
/** Runs on each side that a condition needs. */
const RUNS_MIN = 2;
/** Tasks whose runs took the step under it: what one task says is that task's. */
const TASKS_MIN = 2;
/** Share of the runs for which the condition holds that take the step, and of the others. */
const TAKEN_MIN = 0.75;
const OTHERWISE_MAX = 0.34;

/** Errors that are named of a step that led out of several. */
const ERRORS_MAX = 3;

/** A run, and before which of its steps it took the one that is asked about. */
export interface Branch {
  digest: EpisodeDigest;
  /** null: it did not take it; all of its steps say why. */
  at: number | null;
}

/**
 * The error that a step is for, in words, where all runs took it to leave one of the same action, or
 * took that action again with it. It is named where the action failed in other ways, too. null: they
 * took it for something else, or some did.
 *
 * @param takers the runs that took it, each with its own block
 */
export function errorLeft(
  takers: readonly { run: Run; block: Block }[],
  runs: readonly Run[],
): string | null {
  const each = takers.map(({ run, block: { at } }) =>
    run.attempts.filter(({ helped, to }) => to === at || helped.includes(at)),
  );
  const action = each[0]?.find((attempt) => each.every((own) => own.some(isOf(attempt))))?.action;
  if (action === undefined) return null;
  const left = new Set(
    each
      .flat()
      .filter(isOf({ action }))
      .map(({ error }) => error),
  );
  const isMetElsewhere = runs.some(({ digest: { path } }) =>
    path.some(
      ({ tool, key, result, error }) =>
        result === "error" && actionName(tool, key) === action && !left.has(error),
    ),
  );
  const named = [...left].flatMap((error) => (error === null ? [] : `"${error}"`)).sort();
  const isNamed = isMetElsewhere && named.length === left.size && named.length <= ERRORS_MAX;
  return isNamed ? `${action} failed with ${named.join(" or ")}` : `${action} failed`;
}

const isOf =
  ({ action }: Pick<Attempt, "action">) =>
  (attempt: Attempt): boolean =>
    attempt.action === action;

/** The condition that parts the runs best, in words; null: none does. */
export function conditionOf(branches: readonly Branch[]): string | null {
  const taken = branches.filter(({ at }) => at !== null);
  if (taken.length < RUNS_MIN || branches.length - taken.length < RUNS_MIN) return null;
  const holding = new Map<string, { taken: number; not: number; tasks: Set<string> }>();
  for (const { digest, at } of branches) {
    for (const condition of conditionsBefore(digest, at ?? digest.path.length)) {
      const counts = holding.get(condition) ?? { taken: 0, not: 0, tasks: new Set<string>() };
      counts[at === null ? "not" : "taken"] += 1;
      if (at !== null) counts.tasks.add(digest.task);
      holding.set(condition, counts);
    }
  }
  const others = branches.length - taken.length;
  const best = [...holding]
    .map(([condition, { taken: yes, not: no, tasks }]) => ({
      condition,
      isClear:
        tasks.size >= TASKS_MIN &&
        yes >= RUNS_MIN &&
        yes / (yes + no) >= TAKEN_MIN &&
        (taken.length - yes) / Math.max(1, taken.length - yes + others - no) <= OTHERWISE_MAX,
      parted: yes / taken.length - no / others,
    }))
    .filter(({ isClear }) => isClear)
    .sort((a, b) => b.parted - a.parted || (a.condition < b.condition ? -1 : 1));
  return best[0]?.condition ?? null;
}

/** What held when a run stood before a step: the last that each call and each field said. */
function conditionsBefore({ path }: EpisodeDigest, at: number): Set<string> {
  const fields = new Map<string, string>();
  const conditions = new Set<string>();
  for (const { tool, key, result, error, shown } of path.slice(Math.max(0, at - STEPS_MAX), at)) {
    if (result === "error") {
      const failed = `${actionName(tool, key)} failed`;
      conditions.add(failed);
      if (error !== null) conditions.add(`${failed} with "${error}"`);
    }
    for (const { name, value } of shown ?? []) fields.set(`${tool}.${name}`, value);
  }
  for (const [field, value] of fields) conditions.add(`${field} is ${value}`);
  return conditions;
}
