/**
 * Chooses which similar episodes to show, and in which order: the text's score first, soft boosts
 * after it, then diversity. No hard filter that the caller did not ask for. Pure.
 *
 * @module
 */

import type { Context } from "../../contract/episodes/record.ts";
import type { RecalledEpisode } from "../../contract/recall/answers.ts";
import type { TaskType } from "../../contract/vocabulary.ts";
import { isFailure, RunSimilarities, weightAt } from "../learning/index.ts";
import type { EpisodeDigest } from "../learning/types.ts";
import type { Candidate } from "../search/index.ts";
import type { RelevanceFloor } from "./relevance-floor.ts";
import { isoTime } from "../../util/time.ts";

/** They sum to 1; the match of the texts is most of it. */
const SCORE_WEIGHTS = { text: 0.7, context: 0.12, reward: 0.08, recency: 0.05, use: 0.05 } as const;

/**
 * Maximal marginal relevance: weight of relevance against novelty. J. Carbonell, J. Goldstein,
 * SIGIR 1998.
 */
const MMR_LAMBDA = 0.6;
/** Candidates that diversity chooses from: the work grows with their number times the limit. */
const DIVERSIFIED_MAX = 60;
/** A warning takes a place when its text is at least this much as relevant as what it replaces. */
const WARNING_RELEVANCE_MIN = 0.5;

/** How an episode's recalls were judged, in uses. */
interface Use {
  helpful: number;
  unhelpful: number;
}

export interface RankingQuery {
  context: Partial<Context>;
  task_type?: TaskType;
  /** What is relevant at all to its text. */
  floor: RelevanceFloor;
  /** Episodes that are wanted. */
  limit: number;
}

/** What is known of the candidates, by the id of the episode. */
export interface RankingFacts {
  /** A candidate without a digest is left out. */
  digests: ReadonlyMap<string, EpisodeDigest>;
  usage: ReadonlyMap<string, Use>;
  /** ms since the epoch. */
  now: number;
}

/** A candidate that may be shown. */
interface Ranked {
  digest: EpisodeDigest;
  score: number;
  why: RecalledEpisode["why"];
  isWarning: boolean;
  tools: string[];
  matched_terms: string[];
}

/** The best first, at most as many as are wanted, among them a failure if a relevant one exists. */
export function rankEpisodes(
  candidates: readonly Candidate[],
  query: RankingQuery,
  facts: RankingFacts,
): RecalledEpisode[] {
  const { limit } = query;
  const scored = candidates
    .filter((candidate) => candidate.kind === "episode" && query.floor.admits(candidate))
    .flatMap((candidate) => {
      const digest = facts.digests.get(candidate.id);
      // Ended without an outcome and without a step: there is nothing to learn from it.
      const isEmpty = digest?.path.length === 0 && digest.outcome === null;
      return digest && !isEmpty ? [ranked(candidate, digest, query, facts)] : [];
    })
    .sort(byScore)
    .slice(0, Math.max(DIVERSIFIED_MAX, limit));
  return withWarning(diversified(scored, limit), scored, limit).map(recalled);
}

function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || (a.digest.episode_id < b.digest.episode_id ? 1 : -1);
}

function ranked(
  { id, text, matched_terms }: Candidate,
  digest: EpisodeDigest,
  query: RankingQuery,
  { usage, now }: RankingFacts,
): Ranked {
  const reward = digest.reward === null ? null : digest.reward / 1000;
  const why = {
    text: SCORE_WEIGHTS.text * text,
    context: SCORE_WEIGHTS.context * contextMatch(digest, query),
    reward: SCORE_WEIGHTS.reward * (reward ?? 0.5),
    recency: SCORE_WEIGHTS.recency * weightAt(digest.ended_at, now),
    use: SCORE_WEIGHTS.use * usefulness(usage.get(id)),
  };
  return {
    digest,
    score: why.text + why.context + why.reward + why.recency + why.use,
    why,
    isWarning: isFailure(digest),
    tools: digest.path.map((step) => step.tool),
    matched_terms,
  };
}

function recalled({ digest, score, why, isWarning, ...more }: Ranked): RecalledEpisode {
  return {
    id: digest.episode_id,
    score,
    task: digest.task,
    task_type: digest.task_type,
    context: digest.context,
    status: digest.status,
    outcome: digest.outcome,
    reward: digest.reward === null ? null : digest.reward / 1000,
    warning: isWarning,
    summary: digest.summary,
    insights: digest.insights,
    ended_at: isoTime(digest.ended_at),
    why,
    ...more,
  };
}

/** Laplace's rule: one half until a recall of it was judged. */
function usefulness({ helpful, unhelpful }: Use = { helpful: 0, unhelpful: 0 }): number {
  return (helpful + 1) / (helpful + unhelpful + 2);
}

/** Share of what the caller named that is the same, 0…1; ½ when nothing was named. */
function contextMatch(digest: EpisodeDigest, { context, task_type }: RankingQuery): number {
  const matches: boolean[] = [];
  for (const name of ["domain", "language", "framework", "complexity"] as const) {
    const wanted = context[name];
    if (wanted) matches.push(digest.context[name]?.toLowerCase() === wanted.toLowerCase());
  }
  if (task_type) matches.push(digest.task_type === task_type);

  const tags = new Set([...digest.tags, ...digest.context.tags]);
  for (const tag of context.tags ?? []) matches.push(tags.has(tag));
  return matches.length === 0 ? 0.5 : matches.filter(Boolean).length / matches.length;
}

/** Chooses one after the other, each by its score less what it repeats of those chosen before. */
function diversified(scored: readonly Ranked[], limit: number): Ranked[] {
  const left = [...scored];
  const chosen: Ranked[] = [];
  const similarities = new RunSimilarities();
  /** How much an episode repeats the most similar one of those chosen. */
  const redundancies = new Map<Ranked, number>();

  while (chosen.length < limit && left.length > 0) {
    let at = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const [i, episode] of left.entries()) {
      const redundancy = redundancies.get(episode) ?? 0;
      const value = MMR_LAMBDA * episode.score - (1 - MMR_LAMBDA) * episode.score * redundancy;
      if (value > best) [at, best] = [i, value];
    }
    const [next] = left.splice(at, 1);
    if (!next) break;

    chosen.push(next);
    for (const episode of left) {
      const before = redundancies.get(episode) ?? 0;
      redundancies.set(episode, Math.max(before, redundancyOf(next, episode, similarities)));
    }
  }
  return chosen.sort(byScore);
}

/**
 * Two runs of the same task on the same path teach the same; a success and a failure of it do not.
 */
function redundancyOf(a: Ranked, b: Ranked, similarities: RunSimilarities): number {
  if (a.isWarning !== b.isWarning) return 0;
  const task = a.digest.task === b.digest.task ? 1 : 0;
  return 0.5 * task + 0.5 * similarities.of(a.tools, b.tools);
}

/** A relevant failure is worth a place: the last one, when none has it. */
function withWarning(chosen: Ranked[], scored: readonly Ranked[], limit: number): Ranked[] {
  const last = chosen.at(-1);
  const isFull = limit >= 2 && chosen.length >= limit;
  if (!last || !isFull || chosen.some((episode) => episode.isWarning)) return chosen;

  const warning = scored.find((episode) => episode.isWarning);
  const isRelevant = warning && warning.why.text >= WARNING_RELEVANCE_MIN * last.why.text;
  return isRelevant ? [...chosen.slice(0, -1), warning] : chosen;
}
