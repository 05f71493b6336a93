/**
 * Which similar episodes to show: text first, soft boosts after it, then diversity. No hard filter
 * that the caller did not ask for.
 *
 * @module
 */

import { similarityOfRuns } from "../learning/index.ts";
import type { EpisodeDigest } from "../learning/types.ts";
import { MS } from "../../contract/limits.ts";
import type { Context, TaskType } from "../../contract/model.ts";
import type { RecalledEpisode } from "../../contract/operations.ts";
import { decay } from "../statistics.ts";
import type { Candidate } from "../text/index.ts";
import { isoTime } from "../../util/time.ts";

const SCORE_WEIGHTS = { text: 0.7, context: 0.12, reward: 0.08, recency: 0.05, use: 0.05 } as const;

/**
 * Below this share of the best possible text score an episode has next to nothing of the query: a
 * few common words of a long task, or one of many.
 */
export const RELEVANCE_FLOOR = 0.04;

/**
 * Maximal marginal relevance: weight of relevance against novelty. J. Carbonell, J. Goldstein,
 * SIGIR 1998.
 */
const MMR_LAMBDA = 0.6;
/** Candidates that diversity chooses from. */
const POOL = 60;

export interface RankingQuery {
  context: Partial<Context>;
  task_type?: TaskType;
}

export function rankEpisodes(
  candidates: readonly Candidate[],
  digests: ReadonlyMap<string, EpisodeDigest>,
  usage: ReadonlyMap<string, { helpful: number; unhelpful: number }>,
  query: RankingQuery,
  now: number,
  halfLifeDays: number,
  limit: number,
): RecalledEpisode[] {
  const scored = candidates
    .filter((candidate) => candidate.kind === "episode" && candidate.text >= RELEVANCE_FLOOR)
    .flatMap((candidate) => {
      const digest = digests.get(candidate.id);
      // Ended without an outcome and without a step: there is nothing to learn from it.
      if (digest && digest.path.length === 0 && digest.outcome === null) return [];
      return digest
        ? [recalled(candidate, digest, usage.get(candidate.id), query, now, halfLifeDays)]
        : [];
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
    .slice(0, Math.max(POOL, limit));
  return withWarning(diversify(scored, limit), scored, limit);
}

function recalled(
  { text, matched_terms }: Candidate,
  digest: EpisodeDigest,
  use: { helpful: number; unhelpful: number } | undefined,
  query: RankingQuery,
  now: number,
  halfLifeDays: number,
): RecalledEpisode {
  const parts = {
    text,
    context: contextMatch(digest, query),
    reward: digest.reward === null ? 0.5 : digest.reward / 1000,
    recency: decay(now - digest.ended_at, halfLifeDays * MS.day),
    // Laplace's rule: one half until somebody said something.
    use: ((use?.helpful ?? 0) + 1) / ((use?.helpful ?? 0) + (use?.unhelpful ?? 0) + 2),
  };
  const w = SCORE_WEIGHTS;
  const why = {
    text: w.text * parts.text,
    context: w.context * parts.context,
    reward: w.reward * parts.reward,
    recency: w.recency * parts.recency,
    use: w.use * parts.use,
  };
  return {
    id: digest.episode_id,
    score: why.text + why.context + why.reward + why.recency + why.use,
    task: digest.task,
    task_type: digest.task_type,
    context: digest.context,
    status: digest.status,
    outcome: digest.outcome,
    reward: digest.reward === null ? null : digest.reward / 1000,
    warning: digest.failure >= 500,
    summary: digest.summary,
    insights: digest.insights,
    tools: digest.path.map((step) => step.tool),
    ended_at: isoTime(digest.ended_at),
    why,
    matched_terms,
  };
}

/** Share of what the caller named that is the same, 0…1; ½ when nothing was named. */
function contextMatch(digest: EpisodeDigest, { context, task_type }: RankingQuery): number {
  const marks: boolean[] = [];
  for (const name of ["domain", "language", "framework", "complexity"] as const) {
    const wanted = context[name];
    if (wanted) marks.push(digest.context[name]?.toLowerCase() === wanted.toLowerCase());
  }
  if (task_type) marks.push(digest.task_type === task_type);
  const tags = new Set([...digest.tags, ...digest.context.tags]);
  for (const tag of context.tags ?? []) marks.push(tags.has(tag));
  return marks.length === 0 ? 0.5 : marks.filter(Boolean).length / marks.length;
}

function diversify(scored: readonly RecalledEpisode[], limit: number): RecalledEpisode[] {
  const left = [...scored];
  const chosen: RecalledEpisode[] = [];
  const likest = new Map<string, number>();
  while (chosen.length < limit && left.length > 0) {
    let at = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const [i, episode] of left.entries()) {
      const value =
        MMR_LAMBDA * episode.score -
        (1 - MMR_LAMBDA) * episode.score * (likest.get(episode.id) ?? 0);
      if (value > best) [at, best] = [i, value];
    }
    const [next] = left.splice(at, 1);
    if (!next) break;
    chosen.push(next);
    for (const episode of left) {
      likest.set(episode.id, Math.max(likest.get(episode.id) ?? 0, likeness(next, episode)));
    }
  }
  return chosen.sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1));
}

/**
 * Two runs of the same task on the same path teach the same; a success and a failure of it do not.
 */
function likeness(a: RecalledEpisode, b: RecalledEpisode): number {
  if (a.warning !== b.warning) return 0;
  const task = a.task === b.task ? 1 : 0;
  return 0.5 * task + 0.5 * similarityOfRuns(a.tools, b.tools);
}

/** A relevant failure is worth a place: the last one, when none has it. */
function withWarning(
  chosen: RecalledEpisode[],
  scored: readonly RecalledEpisode[],
  limit: number,
): RecalledEpisode[] {
  if (limit < 2 || chosen.length < limit || chosen.some((episode) => episode.warning))
    return chosen;
  const warning = scored.find((episode) => episode.warning);
  const last = chosen.at(-1);
  if (!warning || !last || warning.why.text < 0.5 * last.why.text) return chosen;
  return [...chosen.slice(0, -1), warning];
}
