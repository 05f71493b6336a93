/**
 * Judges the tools that may come next by what became of the runs that chose them here: which did
 * worse than their tasks and their length let expect, and which have stopped working. Computed from
 * the similar episodes when it is asked, so that nothing has to be kept in step or taken back. Pure;
 * the work is in proportion to the steps, a hundred of each episode.
 *
 * @module
 */

import type { ResultClass } from "../../../contract/vocabulary.ts";
import { isError, isFailure } from "../episode/judgement.ts";
import { changeIn, type Change, type Uses } from "../evidence/change.ts";
import type { JudgedUses } from "../evidence/pattern-view.ts";
import type { Detour } from "../plans/detours.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import type { PredictionBasis, Situation } from "./basis.ts";
import {
  compared,
  outcomeOf,
  type ExpectedOutcomes,
  isClearlyWorse,
  type Standing,
} from "./expected-outcomes.ts";

/** Steps of one episode that are looked at. */
const STEPS_MAX = 100;
/** Runs that made a choice, below which nothing is said of it. */
const RUNS_MIN = 3;
/** Standard errors by which they did worse than expected: several choices are looked at. */
const ERRORS_MIN = 2.5;
/** Worse than all runs by at least this much: a first look. */
const BELOW_ALL_MIN = 0.1;
/** Failures in a row that are worth a word where nothing is known to have changed. */
const ROW_MIN = 2;
/** Episodes that are named as evidence. */
const NAMED_EPISODES_MAX = 3;

/** What is said of a tool that may come next. */
export interface JudgedChoice {
  tool: string;
  /**
   * changed: it worked and has stopped. vain: it never worked, and the runs did without it. worse:
   * runs that chose it here did worse than expected.
   */
  verdict: "changed" | "vain" | "worse" | "noted";
  /** For a person, with its figures. */
  why: string;
  /** How much worse, or how surely: the strongest first in an answer. */
  weight: number;
  /** The runs that say so, the newest first, at most three. */
  episodes: string[];
}

/** A run that chose a tool where the agent stands now. */
interface Choice extends Standing {
  step: PathStep;
}

const UNJUDGED: JudgedUses = { helpful: 0, unhelpful: 0 };

/**
 * The tools that there is something to say of, each once, the gravest first.
 *
 * @param judgedUses how warnings of a tool here were judged: a helpful one is a failure more, an
 *   unhelpful one a success
 */
export function judgeChoices(
  situation: Situation,
  { expected, detours }: Pick<PredictionBasis, "expected" | "detours">,
  judgedUses: ReadonlyMap<string, JudgedUses> = new Map(),
): JudgedChoice[] {
  const chosen = choicesHere(expected.runs, situation);
  const byTool = new Map<string, JudgedChoice>();
  for (const [tool, choices] of chosen) {
    const worse = worseThanExpected(tool, choices, expected, judgedUses.get(tool));
    if (worse) byTool.set(tool, worse);
  }

  // What works in the present run has not stopped, and is not in vain.
  const working = new Set(
    situation.recent.flatMap(({ tool, result }) => (result === "success" ? tool : [])),
  );
  const used = usesByTool(expected.runs.toSorted((a, b) => a.ended_at - b.ended_at));
  for (const tool of new Set([...chosen.keys(), ...used.keys()])) {
    const judgedUse = judgedUses.get(tool);
    const here = stopped(tool, (chosen.get(tool) ?? []).map(asUse), "after this step", judgedUse);
    const uses = working.has(tool) ? [] : (used.get(tool) ?? []);
    const anywhere = stopped(tool, uses, "", judgedUse);
    const judged = [here, anywhere].filter((one) => one !== null).sort(gravestFirst)[0];
    if (judged && (judged.verdict === "changed" || !byTool.has(tool))) byTool.set(tool, judged);
  }
  for (const detour of detours.values())
    if (!working.has(detour.tool)) byTool.set(detour.tool, inVain(detour));
  return [...byTool.values()].sort(gravestFirst);
}

const GRAVITY = { changed: 3, vain: 2, worse: 1, noted: 0 } as const;

function inVain({ tool, episodes, wayOut }: Detour): JudgedChoice {
  const { length } = episodes;
  const runs = length === 1 ? "the similar run" : `all ${length} similar runs`;
  const instead = wayOut === null ? "" : `; ${wayOut} worked then`;
  const why = `it failed in ${runs} that tried it${instead}`;
  const named = episodes.slice(0, NAMED_EPISODES_MAX);
  return { tool, verdict: "vain", why, weight: length, episodes: named };
}

function gravestFirst(a: JudgedChoice, b: JudgedChoice): number {
  return (
    GRAVITY[b.verdict] - GRAVITY[a.verdict] || b.weight - a.weight || (a.tool < b.tool ? -1 : 1)
  );
}

/**
 * What each run chose after the step that was the last one here, once a tool: where it was about as
 * far as the present run is.
 */
function choicesHere(runs: readonly EpisodeDigest[], { recent }: Situation): Map<string, Choice[]> {
  const last = recent.at(-1);
  const byTool = new Map<string, Choice[]>();
  for (const run of runs) {
    const own = new Map<string, Choice>();
    for (const [at, step] of run.path.slice(0, STEPS_MAX).entries()) {
      if (!isSameBefore(last, run.path[at - 1])) continue;
      const known = own.get(step.tool);
      const isNearer = !known || Math.abs(at - recent.length) < Math.abs(known.at - recent.length);
      if (isNearer) own.set(step.tool, { run, at, step });
    }
    for (const [tool, choice] of own) {
      const choices = byTool.get(tool) ?? [];
      choices.push(choice);
      byTool.set(tool, choices);
    }
  }
  return byTool;
}

/** Whether a step of a run followed what the present run ends with; both may have just begun. */
function isSameBefore(
  last: { tool: string; result: ResultClass } | undefined,
  before: PathStep | undefined,
): boolean {
  if (!last || !before) return !last && !before;
  return last.tool === before.tool && (last.result === "unknown" || last.result === before.result);
}

/** null: what became of them is what was to be expected, or there are too few. */
function worseThanExpected(
  tool: string,
  choices: readonly Choice[],
  expected: ExpectedOutcomes,
  { helpful, unhelpful }: JudgedUses = UNJUDGED,
): JudgedChoice | null {
  const isWorthAsking = choices.length >= RUNS_MIN && isBelowAll(choices, expected);
  const comparison = isWorthAsking ? compared(choices, expected) : null;
  if (!comparison) return null;
  const { runs, success, expected: hoped, variance } = comparison;
  const usual = hoped / runs;
  const uses = helpful + unhelpful;
  const withJudged = {
    runs: runs + uses,
    success: success + unhelpful,
    expected: hoped + uses * usual,
    variance: variance + uses * usual * (1 - usual),
  };
  if (!isClearlyWorse(withJudged, ERRORS_MIN)) return null;

  const percent = (sum: number): string => `${Math.round((100 * sum) / runs)} %`;
  const why = `of ${runs} runs that chose it here ${percent(success)} succeeded, of runs of such tasks that came as far ${percent(hoped)}`;
  const failed = choices.filter(({ run }) => isFailure(run)).map(asUse);
  return { tool, verdict: "worse", why, weight: usual - success / runs, episodes: newest(failed) };
}

/** Whether the runs did worse than all that came as far: most did not, and cost no comparison. */
function isBelowAll(choices: readonly Choice[], expected: ExpectedOutcomes): boolean {
  let loss = 0;
  for (const { run, at } of choices) loss += (expected.overall(at) ?? 0) - outcomeOf(run);
  return loss >= BELOW_ALL_MIN * choices.length;
}

/** A use of a tool in a run, and whether it came to nothing. */
interface Use {
  run: EpisodeDigest;
  hasFailed: boolean;
}

function asUse({ run, step }: Choice): Use {
  return { run, hasFailed: isError(step.result) || isFailure(run) };
}

/** How the last use of each tool ended in each run that tells it, in the order of the runs. */
function usesByTool(runs: readonly EpisodeDigest[]): Map<string, Use[]> {
  const byTool = new Map<string, Use[]>();
  for (const run of runs) {
    const last = new Map<string, ResultClass>();
    for (const { tool, result } of run.path.slice(0, STEPS_MAX))
      if (result !== "unknown") last.set(tool, result);
    for (const [tool, result] of last) {
      const uses = byTool.get(tool) ?? [];
      uses.push({ run, hasFailed: isError(result) });
      byTool.set(tool, uses);
    }
  }
  return byTool;
}

/** null: there is nothing to say. @param where it was used, in words; "": anywhere */
function stopped(
  tool: string,
  uses: readonly Use[],
  where: string,
  { helpful, unhelpful }: JudgedUses = UNJUDGED,
): JudgedChoice | null {
  const change = changeIn([...inTime(uses), { success: unhelpful, failure: helpful }]);
  const { hasChanged, failuresInRow, successesBefore } = change;
  if (!hasChanged && (failuresInRow < ROW_MIN || successesBefore === 0)) return null;

  const episodes = newest(uses.filter(({ hasFailed }) => hasFailed));
  const why = inWords(change, where);
  return { tool, verdict: hasChanged ? "changed" : "noted", why, weight: failuresInRow, episodes };
}

function inWords({ hasChanged, failuresInRow, successesBefore }: Change, where: string): string {
  const place = where === "" ? "" : ` ${where}`;
  const before = `it had worked ${successesBefore} ${successesBefore === 1 ? "time" : "times"}`;
  if (failuresInRow >= ROW_MIN)
    return `failed the last ${failuresInRow} times${place}; ${before}${hasChanged ? " and has stopped working" : ""}`;
  return `fails most of the time of late${place}; ${before}`;
}

/** Uses of one time together: there is no order among them. */
function inTime(uses: readonly Use[]): Uses[] {
  const sums: Uses[] = [];
  let time: number | null = null;
  let sum = { success: 0, failure: 0 };
  for (const { run, hasFailed } of uses.toSorted((a, b) => a.run.ended_at - b.run.ended_at)) {
    if (run.ended_at !== time) sums.push((sum = { success: 0, failure: 0 }));
    time = run.ended_at;
    if (hasFailed) sum.failure += 1;
    else sum.success += 1;
  }
  return sums;
}

function newest(uses: readonly Use[]): string[] {
  return uses
    .map(({ run }) => run)
    .toSorted((a, b) => b.ended_at - a.ended_at || (a.episode_id < b.episode_id ? -1 : 1))
    .slice(0, NAMED_EPISODES_MAX)
    .map(({ episode_id }) => episode_id);
}
