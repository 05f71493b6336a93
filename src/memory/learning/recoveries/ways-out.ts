/**
 * Chooses the ways out of an error that are shown: of the recoveries from errors like it those that
 * share what mended them are one, and what they did is shown with the parameters that matter, with how
 * often it worked and what was tried in vain. Pure; bounded by the recoveries that it is given.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { TASK_SOURCE } from "../../actions/index.ts";
import { isError } from "../episode/judgement.ts";
import type { EpisodeDigest, PathStep, PatternRow } from "../types.ts";
import { likeness, LIKENESS_MIN } from "./likeness.ts";
import { nameOf, windowIn, type Window } from "./windows.ts";

/** Recoveries that are looked at, and episodes of each. */
const RECOVERIES_MAX = 40;
const EPISODES_MAX = 5;
/** Actions in vain, and parameters of an action, that are shown. */
const IN_VAIN_MAX = 3;
const PARAMETERS_MAX = 6;
/** A parameter that most runs did not have alike says nothing. */
const SUPPORT_MIN = 0.5;
/** The same of one that runs had from what they were answered. */
const CHOSEN_SUPPORT_MIN = 0.8;
/** How much more a likelier error counts: an error of the very template outweighs others. */
const LIKENESS_EXPONENT = 3;

/** A pattern of the kind `error_recovery`. */
export interface Recovery {
  row: PatternRow;
  content: ContentOf<"error_recovery">;
}

/** A parameter as the runs had it. */
export interface ToldParameter {
  name: string;
  value: string;
  /** Share of the runs that had this value; of a value that differs it is that of one. */
  support: number;
}

export interface ToldAction {
  action: string;
  tool: string;
  key: string | null;
  parameters: ToldParameter[];
}

export interface WayOut extends Recovery {
  likeness: number;
  actions: ToldAction[];
  /** The action that stands out among those that were done. */
  mended_by: string;
  /** Episodes in which it led out, and in which it was tried and did not. */
  worked: number;
  in_vain: number;
  /** Other actions that were tried in vain, and in how many episodes. */
  did_not_help: { action: string; episodes: number }[];
}

/** The recoveries whose error is like this template, most alike first; what is shown is made of them. */
export function recoveriesLike(
  template: string,
  recoveries: readonly Recovery[],
): (Recovery & { likeness: number })[] {
  return recoveries
    .map((recovery) => ({ ...recovery, likeness: likeness(template, recovery.content.error) }))
    .filter((recovery) => recovery.likeness >= LIKENESS_MIN)
    .sort((a, b) => b.likeness - a.likeness || (a.row.id < b.row.id ? -1 : 1))
    .slice(0, RECOVERIES_MAX);
}

/** Ids of the episodes that `waysOut` reads. */
export function episodesOfRecoveries(recoveries: readonly Recovery[]): string[] {
  return [
    ...new Set(
      recoveries.flatMap(({ row }) => row.episodes.slice(0, EPISODES_MAX).map(({ id }) => id)),
    ),
  ];
}

type Like = Recovery & { likeness: number };

/** A recovery with the times that it was seen. */
interface Seen extends Like {
  windows: Window[];
}

/** Best first. @param digests of `episodesOfRecoveries`, as far as they are known */
export function waysOut(
  recoveries: readonly Like[],
  digests: ReadonlyMap<string, EpisodeDigest>,
): WayOut[] {
  const seen = recoveries.map((recovery): Seen => ({ ...recovery, windows: [] }));
  for (const one of seen) {
    for (const { id } of one.row.episodes.slice(0, EPISODES_MAX)) {
      const digest = digests.get(id);
      const window = digest && windowIn(digest, one.content);
      if (window) one.windows.push(window);
    }
  }
  const standing = standingOut(seen, [...digests.values()]);
  const inVain = countInVain(seen);
  const alone = mendedAlone(seen);
  const groups = Map.groupBy(seen, (one) => mendOf(one, standing, alone));
  return [...groups]
    .map(([mend, own]) => ({ way: wayOut(mend, own, inVain, groups), rank: rankOf(own) }))
    .sort(
      (a, b) =>
        b.rank - a.rank || b.way.worked - a.way.worked || compare(a.way.row.id, b.way.row.id),
    )
    .map(({ way }) => way);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rankOf(seen: readonly Seen[]): number {
  return seen.reduce(
    (sum, { likeness: like, row }) =>
      sum + like ** LIKENESS_EXPONENT * Math.sqrt(row.episodes.length),
    0,
  );
}

/**
 * How much each action stands out: the share of the ways out that it is in, less the share of runs
 * that took it anyway, elsewhere.
 */
function standingOut(
  seen: readonly Seen[],
  digests: readonly EpisodeDigest[],
): ReadonlyMap<string, number> {
  const inside = new Map<string, number>();
  let all = 0;
  for (const { windows, likeness: like } of seen) {
    for (const window of windows) {
      all += like;
      for (const name of new Set(candidatesIn(window).map(nameOf)))
        inside.set(name, (inside.get(name) ?? 0) + like);
    }
  }
  const outside = new Map<string, number>();
  for (const digest of digests) {
    const own = new Set(seen.flatMap(({ windows }) => pathsIn(windows, digest.episode_id)));
    const names = digest.path.filter((step) => !own.has(step.number)).map(nameOf);
    for (const name of new Set(names)) outside.set(name, (outside.get(name) ?? 0) + 1);
  }
  return new Map(
    [...inside].map(([name, count]) => [
      name,
      count / Math.max(1e-9, all) - (outside.get(name) ?? 0) / Math.max(1, digests.length),
    ]),
  );
}

function pathsIn(windows: readonly Window[], episode: string): number[] {
  return windows.flatMap((window) =>
    window.episode === episode ? window.path.map(({ number }) => number) : [],
  );
}

/**
 * The steps of a way out that may have mended the error: not its last, where that is the proof, and
 * none that failed, or that the run had tried in vain before, where there is another.
 */
function candidatesIn({ path, isRetried, inVain }: Window): readonly PathStep[] {
  const done = isRetried && path.length > 1 ? path.slice(0, -1) : path;
  const able = done.filter((step) => !isError(step.result) && !inVain.includes(nameOf(step)));
  return able.length > 0 ? able : done;
}

/** The actions with which a run left the error that did nothing else. */
function mendedAlone(seen: readonly Seen[]): ReadonlySet<string> {
  const candidates = seen.flatMap(({ windows }) => windows.map(candidatesIn));
  return new Set(
    candidates
      .filter((steps) => steps.length === 1)
      .flat()
      .map(nameOf),
  );
}

/**
 * The action that stands out most, the last one of those that do alike; of those that led out of the
 * error by themselves elsewhere, where there are any: what most runs do anyway may be what mends it.
 */
function mendOf(
  { content, windows }: Seen,
  standing: ReadonlyMap<string, number>,
  alone: ReadonlySet<string>,
): string {
  const [window] = windows;
  const steps = window ? candidatesIn(window) : pathOf(content);
  const known = steps.filter((step) => alone.has(nameOf(step)));
  let best = "";
  let highest = Number.NEGATIVE_INFINITY;
  for (const step of known.length > 0 ? known : steps) {
    const name = nameOf(step);
    const standsOut = standing.get(name) ?? 0;
    if (standsOut >= highest) [best, highest] = [name, standsOut];
  }
  return best;
}

function pathOf({ path, keys }: ContentOf<"error_recovery">): Pick<PathStep, "tool" | "key">[] {
  return path.map((tool, i) => {
    const key = keys?.[i] ?? null;
    return key === null ? { tool } : { tool, key };
  });
}

/** Action → the episodes in which it was tried in vain. */
function countInVain(seen: readonly Seen[]): Map<string, Set<string>> {
  const episodes = new Map<string, Set<string>>();
  for (const { windows } of seen) {
    for (const { episode, inVain } of windows) {
      for (const name of inVain)
        episodes.set(name, (episodes.get(name) ?? new Set<string>()).add(episode));
    }
  }
  return episodes;
}

function wayOut(
  mend: string,
  seen: readonly Seen[],
  inVain: ReadonlyMap<string, ReadonlySet<string>>,
  groups: ReadonlyMap<string, unknown>,
): WayOut {
  const [best] = seen.toSorted(
    (a, b) =>
      b.likeness - a.likeness ||
      b.row.episodes.length - a.row.episodes.length ||
      a.content.path.length - b.content.path.length ||
      compare(a.row.id, b.row.id),
  );
  if (!best) throw new Error("a way out has a recovery");
  const windows = seen.flatMap((one) => one.windows);
  const others = [...inVain]
    .filter(([name]) => name !== mend && !groups.has(name))
    .sort(([a, x], [b, y]) => y.size - x.size || compare(a, b))
    .slice(0, IN_VAIN_MAX);
  return {
    row: best.row,
    content: best.content,
    likeness: best.likeness,
    actions: toldActions(best, windows),
    mended_by: mend,
    worked: new Set(seen.flatMap(({ row }) => row.episodes.map(({ id }) => id))).size,
    in_vain: inVain.get(mend)?.size ?? 0,
    did_not_help: others.map(([action, episodes]) => ({ action, episodes: episodes.size })),
  };
}

/** The actions of a way out, with what the runs called them with. */
function toldActions({ content }: Seen, windows: readonly Window[]): ToldAction[] {
  const steps = Map.groupBy(
    windows.flatMap(({ path }) => path),
    nameOf,
  );
  return pathOf(content).map((step) => {
    const action = nameOf(step);
    const { tool, key } = step;
    return { action, tool, key: key ?? null, parameters: toldParameters(steps.get(action) ?? []) };
  });
}

/**
 * The values that most runs share, and of what the key is read from one that was used. A value that
 * a run had from its own task, or from what it was answered, is no other run's.
 */
function toldParameters(steps: readonly PathStep[]): ToldParameter[] {
  const values = new Map<string, Map<string, number>>();
  const [sourced, ofTasks] = [new Map<string, number>(), new Map<string, number>()];
  for (const { parameters } of steps) {
    for (const { name, value, from = [] } of parameters ?? []) {
      if (value === undefined) continue;
      if (from.length > 0) sourced.set(name, (sourced.get(name) ?? 0) + 1);
      if (from.includes(TASK_SOURCE)) ofTasks.set(name, (ofTasks.get(name) ?? 0) + 1);
      const own = values.get(name) ?? new Map<string, number>();
      values.set(name, own.set(value, (own.get(value) ?? 0) + 1));
    }
  }
  const isKeyed = steps.some(({ key }) => key !== undefined);
  return [...values]
    .flatMap(([name, own], i): ToldParameter[] => {
      const [[value, count] = ["", 0]] = [...own].sort(([a, x], [b, y]) => y - x || compare(a, b));
      const support = count / steps.length;
      const isMostly = (some: ReadonlyMap<string, number>): boolean =>
        2 * (some.get(name) ?? 0) >= steps.length;
      const isOthers = isMostly(ofTasks) || (isMostly(sourced) && support < CHOSEN_SUPPORT_MIN);
      const isTold = !isOthers && (support >= SUPPORT_MIN || (isKeyed && i === 0));
      return isTold ? [{ name, value, support }] : [];
    })
    .slice(0, PARAMETERS_MAX);
}
