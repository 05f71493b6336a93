/**
 * Says where the values of an action's parameters come from, by what the runs did that took it: the
 * same value in most of them, the task's text, or a field of an earlier answer; else it is to be
 * asked for. Pure; linear in the uses and their parameters.
 *
 * @module
 */

import type { StepParameter } from "../types.ts";

/** An action as one run took it. */
export interface Use {
  /** The run's task: a value that only runs of one task have is that task's, and is not told. */
  task: string;
  weight: number;
  parameters: readonly StepParameter[];
}

/** A parameter of an action that is to be taken. */
export interface PlannedParameter {
  name: string;
  /** The same in most runs; absent: it differs. */
  value?: string;
  /** The task, or `tool.path`; `ask` where no run had it from anywhere. Absent: there is a value. */
  source?: string;
  /** Further sources, for runs that did not have it from the first. */
  or?: string[];
  /** Values that it may have, where these are few. */
  one_of?: string[];
  /** Share of the runs that had it so, by weight. */
  support: number;
}

/** What stands for a value that nothing told. */
const ASK = "ask";

/** Parameters that fewer of the runs had are left out; and how many are shown. */
const TAKEN_MIN = 0.4;
const PARAMETERS_MAX = 20;
/** Share of the runs that have a value alike, or had it from a source, so that it is shown. */
const CONSTANT_MIN = 0.6;
/** The same where runs had it from somewhere: then it is chosen, and only looks constant. */
const CHOSEN_CONSTANT_MIN = 0.8;
const SOURCE_MIN = 0.25;
/** What a further source must add. */
const FURTHER_MIN = 0.1;
const FURTHER_MAX = 2;
/** A parameter has few values when they are at most this many, each used this often on average. */
const VALUES_MAX = 5;
const USES_PER_VALUE = 3;

interface PlanOptions {
  /** Whether the present run can have a value from a source; by default it can. */
  isAvailable?: (source: string) => boolean;
  /** A value that runs had from somewhere is never told, however many had the same. */
  prefersSources?: boolean;
}

/** The parameters in the order in which they were told. */
export function plannedParameters(
  uses: readonly Use[],
  options: PlanOptions = {},
): PlannedParameter[] {
  const told = uses.filter(({ parameters }) => parameters.length > 0);
  const total = sumOf(told);
  if (total <= 0) return [];
  const byName = new Map<string, Had[]>();
  for (const { parameters, weight, task } of told) {
    for (const parameter of parameters) {
      const had = byName.get(parameter.name);
      const one = { weight, task, parameter };
      if (had) had.push(one);
      else byName.set(parameter.name, [one]);
    }
  }
  return [...byName]
    .filter(([, had]) => sumOf(had) >= TAKEN_MIN * total)
    .slice(0, PARAMETERS_MAX)
    .map(([name, had]) => planned(name, had, options));
}

/** How a run had a parameter. */
interface Had {
  task: string;
  weight: number;
  parameter: StepParameter;
}

function sumOf(items: readonly { weight: number }[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0);
}

function planned(
  name: string,
  had: readonly Had[],
  { isAvailable = () => true, prefersSources = false }: PlanOptions,
): PlannedParameter {
  const total = sumOf(had);
  const constant = constantOf(had, total);
  const [source, support] = bestSource(had, isAvailable);
  const share = support / total;
  const isSourced = share >= SOURCE_MIN;
  const least = isSourced ? CHOSEN_CONSTANT_MIN : CONSTANT_MIN;
  const isTold = constant !== null && constant.support >= least && !(isSourced && prefersSources);
  if (isTold) return { name, ...constant };

  const choices = fewValues(had);
  const one_of = choices.length > 0 ? { one_of: choices } : {};
  if (source === null || share < SOURCE_MIN) {
    const unsourced = had.filter(({ parameter }) => !parameter.from);
    return { name, source: ASK, ...one_of, support: sumOf(unsourced) / total };
  }
  const or = furtherSources(had, source, total, isAvailable);
  return { name, source, ...(or.length > 0 ? { or } : {}), ...one_of, support: share };
}

/** The value that most runs had, if those of most tasks had it, too. */
function constantOf(had: readonly Had[], total: number): { value: string; support: number } | null {
  const values = new Map<string, { weight: number; tasks: Set<string> }>();
  for (const { parameter, weight, task } of had) {
    if (parameter.value === undefined) continue;
    const own = values.get(parameter.value) ?? { weight: 0, tasks: new Set<string>() };
    own.weight += weight;
    own.tasks.add(task);
    values.set(parameter.value, own);
  }
  const least = Math.max(2, CONSTANT_MIN * new Set(had.map(({ task }) => task)).size);
  const [best] = [...values]
    .filter(([, { tasks }]) => tasks.size >= least)
    .sort(([a, x], [b, y]) => y.weight - x.weight || compare(a, b));
  return best ? { value: best[0], support: best[1].weight / total } : null;
}

/** The source that most runs had it from, the first named of those that do alike. */
function bestSource(
  had: readonly Had[],
  isAvailable: (source: string) => boolean,
): [source: string | null, weight: number] {
  const weights = new Map<string, number>();
  const ranks = new Map<string, number>();
  for (const { parameter, weight } of had) {
    for (const [rank, source] of (parameter.from ?? []).entries()) {
      if (!isAvailable(source)) continue;
      weights.set(source, (weights.get(source) ?? 0) + weight);
      ranks.set(source, (ranks.get(source) ?? 0) + weight * rank);
    }
  }
  const meanRank = (source: string): number =>
    (ranks.get(source) ?? 0) / (weights.get(source) ?? 1);
  const [best] = [...weights].sort(
    ([a, x], [b, y]) => y - x || meanRank(a) - meanRank(b) || compare(a, b),
  );
  return best ?? [null, 0];
}

/** Where runs had it from that did not have it from the first source. */
function furtherSources(
  had: readonly Had[],
  first: string,
  total: number,
  isAvailable: (source: string) => boolean,
): string[] {
  const sources = [first];
  for (;;) {
    const others = had.filter(
      ({ parameter }) => !parameter.from?.some((source) => sources.includes(source)),
    );
    const [source, weight] = bestSource(others, isAvailable);
    if (source === null || weight < FURTHER_MIN * total || sources.length > FURTHER_MAX)
      return sources.slice(1);
    sources.push(source);
  }
}

/** The values of a parameter that has few of them, the most frequent first; none: they are many. */
function fewValues(had: readonly Had[]): string[] {
  const tasks = new Map<string, Set<string>>();
  for (const { parameter, task } of had) {
    if (parameter.value === undefined) return [];
    tasks.set(parameter.value, (tasks.get(parameter.value) ?? new Set<string>()).add(task));
  }
  const isFew = tasks.size <= VALUES_MAX && had.length >= USES_PER_VALUE * tasks.size;
  const isShared = [...tasks.values()].every((own) => own.size > 1);
  if (!isFew || !isShared) return [];
  return [...tasks]
    .sort(([a, x], [b, y]) => y.size - x.size || compare(a, b))
    .map(([value]) => value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
