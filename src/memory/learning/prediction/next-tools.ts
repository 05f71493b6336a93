/**
 * Predicts which tool comes next: what similar episodes did at this point, backed up by what
 * followed these steps anywhere, and by what the task leads to. Pure, and the same in whatever
 * order episodes came.
 *
 * @module
 */

import type { PatternRow } from "../types.ts";
import type { PredictionBasis, Situation } from "./basis.ts";
import type { ExpectedTool } from "./expected-tools.ts";
import { continuationShares } from "./run-counts.ts";
import { countVotes, type Vote } from "./votes.ts";

/** Tools of an answer, unless the caller wants more. */
const TOOLS_MAX = 5;
/** A tool less probable than this is not worth a reader's time. */
const PROBABILITY_MIN = 0.01;
/** With so many similar episodes, their votes and the counts of all runs weigh the same. */
const PRIOR_EPISODES = 3;
/** Episodes that are named as evidence of a tool. */
const NAMED_EPISODES_MAX = 3;
/**
 * How far what the task leads to moves a tool that was not used yet; and the bounds of its odds.
 */
const TASK_EXPONENT = 0.9;
const ODDS_BOUND = 0.02;
/** A factor this near to one, as a logarithm, is not mentioned. */
const MENTIONED_LOG_MIN = 0.1;

export interface NextTool {
  tool: string;
  probability: number;
  /** The reasons, with their figures, for a person. */
  why: string;
  /** The episodes that most of the votes come from, at most three. */
  episodes: string[];
}

/** Why a tool is likely to come next. */
interface Reasons {
  /** Shares of the votes, and of the counts of all runs. */
  voted: number;
  counted: number;
  /** How many times as likely the task makes it. */
  factor: number;
}

/**
 * The most probable next tools, with probabilities that sum to at most 1.
 *
 * @param runs the `tool_sequence` patterns that `nextToolLookups` names
 * @param expected what `expectTools` gives for the task
 */
export function predictNextTools(
  situation: Situation,
  basis: PredictionBasis,
  { runs, expected }: { runs: readonly PatternRow[]; expected: readonly ExpectedTool[] },
  limit = TOOLS_MAX,
): NextTool[] {
  const { ablations, episodes, now } = basis;
  const tools = situation.recent.map(({ tool }) => tool);
  const counts = continuationShares(tools, runs, now);
  const votes = ablations.has("advise_similar")
    ? new Map<string, Vote>()
    : countVotes(situation, basis);
  const votesTotal = [...votes.values()].reduce((sum, { weight }) => sum + weight, 0);
  const countsShare = shareOfCounts(votesTotal > 0, counts.size > 0, episodes.length);
  const factors = ablations.has("advise_task")
    ? new Map<string, number>()
    : taskFactors(expected, new Set(tools));

  const known = [...new Set([...counts.keys(), ...votes.keys()])];
  const mixed = known
    .filter((tool) => !basis.detours.has(tool))
    .map((tool) => {
      const voted = votesTotal > 0 ? (votes.get(tool)?.weight ?? 0) / votesTotal : 0;
      const counted = counts.get(tool) ?? 0;
      const factor = factors.get(tool) ?? 1;
      const weight = ((1 - countsShare) * voted + countsShare * counted) * factor;
      return { tool, weight, reasons: { voted, counted, factor } };
    });
  const total = mixed.reduce((sum, { weight }) => sum + weight, 0);

  return mixed
    .map(({ tool, weight, reasons }) => ({
      tool,
      probability: total > 0 ? weight / total : 0,
      reasons,
    }))
    .filter(({ probability }) => probability >= PROBABILITY_MIN)
    .sort((a, b) => b.probability - a.probability || (a.tool < b.tool ? -1 : 1))
    .slice(0, limit)
    .map(({ tool, probability, reasons }): NextTool => ({
      tool,
      probability,
      why: inWords(reasons),
      episodes: foremostEpisodes(votes.get(tool)),
    }));
}

/** How much the counts of all runs weigh against the votes, 0…1. */
function shareOfCounts(hasVotes: boolean, hasCounts: boolean, episodes: number): number {
  if (!hasVotes) return 1;
  return hasCounts ? PRIOR_EPISODES / (PRIOR_EPISODES + episodes) : 0;
}

/** How many times as likely the task makes each tool; 1 for one that was used already. */
function taskFactors(
  expected: readonly ExpectedTool[],
  used: ReadonlySet<string>,
): Map<string, number> {
  const bounded = (probability: number): number =>
    Math.min(1 - ODDS_BOUND, Math.max(ODDS_BOUND, probability));
  return new Map(
    expected.map(({ tool, probability, usual }) => [
      tool,
      used.has(tool) ? 1 : (bounded(probability) / bounded(usual)) ** TASK_EXPONENT,
    ]),
  );
}

function inWords({ voted, counted, factor }: Reasons): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const reasons: string[] = [];
  if (voted > 0) reasons.push(`${percent(voted)} likely by similar episodes`);
  if (counted > 0) reasons.push(`${percent(counted)} likely by what followed these steps anywhere`);
  if (Math.abs(Math.log(factor)) > MENTIONED_LOG_MIN)
    reasons.push(`the task makes it ${factor.toFixed(1)} times as likely`);
  return reasons.join("; ");
}

/** The episodes that a vote has most of its weight from. */
function foremostEpisodes(vote: Vote | undefined): string[] {
  return (vote?.episodes ?? [])
    .toSorted((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
    .slice(0, NAMED_EPISODES_MAX)
    .map(({ id }) => id);
}
