/**
 * Parts runs into families: those that do the same kind of thing for the same kind of task. The same
 * runs give the same families, in whatever order they come. Pure; quadratic in the runs, of which
 * callers hand in a bounded number.
 *
 * @module
 */

import { actionName } from "../actions/index.ts";
import type { EpisodeDigest } from "../learning/types.ts";
import { queryTokens } from "../text/tokens.ts";

/** How alike two families' runs are on average from which on they are one. */
const ALIKE_MIN = 0.4;
/** How much what is done counts, beside what is asked for. */
const ACTIONS_SHARE = 0.6;
/** Characters of a task, and steps of a run, that are compared. */
const TASK_READ = 2_000;
const STEPS_READ = 200;
/** A run of a family of fewer is an example, not a rule. */
const FAMILY_RUNS_MIN = 3;

/** What of a run it is compared by. */
export type FamilyRun = Pick<
  EpisodeDigest,
  "episode_id" | "ended_at" | "task" | "context" | "path"
>;

export interface Family<D extends FamilyRun = FamilyRun> {
  domain: string;
  /** The oldest first. */
  runs: readonly D[];
  /** The run that the others are most like. */
  medoid: D;
  /** How alike each run is to the others, on average, 0…1; in their order. */
  closeness: readonly number[];
}

/** A run as what it has, each with its weight; both halves have length 1, or are empty. */
interface Profile {
  actions: ReadonlyMap<string, number>;
  terms: ReadonlyMap<string, number>;
  task: string;
}

/** The families of at least `FAMILY_RUNS_MIN` runs, the largest first. Runs have steps. */
export function familiesOf<D extends FamilyRun>(runs: readonly D[]): Family<D>[] {
  const byDomain = Map.groupBy(
    runs.filter(({ path }) => path.length > 0).toSorted(byAge),
    ({ context }) => context.domain,
  );
  return [...byDomain]
    .flatMap(([domain, own]) => partsOf(own).map((part) => familyOf(domain, part)))
    .sort((a, b) => b.runs.length - a.runs.length || byAge(a.medoid, b.medoid));
}

function byAge(a: FamilyRun, b: FamilyRun): number {
  return a.ended_at - b.ended_at || (a.episode_id < b.episode_id ? -1 : 1);
}

interface Part<D> {
  runs: readonly D[];
  alike: (i: number, j: number) => number;
}

function partsOf<D extends FamilyRun>(runs: readonly D[]): Part<D>[] {
  const matrix = similarities(profilesOf(runs));
  return mergedWhileAlike(matrix, runs.length)
    .filter((places) => places.length >= FAMILY_RUNS_MIN)
    .map((places) => ({
      runs: places.map((place) => runs[place] as D),
      alike: (i, j) => matrix[(places[i] ?? 0) * runs.length + (places[j] ?? 0)] ?? 0,
    }));
}

function familyOf<D extends FamilyRun>(domain: string, { runs, alike }: Part<D>): Family<D> {
  const closeness = runs.map((_run, i) => {
    const sum = runs.reduce((total, _other, j) => total + (i === j ? 0 : alike(i, j)), 0);
    return sum / Math.max(1, runs.length - 1);
  });
  const medoid = runs[closeness.indexOf(Math.max(...closeness))] as D;
  return { domain, runs, medoid, closeness };
}

function profilesOf(runs: readonly FamilyRun[]): Profile[] {
  const named = runs.map(({ path }) => new Set(actionsOf(path)));
  const tasks = new Map(runs.map(({ task }) => [task, termsOf(task)]));
  const rarityOfAction = rarityIn(named, 1);
  // A word of one task alone is a name or a number of it.
  const rarityOfTerm = rarityIn([...tasks.values()], 2);
  return runs.map(({ task }, i) => ({
    task,
    actions: weighed(named[i] ?? [], rarityOfAction),
    terms: weighed(tasks.get(task) ?? [], rarityOfTerm),
  }));
}

/** What a run does, each time it does it. */
export function actionsOf(path: FamilyRun["path"]): string[] {
  return path.slice(0, STEPS_READ).map(({ tool, key }) => actionName(tool, key));
}

/** The terms of what is asked for. */
export function termsOf(task: string): Set<string> {
  return new Set(queryTokens(task.slice(0, TASK_READ)).map(({ term }) => term));
}

/** How rare what sets hold is among them; 0: fewer than `least` of them hold it. */
function rarityIn(sets: readonly ReadonlySet<string>[], least: number): (item: string) => number {
  const counts = new Map<string, number>();
  for (const set of sets) for (const item of set) counts.set(item, (counts.get(item) ?? 0) + 1);
  return (item) => {
    const count = counts.get(item) ?? 0;
    return count < least ? 0 : Math.log(1 + sets.length / count);
  };
}

function weighed(items: Iterable<string>, weightOf: (item: string) => number): Profile["terms"] {
  const weights = [...new Set(items)].sort().map((item) => [item, weightOf(item)] as const);
  const length = Math.hypot(...weights.map(([, weight]) => weight));
  return new Map(
    weights.flatMap(([item, weight]) => (weight > 0 ? [[item, weight / length] as const] : [])),
  );
}

/** Of each two, row by row. */
function similarities(profiles: readonly Profile[]): Float64Array {
  const { length } = profiles;
  const matrix = new Float64Array(length * length);
  for (const [i, one] of profiles.entries()) {
    for (const [j, other] of profiles.slice(0, i).entries()) {
      const asked = one.task === other.task ? 1 : cosine(one.terms, other.terms);
      const done = cosine(one.actions, other.actions);
      const alike = ACTIONS_SHARE * done + (1 - ACTIONS_SHARE) * asked;
      matrix[i * length + j] = alike;
      matrix[j * length + i] = alike;
    }
  }
  return matrix;
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const [fewer, more] = a.size <= b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [item, weight] of fewer) sum += weight * (more.get(item) ?? 0);
  return sum;
}

/**
 * Average linkage by chains of nearest neighbours (F. Murtagh, 1983): the two that are nearest to
 * each other become one while they are alike enough. Of several that are as near the first counts.
 */
function mergedWhileAlike(matrix: Float64Array, length: number): number[][] {
  const alike = Float64Array.from(matrix);
  const parts = new Map(Array.from({ length }, (_, place) => [place, [place]]));
  const open = new Set(parts.keys());
  let chain: number[] = [];
  while (open.size > 0) {
    const last = chain.at(-1) ?? (open.values().next().value as number);
    if (chain.length === 0) chain.push(last);
    const near = nearestOf(last, { alike, length, open, before: chain.at(-2) });
    if (near === null) {
      open.delete(last);
      chain = [];
    } else if (near === chain.at(-2)) {
      merge(last, near, { alike, length, parts, open });
      chain = chain.slice(0, -2);
    } else {
      chain.push(near);
    }
  }
  return [...parts.values()].map((places) => places.toSorted((a, b) => a - b));
}

interface Merging {
  alike: Float64Array;
  length: number;
  /** Those that may still find another. */
  open: Set<number>;
}

/** null: none is alike enough. */
function nearestOf(
  from: number,
  { alike, length, open, before }: Merging & { before: number | undefined },
): number | null {
  let near: number | null = null;
  let highest = ALIKE_MIN;
  for (const other of open) {
    if (other === from) continue;
    const value = alike[from * length + other] ?? 0;
    const isNearer = value > highest || (value === highest && (near === null || other === before));
    if (isNearer) [near, highest] = [other, value];
  }
  return near;
}

/** Both become one, at the place of the second. */
function merge(
  gone: number,
  kept: number,
  { alike, length, parts, open }: Merging & { parts: Map<number, number[]> },
): void {
  const [a, b] = [parts.get(gone) ?? [], parts.get(kept) ?? []];
  for (const other of open) {
    if (other === gone || other === kept) continue;
    const sum =
      a.length * (alike[gone * length + other] ?? 0) +
      b.length * (alike[kept * length + other] ?? 0);
    const mean = sum / (a.length + b.length);
    alike[kept * length + other] = mean;
    alike[other * length + kept] = mean;
  }
  parts.set(kept, [...a, ...b]);
  parts.delete(gone);
  open.delete(gone);
}
