/**
 * Makes a playbook: the path that similar successful episodes agree on, with where the values of
 * each step come from, and with what went wrong for those that failed. The path is that of one of
 * them, the one that the others are most like; steps that few others take, or whose tool the task
 * hardly uses, are left out, and tools that it probably uses are put in. No step stands before
 * another where runs had only the other order, and the last is one that a run ended with. What few
 * runs did to leave an error stands with the step that met it. It holds no text of another task. Pure.
 *
 * @module
 */

import type { PlaybookView } from "../../../contract/recall/playbook.ts";
import { actionKey, actionName } from "../../actions/index.ts";
import { wilsonInterval } from "../../statistics.ts";
import { isError, isFailure } from "../episode/judgement.ts";
import type { RecentStep } from "../patterns/definition.ts";
import type { PathStep, StepParameter } from "../types.ts";
import { placesAside } from "../plans/attempts.ts";
import { conditionOf, errorLeft } from "../plans/conditions.ts";
import type { Detour } from "../plans/detours.ts";
import { lineWith, PROBABILITY_MIN } from "../plans/line.ts";
import { plannedParameters, type PlannedParameter, type Use } from "../plans/parameters.ts";
import { pitfallsByTool, type Pitfall } from "../plans/pitfalls.ts";
import {
  blocksOf,
  NO_LINE,
  successfulRuns,
  type Block,
  type NameOf,
  type Run,
} from "../plans/runs.ts";
import { waysAside, type WayAside } from "../plans/ways-aside.ts";
import { alignedAfter, commonSteps, RunSimilarities } from "../similarity/alignment.ts";
import type { SimilarEpisode } from "./basis.ts";
import type { ExpectedTool } from "./expected-tools.ts";

/** A step that a smaller weighted share of the runs takes is left out. */
const SUPPORT_MIN = 0.34;
/** Share of the runs that take an action several times in a row, so that it is a loop. */
const LOOP_MIN = 0.4;
/** Actions that were tried in vain, of an answer. */
const DETOURS_MAX = 5;

/** A block of the backbone, and how the runs support it. */
interface Entry {
  block: Block;
  /** The runs that take it, each with its own block. */
  takers: { run: Run; block: Block }[];
  /** Of the runs, by weight. */
  share: number;
}

type PlaybookStep = PlaybookView["steps"][number];

export interface PlaybookQuestion {
  task: string;
  /** Steps of the present run, oldest first. */
  recent: readonly RecentStep[];
  /** For others than these runs: a value that they had from somewhere is not told, only where from. */
  prefersSources?: boolean;
}

/**
 * null when no similar episode succeeded.
 *
 * @param expected the tools that a run of the task probably uses; none: nothing is known of them
 */
export function makePlaybook(
  { task, recent, prefersSources = false }: PlaybookQuestion,
  similar: readonly SimilarEpisode[],
  expected: readonly ExpectedTool[],
  now: number,
): PlaybookView | null {
  const { runs, nameOf, detours } = successfulRuns(similar, expected, now);
  const backbone = medoid(runs);
  if (!backbone) return null;

  const probabilities = new Map(expected.map(({ tool, probability }) => [tool, probability]));
  const others = otherRuns(similar, runs, nameOf, detours);
  const entries = entriesOf(lineWith(backbone, { runs, others }, expected), runs);
  const failures = similar.filter(({ digest }) => isFailure(digest)).length;
  const foremost = foremostOfTools(entries, probabilities);
  const told = withEnd(
    entries.filter(
      (entry) =>
        foremost.has(entry) ||
        (entry.share >= SUPPORT_MIN && isProbable(entry.block, probabilities)),
    ),
    entries,
    runs,
  );
  const ways = waysAside(
    runs,
    new Set(told.flatMap(({ takers }) => takers.flatMap(({ block }) => block.steps))),
  );
  const { position, matched } = positionIn(entries, recent, { nameOf, runs, ways });
  const agreement =
    entries.reduce((sum, { share }) => sum + share, 0) / Math.max(1, entries.length);
  const kept = told.filter((entry) => entries.indexOf(entry) >= position);

  return {
    id: `pb-${backbone.digest.episode_id}`,
    task,
    steps: playbookSteps(kept, runs, {
      pitfalls: pitfallsByTool(similar.map(({ digest }) => digest)),
      ways,
      prefersSources,
    }),
    confidence: wilsonInterval(runs.length, runs.length + failures)[0] * agreement,
    based_on: runs.map((run) => run.digest.episode_id),
    when_not_to_apply: caveats(similar.length, failures, runs.length, {
      isElsewhere: recent.length > 0 && matched === 0,
    }),
    continues_after: recent.length > 0 ? position : 0,
    ...(detours.size === 0 ? {} : { detours: detoursShown(detours) }),
  };
}

/** What most runs tried in vain, the most frequent first. */
function detoursShown(detours: ReadonlyMap<string, Detour>): PlaybookView["detours"] {
  return [...detours.values()]
    .sort((a, b) => b.episodes.length - a.episodes.length || (a.action < b.action ? -1 : 1))
    .slice(0, DETOURS_MAX)
    .map(({ tool, action, episodes, wayOut }) => ({
      tool,
      action,
      episodes,
      ...(wayOut === null ? {} : { way_out: wayOut }),
    }));
}

/** The run that the others are most like. */
function medoid(runs: readonly Run[]): Run | null {
  const similarities = new RunSimilarities();
  let best: Run | null = null;
  let highest = -1;
  for (const run of runs) {
    const score =
      run.weight *
      runs.reduce((sum, other) => sum + other.weight * similarities.of(run.names, other.names), 0);
    if (score > highest) {
      best = run;
      highest = score;
    }
  }
  return best;
}

function otherRuns(
  similar: readonly SimilarEpisode[],
  runs: readonly Run[],
  nameOf: NameOf,
  detours: ReadonlyMap<string, Detour>,
): Run[] {
  const taken = new Set(runs.map(({ digest }) => digest));
  return similar
    .filter(({ digest }) => !taken.has(digest))
    .map(({ digest, similarity: weight }): Run => {
      const aside = placesAside(digest);
      const isLeftOut = (step: PathStep, at: number): boolean =>
        detours.has(nameOf(step)) || aside.has(at);
      const blocks = blocksOf(digest.path, nameOf, { isLeftOut, again: NO_LINE.again });
      return { digest, weight, ...NO_LINE, blocks, names: blocks.map(({ name }) => name) };
    });
}

/**
 * The entries that are told, and behind them one that a run ended with, where the last of them is
 * none: of those that there are, the one that most runs take.
 */
function withEnd(told: readonly Entry[], entries: readonly Entry[], runs: readonly Run[]): Entry[] {
  const ends = new Set(runs.map(({ names }) => names.at(-1)));
  const last = told.at(-1);
  if (last && ends.has(last.block.name)) return [...told];
  const [end] = entries
    .slice(last ? entries.indexOf(last) + 1 : 0)
    .filter(({ block }) => ends.has(block.name))
    .sort((a, b) => b.share - a.share);
  return end ? [...told, end] : [...told];
}

function entriesOf(blocks: readonly Block[], runs: readonly Run[]): Entry[] {
  const total = runs.reduce((sum, { weight }) => sum + weight, 0);
  const names = blocks.map(({ name }) => name);
  const entries = blocks.map((block): Entry => ({ block, takers: [], share: 0 }));
  for (const run of runs) {
    for (const [i, j] of commonSteps(names, run.names)) {
      const block = run.blocks[j];
      const entry = entries[i];
      if (!entry || !block) continue;
      entry.takers.push({ run, block });
      entry.share = Math.min(1, entry.share + run.weight / total);
    }
  }
  return entries;
}

function isProbable({ steps }: Block, probabilities: ReadonlyMap<string, number>): boolean {
  return (probabilities.get(steps[0]?.tool ?? "") ?? 1) >= PROBABILITY_MIN;
}

/** Of each tool that the task probably uses, the block that most runs take. */
function foremostOfTools(
  entries: readonly Entry[],
  probabilities: ReadonlyMap<string, number>,
): Set<Entry> {
  const foremost = new Map<string, Entry>();
  for (const entry of entries) {
    const tool = entry.block.steps[0]?.tool ?? "";
    if ((probabilities.get(tool) ?? 0) < PROBABILITY_MIN) continue;
    if (entry.share > (foremost.get(tool)?.share ?? -1)) foremost.set(tool, entry);
  }
  return new Set(foremost.values());
}

interface Known {
  nameOf: NameOf;
  runs: readonly Run[];
  ways: ReadonlyMap<string, readonly WayAside[]>;
}

/**
 * Where in the path the present run stands, without what it did aside as others did. An action that
 * failed, and has a way out that is not of the path, is still to be taken.
 */
function positionIn(
  entries: readonly Entry[],
  recent: readonly RecentStep[],
  { nameOf, runs, ways }: Known,
): { position: number; matched: number } {
  const line = entries.map(({ block }) => block.name);
  const aside = actionsAside(runs);
  const steps = recent
    .map(({ tool, parameters, result }) => {
      const key = actionKey(tool, parameters);
      return { tool, result, ...(key === null ? {} : { key }) };
    })
    .filter((step) => line.includes(nameOf(step)) || !aside.has(actionName(step.tool, step.key)));
  const names = steps.map(nameOf).filter((name, i, all) => name !== all[i - 1]);
  const { position, matched } = alignedAfter(line, names);
  const last = steps.at(-1);
  const isOpen =
    position > 0 &&
    last !== undefined &&
    isError(last.result) &&
    (ways.get(actionName(last.tool, last.key)) ?? []).length > 0;
  return { position: isOpen ? position - 1 : position, matched };
}

function actionsAside(runs: readonly Run[]): Set<string> {
  return new Set(
    runs.flatMap(({ digest, aside }) =>
      [...aside].flatMap((at) => {
        const step = digest.path[at];
        return step ? actionName(step.tool, step.key) : [];
      }),
    ),
  );
}

interface StepOptions {
  pitfalls: ReadonlyMap<string, Pitfall[]>;
  /** By action. */
  ways: ReadonlyMap<string, WayAside[]>;
  prefersSources: boolean;
}

function playbookSteps(
  entries: readonly Entry[],
  runs: readonly Run[],
  { pitfalls, ways, prefersSources }: StepOptions,
): PlaybookStep[] {
  const warned = new Set<string>();
  const left = new Map(ways);
  return entries.map((entry, i): PlaybookStep => {
    const [first] = entry.block.steps;
    const tool = first?.tool ?? "";
    const own = warned.has(tool) ? [] : (pitfalls.get(tool) ?? []);
    warned.add(tool);
    const step = { order: i + 1, ...playbookStep(entry, runs, prefersSources), pitfalls: own };
    const ways_out = left.get(entry.block.name) ?? [];
    left.delete(entry.block.name);
    return ways_out.length === 0 ? step : { ...step, ways_out };
  });
}

function playbookStep(
  { block, takers, share }: Entry,
  runs: readonly Run[],
  prefersSources: boolean,
): Omit<PlaybookStep, "order" | "pitfalls"> {
  const [first] = block.steps;
  const tool = first?.tool ?? "";
  const key = block.name === tool ? undefined : first?.key;
  const steps = takers.flatMap((taker) => taker.block.steps);
  const judged = steps.filter(({ result }) => result !== "unknown").length;
  const succeeded = steps.filter(({ result }) => result === "success").length;
  const success_rate = judged === 0 ? null : succeeded / judged;
  const parameters = plannedParameters(usesOf({ block, takers }), { prefersSources });
  const loop = loopOver(takers, parameters);
  const takenAt = new Map(takers.map(({ run, block: own }) => [run, own.at]));
  const when =
    errorLeft(takers, runs) ??
    conditionOf(runs.map((run) => ({ digest: run.digest, at: takenAt.get(run) ?? null })));
  return {
    tool,
    action: block.name,
    ...(key === undefined ? {} : { key }),
    parameters,
    ...(when === null ? {} : { when }),
    ...(loop === null ? {} : { for_each: loop }),
    support: share,
    success_rate,
    expected:
      success_rate === null ? null : success_rate >= 0.5 ? "success" : "an error is common here",
    episodes: takers.map(({ run }) => run.digest.episode_id),
  };
}

/**
 * What the step's parameters are told by: the calls that did not fail. Where there are none a value
 * may be what was wrong with them, and only where it came from is told; that is so, too, of a step
 * that no run but a failed one took.
 */
function usesOf({ block, takers }: Pick<Entry, "block" | "takers">): Use[] {
  const useOf = (run: Run | null, steps: number, step: PathStep): Use => ({
    task: run?.digest.task ?? "",
    weight: (run?.weight ?? 1) / steps,
    parameters: step.parameters ?? [],
  });
  const worked = takers.flatMap(({ run, block: { steps } }) =>
    steps.filter(({ result }) => !isError(result)).map((step) => useOf(run, steps.length, step)),
  );
  if (worked.length > 0) return worked;
  const all = takers.length > 0 ? takers : [{ run: null, block }];
  return all
    .flatMap(({ run, block: { steps } }) => steps.map((step) => useOf(run, steps.length, step)))
    .map((use) => ({ ...use, parameters: use.parameters.map(withoutValue) }));
}

function withoutValue({ value: _value, ...parameter }: StepParameter): StepParameter {
  return parameter;
}

/** What an action is taken for each of, where it is taken several times in a row; null: it is not. */
function loopOver(takers: Entry["takers"], parameters: readonly PlannedParameter[]): string | null {
  const weightOf = (some: Entry["takers"]): number =>
    some.reduce((sum, { run }) => sum + run.weight, 0);
  // An action that is taken again because it failed is not taken for something else.
  const repeating = takers.filter(
    ({ block }) => block.steps.filter(({ result }) => !isError(result)).length > 1,
  );
  if (weightOf(repeating) < LOOP_MIN * weightOf(takers)) return null;
  // A source that has many values, of a parameter that takes one.
  const over = parameters.find(
    ({ name, source }) => !name.includes("[]") && source !== undefined && /\[\]|\*/.test(source),
  );
  return over?.source ?? null;
}

/** @param isElsewhere whether none of the recent steps is on the path */
function caveats(
  similar: number,
  failed: number,
  successful: number,
  { isElsewhere }: { isElsewhere: boolean },
): string[] {
  const sentences: string[] = [];
  if (failed > 0) sentences.push(`${failed} of ${similar} similar episodes failed.`);
  if (successful === 1)
    sentences.push("Only one similar episode succeeded; take it as an example, not a rule.");
  if (isElsewhere) sentences.push("The steps taken so far do not occur in it.");
  return sentences;
}
