/**
 * Predicts what the next action is: of each tool that probably comes next, what it is used for, and
 * where its parameters' values come from. By the steps of similar runs, the more so the more their
 * situation is the present one. Pure, and the same in whatever order episodes came.
 *
 * @module
 */

import {
  actionKey,
  actionName,
  leavesOf,
  TASK_SOURCE,
  valuesAt,
  type Leaf,
} from "../../actions/index.ts";
import { isError, isSuccess, worthOf } from "../episode/judgement.ts";
import type { PredictionBasis } from "../prediction/basis.ts";
import type { NextTool } from "../prediction/next-tools.ts";
import { taskSharpness } from "../similarity/task-sharpness.ts";
import { errorOfRecentStep } from "../texts/mask.ts";
import type { RecentStep } from "../patterns/definition.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import { plannedParameters, type PlannedParameter, type Use } from "./parameters.ts";

/** Episodes, the likest ones, and steps of one that are looked at. */
const EPISODES_MAX = 100;
const STEPS_MAX = 100;
/** Actions of an answer, and of one tool; one less probable is not told. */
const ACTIONS_MAX = 5;
const PROBABILITY_MIN = 0.03;
/** Uses of an action that its parameters are read from, those of most weight. */
const USES_MAX = 60;
/** Values that a source has in the present run, and answers that are read for them. */
const FOUND_MAX = 3;
const ANSWERS_MAX = 30;

/**
 * Logarithms of a step's weight: by the number of equal actions before it, 0…3; for the same result
 * and the same error before it. Chosen on SQL, shell and coding, on a quarter of the learned tasks.
 */
const KERNEL = { suffix: [0, 2.2, 3.4, 3.9], result: 1.4, error: 2.1 } as const;

/** A parameter, with what its source holds in the present run. */
export interface NextParameter extends PlannedParameter {
  /** Absent: it holds nothing, or is not known. */
  found?: string[];
}

export interface NextAction {
  /** The tool, and its key behind it. */
  action: string;
  tool: string;
  key: string | null;
  probability: number;
  parameters: NextParameter[];
}

/** A step of the present run. */
export type PresentStep = RecentStep;

interface Weighed {
  step: PathStep;
  digest: EpisodeDigest;
  weight: number;
  /** What the present run would do that repeats what this one repeats. */
  name: string;
  key: string | null;
}

/**
 * The likeliest first; of each tool its probability is shared by its actions.
 *
 * @param proposed the tool that the caller means to use: its likeliest action is named in any case
 */
export function predictNextActions(
  task: string,
  recent: readonly PresentStep[],
  basis: PredictionBasis,
  { tools, proposed }: { tools: readonly NextTool[]; proposed: string | null },
): NextAction[] {
  const present = new PresentRun(recent);
  const wanted = new Set(tools.map(({ tool }) => tool));
  const byTool = Map.groupBy(weighedSteps(task, present, basis, wanted), ({ step }) => step.tool);

  return tools
    .flatMap(({ tool, probability }) => {
      const own = byTool.get(tool) ?? [];
      const total = own.reduce((sum, { weight }) => sum + weight, 0);
      return [...Map.groupBy(own, ({ name }) => name)].map(([name, votes]) => {
        const weight = votes.reduce((sum, vote) => sum + vote.weight, 0);
        const key = votes[0]?.key ?? null;
        return { name, tool, key, votes, probability: (probability * weight) / total };
      });
    })
    .sort((a, b) => b.probability - a.probability || (a.name < b.name ? -1 : 1))
    .filter(
      ({ tool, probability }, i, all) =>
        (i < ACTIONS_MAX && probability >= PROBABILITY_MIN) ||
        (tool === proposed && all.findIndex((one) => one.tool === tool) === i),
    )
    .map(({ name, tool, key, probability, votes }): NextAction => ({
      action: name,
      tool,
      key,
      probability,
      parameters: present.located(
        plannedParameters(usesOf(votes), {
          isAvailable: (source) => present.isAvailable(source),
        }),
      ),
    }));
}

/** The steps of similar runs that use a tool that may come next. */
function weighedSteps(
  task: string,
  present: PresentRun,
  { episodes, kernel }: PredictionBasis,
  tools: ReadonlySet<string>,
): Weighed[] {
  const runs = episodes
    .slice(0, EPISODES_MAX)
    .map(({ digest }) => ({ task: digest.task, steps: stepsOf(digest, present, tools) }));
  const votes = runs.map((run) => ({ task: run.task, weights: summed(run.steps) }));
  const sharpness = taskSharpness(votes, kernel);
  return runs.flatMap((run) => {
    const alike = Math.exp(sharpness * kernel.similarity(task, run.task));
    return run.steps.map((step) => ({ ...step, weight: alike * step.weight }));
  });
}

/** The steps of a run that use one of these tools, as they weigh whatever its task is. */
function stepsOf(
  digest: EpisodeDigest,
  present: PresentRun,
  tools: ReadonlySet<string>,
): Weighed[] {
  const worth = worthOf(digest, 0.5);
  const { path } = digest;
  const names = path.slice(0, STEPS_MAX).map(({ tool, key: own }) => actionName(tool, own));
  const weighed: Weighed[] = [];
  for (let at = 0; at < Math.min(path.length, STEPS_MAX); at++) {
    const step = path[at];
    if (!step || !tools.has(step.tool)) continue;
    const weight = worth * Math.exp(present.likeness(path, names, at));
    // A run that does the same again says: the same again.
    const isAgain = at > 0 && names[at - 1] === names[at];
    const last = isAgain && present.lastTool === step.tool ? present.lastKey : undefined;
    const key = last === undefined ? (step.key ?? null) : last;
    weighed.push({ step, digest, weight, key, name: actionName(step.tool, key) });
  }
  return weighed;
}

function summed(steps: readonly Weighed[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { name, weight } of steps) weights.set(name, (weights.get(name) ?? 0) + weight);
  return weights;
}

/** Of successful runs, and of them those that worked, if there are any. */
function usesOf(votes: readonly Weighed[]): Use[] {
  const good = anyOf(votes, ({ digest }) => isSuccess(digest));
  return anyOf(good, ({ step }) => !isError(step.result))
    .toSorted((a, b) => b.weight - a.weight || (a.digest.episode_id < b.digest.episode_id ? -1 : 1))
    .slice(0, USES_MAX)
    .map(({ step, digest, weight }) => ({
      task: digest.task,
      weight,
      parameters: step.parameters ?? [],
    }));
}

/** Those that are so; all of them where none is. */
function anyOf<T>(all: readonly T[], isSo: (one: T) => boolean): readonly T[] {
  const some = all.filter(isSo);
  return some.length > 0 ? some : all;
}

/** Where the run stands that asks, and what its answers hold. */
class PresentRun {
  /** The tools and the actions taken; null: its parameters were not told. */
  readonly #toolsTaken: readonly string[];
  readonly #names: readonly (string | null)[];
  readonly #last: RecentStep | undefined;
  readonly #error: string | null;
  readonly #tools: ReadonlySet<string>;
  readonly #isTold: boolean;
  readonly #answers: readonly RecentStep[];
  readonly #values = new Map<string, string[]>();
  #leaves: { tool: string; leaves: Leaf[] }[] | null = null;
  /** undefined: it was not told. */
  readonly lastKey: string | null | undefined;

  constructor(recent: readonly RecentStep[]) {
    const keys = recent.map(({ tool, parameters }) =>
      parameters === undefined ? undefined : actionKey(tool, parameters),
    );
    this.#toolsTaken = recent.map(({ tool }) => tool);
    this.#names = recent.map(({ tool }, i) =>
      keys[i] === undefined ? null : actionName(tool, keys[i]),
    );
    this.#last = recent.at(-1);
    this.#error = this.#last ? errorOfRecentStep(this.#last) : null;
    this.#tools = new Set(this.#toolsTaken);
    this.#answers = recent
      .filter(({ message, result }) => message !== undefined && result !== "error")
      .slice(-ANSWERS_MAX);
    this.#isTold = this.#answers.length > 0;
    this.lastKey = keys.at(-1);
  }

  get lastTool(): string | undefined {
    return this.#last?.tool;
  }

  /** How much the situation before a step of another run is the present one, as a logarithm. */
  likeness(path: readonly PathStep[], names: readonly string[], at: number): number {
    const { suffix, result, error } = KERNEL;
    const before = at > 0 ? path[at - 1] : undefined;
    let log: number = suffix[this.#commonActions(path, names, at)] ?? 0;
    if (before && before.result === this.#last?.result) log += result;
    if (this.#error !== null && before?.error === this.#error) log += error;
    return log;
  }

  /** How many of the latest actions are those before this place; a common beginning counts in full. */
  #commonActions(path: readonly PathStep[], names: readonly string[], at: number): number {
    const most = KERNEL.suffix.length - 1;
    for (let common = 0; common < most; common++) {
      const [own, other] = [this.#names.length - 1 - common, at - 1 - common];
      if (own < 0 && other < 0) return most;
      if (own < 0 || other < 0) return common;
      const name = this.#names[own];
      // Of an action whose parameters were not told the tool is all that can be compared.
      const isSame =
        name === null ? this.#toolsTaken[own] === path[other]?.tool : name === names[other];
      if (!isSame) return common;
    }
    return most;
  }

  /** Whether a source has something here, as far as the present run is known. */
  isAvailable(source: string): boolean {
    if (source === TASK_SOURCE) return true;
    if (this.#isTold) return this.#found(source).length > 0;
    return [...this.#tools].some((tool) => source === tool || source.startsWith(`${tool}.`));
  }

  located(parameters: readonly PlannedParameter[]): NextParameter[] {
    return parameters.map((parameter) => {
      const found = parameter.source === undefined ? [] : this.#found(parameter.source);
      return found.length === 0 ? parameter : { ...parameter, found: found.slice(0, FOUND_MAX) };
    });
  }

  /** The values that a source has in the present run, the latest answers first. */
  #found(source: string): string[] {
    const known = this.#values.get(source);
    if (known) return known;
    this.#leaves ??= this.#answers.toReversed().map(({ tool, message }) => ({
      tool,
      leaves: leavesOf(message ?? ""),
    }));
    const values = this.#leaves.flatMap(({ tool, leaves }) => valuesAt(source, tool, leaves));
    const found = [...new Set(values)];
    this.#values.set(source, found);
    return found;
  }
}
