/**
 * Which tool comes next. Every step of the similar episodes votes for itself, with a weight that
 * says how much its situation is the present one: the same tools before it, the same result, the
 * same tools used so far, as much of the task found, something left to try or not, a similar task,
 * the same context. Counts of all runs, longest context first, back it up.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { Context, ResultClass } from "../../contract/model.ts";
import type { Ablations } from "../ablations.ts";
import { decay } from "../statistics.ts";
import { runPrefix } from "./digest.ts";
import type { Expectation } from "./expectation.ts";
import type { TaskCoverage } from "./task-coverage.ts";
import { contextKernel, kernelOf, marksOf } from "./similarity.ts";
import type { LearningSettings } from "./settings.ts";
import type { Digest, EpisodeDigest, PatternRow } from "./types.ts";

/** The longest context that is compared, and that runs of five give. */
const CONTEXT_MAX = 4;
const TOOLS_MAX = 5;
/** A tool less probable than this is not worth a reader's time. */
const PROBABILITY_MIN = 0.01;
/** A step of a failed episode counts this much of one of a successful one. */
const FAILURE_WEIGHT = 0.5;
/** Episodes after which the counts of all weigh a tenth. */
const PRIOR_EPISODES = 3;
/** Steps of one episode that vote. */
const STEPS_MAX = 100;
const EVIDENCE_MAX = 3;

/**
 * Logarithms of the weight of a vote: a log-linear kernel over situations, fitted by
 * cross-validation over blocks of tasks of tau retail. A step whose situation is twice as like the
 * present one has about e times the weight.
 */
const KERNEL = {
  /** By the number of equal tools before it, 0…4; the beginning of a run counts as equal. */
  suffix: [0, 1.5, 2.2, 2.3, 2.5],
  result: 1.8,
  used: 2.7,
  position: 0.45,
  task: 4,
  context: 2.7,
  fresh: 1,
  covered: 7,
  untried: 3,
} as const;
/**
 * How far what the task leads to moves a tool that was not used yet; and the bounds of its odds.
 */
const TASK_EXPONENT = 0.9;
const ODDS_BOUND = 0.02;

export interface SimilarEpisode {
  digest: EpisodeDigest;
  /** 0…1. */
  similarity: number;
}

/** Where one stands in a run. */
export interface Situation {
  task: string;
  context: Partial<Context>;
  recent: readonly { tool: string; result: ResultClass }[];
  /** For each recent step. */
  found: readonly TaskCoverage[];
  /** Identifiers left to try after the last step (`untried`); null: not known. */
  left: number | null;
}

export interface NextTool {
  tool: string;
  probability: number;
  why: string;
  /** The episodes that say so most, at most three. */
  episodes: string[];
}

/** The prefixes by which the runs that continue these steps are found, longest first. */
export function nextToolLookups(recent: readonly { tool: string }[]): string[] {
  const tools = recent.map((step) => step.tool);
  const longest = Math.min(CONTEXT_MAX, tools.length);
  return Array.from({ length: longest }, (_, i) =>
    runPrefix(tools.slice(tools.length - longest + i)),
  );
}

/**
 * The most probable next tools, with probabilities that sum to at most 1.
 *
 * @param rows the `tool_sequence` patterns that `nextToolLookups` names
 * @param similar in an order that does not depend on when they came
 */
export function predictNextTools(
  situation: Situation,
  rows: readonly PatternRow[],
  similar: readonly SimilarEpisode[],
  expected: Expectation,
  now: number,
  settings: LearningSettings,
  parts: Ablations,
  limit = TOOLS_MAX,
): NextTool[] {
  const tools = situation.recent.map((step) => step.tool);
  const counted = interpolate(tools, rows, now, settings);
  const votes = parts.advise_similar
    ? vote(situation, similar, now, settings, parts)
    : new Map<string, Vote>();
  const sum = [...votes.values()].reduce((all, { weight }) => all + weight, 0);
  const share =
    sum <= 0 ? 1 : counted.size === 0 ? 0 : PRIOR_EPISODES / (PRIOR_EPISODES + similar.length);
  const taken = new Set(tools);
  const raised = new Map(
    (parts.advise_task ? expected.tools : []).map(({ tool, probability, usual }) => [
      tool,
      taken.has(tool) ? 1 : (bounded(probability) / bounded(usual)) ** TASK_EXPONENT,
    ]),
  );
  const mixed = [...new Set([...counted.keys(), ...votes.keys()])].map((tool) => {
    const seen = sum > 0 ? (votes.get(tool)?.weight ?? 0) / sum : 0;
    const usual = counted.get(tool) ?? 0;
    const factor = raised.get(tool) ?? 1;
    return { tool, seen, usual, factor, weight: ((1 - share) * seen + share * usual) * factor };
  });
  const whole = mixed.reduce((all, { weight }) => all + weight, 0);
  return mixed
    .map(({ tool, seen, usual, factor, weight }): NextTool => {
      const reasons = [
        ...(seen > 0 ? [`${percent(seen)} of what similar episodes did at this point`] : []),
        ...(usual > 0 ? [`${percent(usual)} of what followed these steps anywhere`] : []),
        ...(Math.abs(Math.log(factor)) > 0.1
          ? [`the task makes it ${factor.toFixed(1)} times as likely`]
          : []),
      ];
      const probability = whole > 0 ? weight / whole : 0;
      return { tool, probability, why: reasons.join("; "), episodes: evidence(votes.get(tool)) };
    })
    .filter(({ probability }) => probability >= PROBABILITY_MIN)
    .sort((a, b) => b.probability - a.probability || (a.tool < b.tool ? -1 : 1))
    .slice(0, limit);
}

interface Vote {
  weight: number;
  episodes: Map<string, number>;
}

function vote(
  { task, context, recent, found, left }: Situation,
  similar: readonly SimilarEpisode[],
  now: number,
  settings: LearningSettings,
  parts: Ablations,
): Map<string, Vote> {
  const votes = new Map<string, Vote>();
  const kernel = kernelOf(similar);
  const marks = marksOf(context);
  const tools = recent.map((step) => step.tool);
  const used = countsOf(tools);
  const last = recent.at(-1);
  const here = found.at(-1) ?? { fresh: 0, covered: 0 };
  for (const { digest } of similar) {
    const judged = digest.success + digest.failure;
    const worth = judged === 0 ? 0 : (digest.success + FAILURE_WEIGHT * digest.failure) / judged;
    if (worth <= 0) continue;
    const age = decay(now - digest.ended_at, settings.half_life_days * MS.day);
    const whole =
      KERNEL.task * kernel(task, digest.task) +
      (parts.advise_context ? KERNEL.context * contextKernel(marks, marksOf(digest.context)) : 0);
    const path = digest.path.slice(0, STEPS_MAX);
    const before = new Map<string, number>();
    let overlap = 0;
    for (const [i, step] of path.entries()) {
      const previous = path[i - 1];
      const union = i + recent.length - overlap;
      let log = whole + (KERNEL.suffix[commonSuffix(tools, path, i)] ?? 0);
      if (last && previous?.tool === last.tool && previous.result === last.result)
        log += KERNEL.result;
      log += KERNEL.used * (union === 0 ? 1 : overlap / union);
      log -= KERNEL.position * Math.abs(Math.log((recent.length + 1) / (i + 1)));
      if (parts.advise_found) {
        log -= KERNEL.fresh * Math.abs(here.fresh - (previous?.fresh ?? 0));
        log -= (KERNEL.covered * Math.abs(here.covered - (previous?.covered ?? 0))) / 1000;
      }
      if (parts.advise_untried && left !== null && previous?.untried !== undefined) {
        if (left > 0 !== previous.untried > 0) log -= KERNEL.untried;
      }
      const weight = Math.exp(log) * worth * (0.5 + 0.5 * age);
      const known = votes.get(step.tool) ?? { weight: 0, episodes: new Map<string, number>() };
      known.weight += weight;
      known.episodes.set(digest.episode_id, (known.episodes.get(digest.episode_id) ?? 0) + weight);
      votes.set(step.tool, known);
      const count = (before.get(step.tool) ?? 0) + 1;
      before.set(step.tool, count);
      if (count <= (used.get(step.tool) ?? 0)) overlap += 1;
    }
  }
  return votes;
}

/**
 * How many of the latest tools are those before this place, at most four. A common beginning counts
 * in full.
 */
function commonSuffix(tools: readonly string[], path: Digest["path"], at: number): number {
  for (let length = 0; length < CONTEXT_MAX; length++) {
    const own = tools[tools.length - 1 - length];
    const other = path[at - 1 - length]?.tool;
    if (own === undefined && other === undefined) return CONTEXT_MAX;
    if (own !== other) return length;
  }
  return CONTEXT_MAX;
}

/**
 * Counts of each context length, interpolated by how many different tools followed it: I. H.
 * Witten, T. C. Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37 (1991).
 */
function interpolate(
  tools: readonly string[],
  rows: readonly PatternRow[],
  now: number,
  settings: LearningSettings,
): Map<string, number> {
  let model = new Map<string, number>();
  for (let length = 1; length <= Math.min(CONTEXT_MAX, tools.length); length++) {
    const prefix = runPrefix(tools.slice(-length));
    const counts = new Map<string, number>();
    for (const row of rows) {
      if (row.content.kind !== "tool_sequence" || row.content.tools.length !== length + 1) continue;
      if (runPrefix(row.content.tools.slice(0, -1)) !== prefix) continue;
      const next = row.content.tools[length];
      if (next !== undefined) counts.set(next, weightOf(row, now, settings));
    }
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (total <= 0) break;
    const novel = model.size === 0 ? 0 : counts.size;
    const mixed = new Map<string, number>();
    for (const tool of new Set([...counts.keys(), ...model.keys()])) {
      mixed.set(tool, ((counts.get(tool) ?? 0) + novel * (model.get(tool) ?? 0)) / (total + novel));
    }
    model = mixed;
  }
  return model;
}

/** Occurrences, decayed, those of failures counting less. */
function weightOf(row: PatternRow, now: number, settings: LearningSettings): number {
  return row.buckets.reduce((sum, bucket) => {
    const judged = bucket.success + bucket.failure;
    const worth = judged === 0 ? 1 : (bucket.success + FAILURE_WEIGHT * bucket.failure) / judged;
    return (
      sum +
      bucket.occurrences *
        worth *
        decay(now - bucket.day * MS.day, settings.half_life_days * MS.day)
    );
  }, 0);
}

function evidence(known: Vote | undefined): string[] {
  return [...(known?.episodes ?? [])]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, EVIDENCE_MAX)
    .map(([id]) => id);
}

function countsOf(tools: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const tool of tools) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return counts;
}

function bounded(probability: number): number {
  return Math.min(1 - ODDS_BOUND, Math.max(ODDS_BOUND, probability));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
