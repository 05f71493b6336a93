/**
 * Parts runs into families: those that do the same kind of thing for the same kind of task. The same
 * runs give the same families, in whatever order they come. Pure; quadratic in the runs, of which
 * callers hand in a bounded number, and what two of them share is found by an inverted index.
 *
 * @module
 */

import type { Features, FamilyRun } from "./features.ts";

/** How alike two families' runs are on average from which on they are one. */
const ALIKE_MIN = 0.4;
/** How much what is done counts, beside what is asked for. */
const ACTIONS_SHARE = 0.6;
/** A run of a family of fewer is an example, not a rule. */
const FAMILY_RUNS_MIN = 3;

export interface Family<D extends FamilyRun = FamilyRun> {
  domain: string;
  /** The oldest first. */
  runs: readonly D[];
  /** The run that the others are most like. */
  medoid: D;
  /** How alike each run is to the others, on average, 0…1; in their order. */
  closeness: readonly number[];
}

/** What a run or a task has, each with its weight, in their order; of length 1, or empty. */
type Profile = readonly (readonly [item: string, weight: number])[];

/** The families of at least `FAMILY_RUNS_MIN` runs, the largest first. Runs have steps. */
export function familiesOf<D extends FamilyRun>(
  runs: readonly D[],
  features: Features,
): Family<D>[] {
  const byDomain = Map.groupBy(
    runs.filter(({ path }) => path.length > 0).toSorted(byAge),
    ({ context }) => context.domain,
  );
  return [...byDomain]
    .flatMap(([domain, own]) => partsOf(own, features).map((part) => familyOf(domain, part)))
    .sort((a, b) => b.runs.length - a.runs.length || byAge(a.medoid, b.medoid));
}

function byAge(a: FamilyRun, b: FamilyRun): number {
  return a.ended_at - b.ended_at || (a.episode_id < b.episode_id ? -1 : 1);
}

interface Part<D> {
  runs: readonly D[];
  alike: (i: number, j: number) => number;
}

function partsOf<D extends FamilyRun>(runs: readonly D[], features: Features): Part<D>[] {
  const matrix = similarities(runs, features);
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

/** How rare what sets hold is among them; 0: fewer than `least` of them hold it. */
function rarityIn(sets: readonly ReadonlySet<string>[], least: number): (item: string) => number {
  const counts = new Map<string, number>();
  for (const set of sets) for (const item of set) counts.set(item, (counts.get(item) ?? 0) + 1);
  return (item) => {
    const count = counts.get(item) ?? 0;
    return count < least ? 0 : Math.log(1 + sets.length / count);
  };
}

function weighed(items: Iterable<string>, weightOf: (item: string) => number): Profile {
  const weights = [...items].sort().map((item) => [item, weightOf(item)] as const);
  const length = Math.hypot(...weights.map(([, weight]) => weight));
  return weights.flatMap(([item, weight]) =>
    weight > 0 ? [[item, weight / length] as const] : [],
  );
}

/** How alike each two runs are, row by row. */
function similarities(runs: readonly FamilyRun[], features: Features): Float64Array {
  const { length } = runs;
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const placeOf = new Map(tasks.map((task, place) => [task, place]));
  const places = runs.map(({ task }) => placeOf.get(task) ?? 0);
  // A word of one task alone is a name or a number of it.
  const asked = cosines(
    profilesOf(
      tasks.map((task) => features.termsOf(task)),
      2,
    ),
  );
  const done = cosines(
    profilesOf(
      runs.map((run) => features.kindsOf(run)),
      1,
    ),
  );

  const matrix = new Float64Array(length * length);
  for (const [i, one] of places.entries()) {
    for (let j = 0; j < i; j++) {
      const other = places[j] ?? 0;
      const task = one === other ? 1 : (asked[one * tasks.length + other] ?? 0);
      const alike = ACTIONS_SHARE * (done[i * length + j] ?? 0) + (1 - ACTIONS_SHARE) * task;
      matrix[i * length + j] = alike;
      matrix[j * length + i] = alike;
    }
  }
  return matrix;
}

/** @param least sets that hold an item at least: else it counts nothing */
function profilesOf(sets: readonly ReadonlySet<string>[], least: number): Profile[] {
  const rarity = rarityIn(sets, least);
  return sets.map((set) => weighed(set, rarity));
}

/** Those that hold an item, and its weight in each. */
interface Postings {
  places: number[];
  weights: number[];
}

/**
 * The cosine of each two, row by row: for each item those that hold it are met, and no others. What
 * two share is summed in the order of the items, so that rounding is the same in any order of runs.
 */
function cosines(profiles: readonly Profile[]): Float64Array {
  const { length } = profiles;
  const matrix = new Float64Array(length * length);
  const index = new Map<string, Postings>();
  for (const [i, profile] of profiles.entries()) {
    const row = matrix.subarray(i * length, (i + 1) * length);
    for (const [item, weight] of profile) {
      const { places, weights } = index.get(item) ?? { places: [], weights: [] };
      for (let k = 0; k < places.length; k++)
        row[places[k] ?? 0] = (row[places[k] ?? 0] ?? 0) + weight * (weights[k] ?? 0);
      places.push(i);
      weights.push(weight);
      index.set(item, { places, weights });
    }
    for (let j = 0; j < i; j++) matrix[j * length + i] = row[j] ?? 0;
  }
  return matrix;
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
