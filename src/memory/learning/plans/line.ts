/**
 * Makes the line of a playbook: that of one run, and of each tool that it lacks and the task probably
 * uses what another run did with it, put where that run had it. Pure; linear in the tools that are
 * put in, the runs and their steps.
 *
 * @module
 */

import { isError } from "../episode/judgement.ts";
import { commonSteps } from "../similarity/alignment.ts";
import type { ExpectedTool } from "../prediction/expected-tools.ts";
import type { PathStep } from "../types.ts";
import type { Block, Run } from "./runs.ts";

/**
 * A tool that is less probable for the task is left out, and put in from there on: half of the best
 * F1 that can be had (Z. C. Lipton et al., 2014).
 */
export const PROBABILITY_MIN = 0.3;
/** How much likelier than usual a tool must be that only failed runs used. */
const CALLED_FOR_MIN = 0.1;

export interface RunsOfLine {
  /** Those that succeeded. */
  runs: readonly Run[];
  others: readonly Run[];
}

/**
 * The run's blocks, and what is put in: only where no two of them stand as only the other way round
 * runs had them. A way out of an error, which can be told with its error instead, is put in only
 * where a run had it behind or before each of the others. Failed runs do much right: a tool that no
 * successful one used is taken from them, but only where the task itself makes it likelier than it
 * is anyway.
 */
export function lineWith(
  backbone: Run,
  { runs, others }: RunsOfLine,
  expected: readonly ExpectedTool[],
): Block[] {
  const all = [...runs, ...others].map(placesOf);
  const ways = new Set(runs.flatMap(namesOfWays));
  const mayStand = (one: string, other: string): boolean =>
    isBefore(one, other, all) || !(ways.has(one) || ways.has(other) || isBefore(other, one, all));
  let line: readonly Block[] = backbone.blocks;
  for (const { tool, probability, usual } of expected) {
    if (probability < PROBABILITY_MIN || line.some((block) => usesTool(block, tool))) continue;
    const isCalledFor = probability >= usual + CALLED_FOR_MIN;
    const isUsed = runs.some(({ blocks }) => blocks.some((block) => usesTool(block, tool)));
    const models = isUsed ? runs : isCalledFor && !isAside(runs, tool) ? others : [];
    // Where a run itself has it comes before any other place that runs allow.
    const longer =
      firstOf(models, (model) => putIn(line, model, { tool, isToItsEnd: isUsed, mayStand }, 1)) ??
      firstOf(models, (model) =>
        putIn(line, model, { tool, isToItsEnd: isUsed, mayStand }, Infinity),
      );
    line = longer ?? line;
  }
  return [...line];
}

/** What a run did to leave an error. */
function namesOfWays({ blocks, attempts }: Run): string[] {
  return blocks
    .filter(({ at }) => attempts.some(({ helped }) => helped.includes(at)))
    .map(({ name }) => name);
}

/** Whether a run took the tool aside: that is told with the error that it was for. */
function isAside(runs: readonly Run[], tool: string): boolean {
  return runs.some(({ digest: { path }, aside }) =>
    [...aside].some((at) => path[at]?.tool === tool),
  );
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function usesTool({ steps }: Block, tool: string): boolean {
  return steps[0]?.tool === tool;
}

function hasFailed({ result }: PathStep): boolean {
  return isError(result);
}

interface PutIn {
  tool: string;
  /** What is put in at the end of the line goes on as the run did; else nothing is put in there. */
  isToItsEnd: boolean;
  /** Whether the one may stand somewhere before the other. */
  mayStand: (one: string, other: string) => boolean;
}

/**
 * The line with what a run did with the tool; null: it did nothing that worked, or at no place of
 * the line.
 *
 * @param places how many are tried, from behind what it did before that the line has, too
 */
function putIn(
  line: readonly Block[],
  { blocks, names }: Run,
  { tool, isToItsEnd, mayStand }: PutIn,
  places: number,
): Block[] | null {
  const at = blocks.findIndex((block) => usesTool(block, tool) && !block.steps.every(hasFailed));
  const block = blocks[at];
  if (!block) return null;
  const common = commonSteps(
    line.map(({ name }) => name),
    names,
  );
  const behind = common.filter(([, own]) => own < at).at(-1)?.[0] ?? -1;
  const before = common.find(([, own]) => own > at)?.[0] ?? line.length;
  const end = isToItsEnd ? line.length : line.length - 1;
  const last = Math.min(before, behind + places, end);
  for (let place = behind + 1; place <= last; place++) {
    const added = place === line.length && isToItsEnd ? blocks.slice(at) : [block];
    const isAllowed = added.every(
      ({ name }) =>
        line.slice(0, place).every((other) => mayStand(other.name, name)) &&
        line.slice(place).every((other) => mayStand(name, other.name)),
    );
    if (isAllowed) return [...line.slice(0, place), ...added, ...line.slice(place)];
  }
  return null;
}

/** Where a run takes each action first and last. */
type Places = ReadonlyMap<string, { first: number; last: number }>;

function placesOf({ names }: Run): Places {
  const places = new Map<string, { first: number; last: number }>();
  for (const [at, name] of names.entries())
    places.set(name, { first: places.get(name)?.first ?? at, last: at });
  return places;
}

/** Whether a run took the one and then the other. */
function isBefore(one: string, other: string, all: readonly Places[]): boolean {
  return all.some(
    (places) => (places.get(one)?.first ?? Infinity) < (places.get(other)?.last ?? -Infinity),
  );
}
