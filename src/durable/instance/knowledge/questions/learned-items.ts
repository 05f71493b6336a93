/**
 * Chooses the patterns and heuristics that a recall shows: those that are relevant to the task or
 * to the last step, and that gain something over what is usual, the best first. Reads only.
 *
 * @module
 */

import type { PatternView } from "../../../../contract/knowledge/answers.ts";
import type { RecallView } from "../../../../contract/recall/answers.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import {
  baseRates,
  episodesOf,
  gainOf,
  isArchived,
  lookupsAfter,
  viewHeuristic,
  viewPattern,
  withoutImplied,
  type SimilarEpisode,
} from "../../../../memory/learning/index.ts";
import type { PatternRow } from "../../../../memory/learning/types.ts";
import { RELEVANCE_FLOOR } from "../../../../memory/ranking/index.ts";
import type { Source } from "../source.ts";

/** Similar episodes whose patterns are considered, the most similar ones. */
const TEACHERS_MAX = 10;
/** Patterns that the task's words may find, and that are considered in all. */
const WORDED_MAX = 50;
const PATTERNS_MAX = 400;
/**
 * A pattern that gains less than this share of what could be gained is what everybody does anyway.
 */
const GAIN_MIN = 0.02;
/** How relevance and evidence share a pattern's score. */
const RELEVANCE_SHARE = 0.6;
/** How the reasons share its relevance; they sum to 1. */
const RELEVANCE_WEIGHTS = { similar: 0.5, text: 0.2, steps: 0.3 } as const;

type LearnedItems = Pick<RecallView, "patterns" | "heuristics">;

/** Why a pattern is relevant, each 0…1: similar episodes have it, its words, the last step. */
type Relevance = Record<keyof typeof RELEVANCE_WEIGHTS, number>;

/** @param teachers the similar episodes, most similar first */
export async function learnedItems(
  source: Source,
  teachers: readonly SimilarEpisode[],
  input: RecallInput,
  now: number,
): Promise<LearnedItems> {
  const relevance = await relevances(source, teachers, input);
  const rows = await source.patterns(relevance.strongest(PATTERNS_MAX));
  const base = baseRates(await source.domains(), now);
  const items = withoutImplied(rows, episodesOf)
    .map((row) => {
      const view = viewPattern(row, base, now);
      return { row, view, ...scored(view, relevance.of(row.id)) };
    })
    .filter(
      ({ view }) => view.polarity !== "neutral" && gainOf(view) >= GAIN_MIN && !isArchived(view),
    )
    .sort((a, b) => b.score - a.score || (a.row.id < b.row.id ? -1 : 1));

  return {
    patterns: items.slice(0, input.limit).map(({ view, why, score }) => ({ ...view, score, why })),
    heuristics: items
      .filter(({ row }) => row.promoted)
      .slice(0, input.limit)
      .map(({ row, view, why, score }) => ({ ...viewHeuristic(row, view), score, why })),
  };
}

/** The relevance of patterns, by id, summed from its reasons. */
class Relevances {
  readonly #byId = new Map<string, Relevance>();

  raise(id: string, reason: keyof Relevance, value: number): void {
    const relevance = this.of(id);
    relevance[reason] = Math.min(1, relevance[reason] + value);
    this.#byId.set(id, relevance);
  }

  of(id: string): Relevance {
    return this.#byId.get(id) ?? { similar: 0, text: 0, steps: 0 };
  }

  /** Ids, the most relevant first. */
  strongest(limit: number): string[] {
    const sum = ({ similar, text, steps }: Relevance): number => similar + text + steps;
    return [...this.#byId]
      .sort(([a, x], [b, y]) => sum(y) - sum(x) || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([id]) => id);
  }
}

async function relevances(
  source: Source,
  teachers: readonly SimilarEpisode[],
  input: RecallInput,
): Promise<Relevances> {
  const relevance = new Relevances();
  const top = teachers.slice(0, TEACHERS_MAX);
  const total = top.reduce((sum, { similarity }) => sum + similarity, 0);
  const contributed = await source.contributions(top.map(({ digest }) => digest.episode_id));
  for (const { digest, similarity } of top) {
    for (const id of contributed.get(digest.episode_id) ?? [])
      relevance.raise(id, "similar", similarity / total);
  }

  for (const { id, text } of await source.candidates(input.task, "pattern", WORDED_MAX)) {
    if (text >= RELEVANCE_FLOOR) relevance.raise(id, "text", text);
  }
  for (const { id } of await patternsAfterLastStep(source, input.recent_steps))
    relevance.raise(id, "steps", 1);
  return relevance;
}

/** Patterns that the last step calls for, of each kind that has any. */
async function patternsAfterLastStep(
  source: Source,
  recent: RecallInput["recent_steps"],
): Promise<PatternRow[]> {
  const last = recent.at(-1);
  if (!last) return [];
  const rows: PatternRow[] = [];
  for (const { kind, prefix } of lookupsAfter(last))
    rows.push(...(await source.patternsAfter(kind, [prefix])));
  return rows;
}

/** A pattern's score, and what of it comes from where. */
function scored(
  view: PatternView,
  relevance: Relevance,
): Pick<LearnedItems["patterns"][number], "score" | "why"> {
  const { similar, text, steps } = RELEVANCE_WEIGHTS;
  const relevant = similar * relevance.similar + text * relevance.text + steps * relevance.steps;
  const certainty = view.polarity === "avoid" ? 1 - view.confidence : view.confidence;
  // A certain but average pattern is useless: weigh certainty and gain equally.
  const evidence = (certainty + gainOf(view)) / 2;
  const why = {
    similar_episodes: RELEVANCE_SHARE * similar * relevance.similar,
    text: RELEVANCE_SHARE * text * relevance.text,
    recent_steps: RELEVANCE_SHARE * steps * relevance.steps,
    evidence: (1 - RELEVANCE_SHARE) * evidence,
  };
  return { score: RELEVANCE_SHARE * relevant + why.evidence, why };
}
