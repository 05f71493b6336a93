/**
 * The successful runs that a playbook is made of: each as blocks of one action, weighed by how like
 * its task is and by how likely its tools are for the present task. Pure.
 *
 * @module
 */

import { actionName } from "../../actions/index.ts";
import { isSuccess } from "../episode/judgement.ts";
import { weightAt } from "../evidence/decayed.ts";
import type { SimilarEpisode } from "../prediction/basis.ts";
import type { ExpectedTool } from "../prediction/expected-tools.ts";
import type { EpisodeDigest, PathStep } from "../types.ts";
import { linesOf, type LinedRun } from "./attempts.ts";
import { detoursOf, type Detour } from "./detours.ts";

/** Successful episodes that are aligned. */
const RUNS_MAX = 20;
/** Runs in which an action is seen, so that it is told from others of its tool. */
const NAMED_RUNS_MIN = 2;
/** Bounds of the probability of a tool, so that no single one decides. */
const PROBABILITY_BOUND = 0.05;

/** The same action several times in a row. */
export interface Block {
  /** What it is named by: its action, or its tool where no other run took the action. */
  name: string;
  /** The place of its first step in the run. */
  at: number;
  steps: readonly PathStep[];
}

/** A successful episode, and how much it counts; its blocks are of the line. */
export interface Run extends LinedRun {
  digest: EpisodeDigest;
  weight: number;
  blocks: readonly Block[];
  names: string[];
}

/** A run that did nothing aside, as those are taken to that failed. */
export const NO_LINE: LinedRun = { attempts: [], aside: new Set(), again: new Set() };

/** Names of steps as the runs tell them. */
export type NameOf = (step: Pick<PathStep, "tool" | "key">) => string;

/**
 * The runs of most weight, in the order of it, what their steps are called, and what they tried in
 * vain. What few of them did to leave an error, and what none of them ever made work, however few
 * tried it, is not among their blocks.
 *
 * @param expected the tools that a run of the task probably uses; none: nothing is known of them
 */
export function successfulRuns(
  similar: readonly SimilarEpisode[],
  expected: readonly ExpectedTool[],
  now: number,
): { runs: Run[]; nameOf: NameOf; detours: ReadonlyMap<string, Detour> } {
  const successes = similar.filter(({ digest }) => isSuccess(digest) && digest.path.length > 0);
  const likelihoods = successes.map(({ digest }) => logLikelihood(digest, expected));
  const highest = Math.max(...likelihoods);
  const weighed = successes
    .map(({ digest, similarity }, i) => ({
      digest,
      weight:
        similarity *
        ((digest.reward ?? digest.success) / 1000) *
        (0.5 + 0.5 * weightAt(digest.ended_at, now)) *
        Math.exp((likelihoods[i] ?? highest) - highest),
    }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.digest.episode_id < b.digest.episode_id ? -1 : 1))
    .slice(0, RUNS_MAX);

  const digests = weighed.map(({ digest }) => digest);
  const nameOf = namesOf(digests);
  const detours = detoursOf(digests, nameOf);
  const deadEnds = new Set(detoursOf(digests, wholeName, 1).keys());
  const lines = linesOf(digests);
  const runs = weighed.map(({ digest, weight }, i): Run => {
    const line = lines[i] ?? NO_LINE;
    const isLeftOut = (step: PathStep, at: number): boolean =>
      line.aside.has(at) || detours.has(nameOf(step)) || deadEnds.has(wholeName(step));
    const blocks = blocksOf(digest.path, nameOf, { isLeftOut, again: line.again });
    return { digest, weight, ...line, blocks, names: blocks.map(({ name }) => name) };
  });
  return { runs, nameOf, detours };
}

/** How likely it is that a run of the task uses these tools and no others, as a logarithm. */
function logLikelihood({ path }: EpisodeDigest, expected: readonly ExpectedTool[]): number {
  const used = new Set(path.map(({ tool }) => tool));
  return expected.reduce((sum, { tool, probability }) => {
    const bounded = Math.min(1 - PROBABILITY_BOUND, Math.max(PROBABILITY_BOUND, probability));
    return sum + Math.log(used.has(tool) ? bounded : 1 - bounded);
  }, 0);
}

/** An action is named by its key where another run took it, too, or where there is one run. */
function namesOf(digests: readonly EpisodeDigest[]): NameOf {
  const counts = new Map<string, number>();
  for (const { path } of digests) {
    for (const name of new Set(path.map(({ tool, key }) => actionName(tool, key))))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const least = Math.min(NAMED_RUNS_MIN, digests.length);
  return ({ tool, key }) => {
    const name = actionName(tool, key);
    return (counts.get(name) ?? 0) >= least ? name : tool;
  };
}

/** The name of a step that no other run need have taken. */
const wholeName: NameOf = ({ tool, key }) => actionName(tool, key);

/** @param again places at which a block begins, whatever is before */
export function blocksOf(
  path: readonly PathStep[],
  nameOf: NameOf,
  {
    isLeftOut,
    again,
  }: { isLeftOut: (step: PathStep, at: number) => boolean } & Pick<LinedRun, "again">,
): Block[] {
  const blocks: { name: string; at: number; steps: PathStep[] }[] = [];
  for (const [at, step] of path.entries()) {
    if (isLeftOut(step, at)) continue;
    const name = nameOf(step);
    const last = blocks.at(-1);
    if (last?.name === name && !again.has(at)) last.steps.push(step);
    else blocks.push({ name, at, steps: [step] });
  }
  return blocks;
}
