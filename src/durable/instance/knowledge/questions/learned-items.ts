/**
 * Chooses the patterns and heuristics that a recall shows: those that are relevant to the task or
 * to the last step, and that gain something over what is usual, the best first. Reads only.
 *
 * @module
 */

import type { RecallView } from "../../../../contract/recall/answers.ts";
import type { PatternContent } from "../../../../contract/patterns.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import {
  assessPattern,
  definitionOf,
  episodesOf,
  gainOf,
  Implications,
  isArchived,
  lookupsAfter,
  viewHeuristic,
  viewPattern,
  worthOfPattern,
  type Assessment,
  type ExpectedOutcomes,
  type StoredDigest,
} from "../../../../memory/learning/index.ts";
import type { EpisodeDigest, PatternRow } from "../../../../memory/learning/types.ts";
import { RelevanceFloor } from "../../../../memory/ranking/index.ts";
import type { NumberedPattern } from "../learned/patterns.ts";
import type { Source } from "../source.ts";
import type { FoundEpisode } from "./similar.ts";

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

/** A similar episode that teaches, and how much. */
export type Teacher = Pick<FoundEpisode, "digest" | "similarity">;

/** What the items are chosen by. */
export interface Examples {
  /** The relevant episodes, most similar first. */
  teachers: readonly Teacher[];
  /** All that were found, judged against each other. */
  expected: ExpectedOutcomes;
}

export function learnedItems(
  source: Source,
  { teachers, expected }: Examples,
  input: RecallInput,
  now: number,
): LearnedItems {
  const relevance = relevances(source, teachers, input);
  const patterns = source.patterns(relevance.strongest(PATTERNS_MAX));
  const base = source.baseRates(now);
  const items = patterns.map(({ number, row }) => {
    const assessment = assessPattern(row, base, now);
    const { content } = row;
    return { number, row, content, assessment, ...scored(assessment, relevance.of(number)) };
  });
  const { curation } = source;
  const isPinned = (row: PatternRow): boolean => curation.isPinned("pattern", row.id);
  const candidates = items
    .filter(({ row, assessment }) => isPinned(row) || says(assessment))
    .sort(
      (a, b) =>
        Number(isPinned(b.row)) - Number(isPinned(a.row)) ||
        b.score - a.score ||
        (a.row.id < b.row.id ? -1 : 1),
    );
  const telling = new Telling({ items, candidates }, expected, isPinned);

  // A heuristic says more than the patterns that say the same.
  const allowed = candidates.filter(
    ({ row }) => row.promoted && curation.allows("heuristic", `h-${row.id}`),
  );
  const heuristicsMax = input.include.includes("heuristics") ? input.limit : 0;
  const promoted = distinct(allowed, telling, heuristicsMax);
  const others = candidates.filter((item) => !promoted.includes(item));
  const shown = distinct(others, telling, input.limit, promoted);
  return {
    patterns: shown.map(({ row, why, score }) => ({ ...viewPattern(row, base, now), score, why })),
    heuristics: promoted.map(({ row, why, score }) => ({
      ...viewHeuristic(row, viewPattern(row, base, now)),
      score,
      why,
    })),
  };
}

/** Whether all of a pattern's evidence says something that is worth a word. */
function says(assessment: Assessment): boolean {
  const isNeutral = assessment.polarity === "neutral";
  return !isNeutral && gainOf(assessment) >= GAIN_MIN && !isArchived(assessment);
}

/** A pattern that may be shown. */
interface Item extends Finding {
  number: number;
  row: PatternRow;
}

/**
 * Which items tell something that similar runs bear out, and that no other one says as well: found
 * out once about each, when its turn comes, because of hundreds a few are shown.
 */
class Telling {
  readonly #answers = new Map<Item, boolean>();
  readonly #implications: Implications<Item>;
  readonly #runs: ReadonlyMap<number, readonly EpisodeDigest[]>;
  readonly #expected: ExpectedOutcomes;
  readonly #isPinned: (row: PatternRow) => boolean;

  /** @param of items: all that are relevant; candidates: those of them that may be asked about */
  constructor(
    { items, candidates }: Record<"items" | "candidates", readonly Item[]>,
    expected: ExpectedOutcomes,
    isPinned: (row: PatternRow) => boolean,
  ) {
    this.#implications = new Implications(items, ({ row }) => episodesOf(row));
    this.#runs = runsByPattern(
      candidates.map(({ number }) => number),
      expected,
    );
    this.#expected = expected;
    this.#isPinned = isPinned;
  }

  has(item: Item): boolean {
    const answer = this.#answers.get(item) ?? this.#judge(item);
    this.#answers.set(item, answer);
    return answer;
  }

  #judge(item: Item): boolean {
    const runs = this.#runs.get(item.number) ?? [];
    const isBorneOut =
      this.#isPinned(item.row) || bearsOut(item.content, item.assessment, runs, this.#expected);
    return isBorneOut && !this.#implications.isNeedless(item);
  }
}

/** The judged runs that showed each of these patterns, by its number. */
function runsByPattern(
  numbers: readonly number[],
  { runs }: ExpectedOutcomes,
): Map<number, EpisodeDigest[]> {
  const byNumber = new Map(numbers.map((number): [number, EpisodeDigest[]] => [number, []]));
  for (const run of runs) {
    for (const number of (run as Partial<Pick<StoredDigest, "patterns">>).patterns ?? [])
      byNumber.get(number)?.push(run);
  }
  return byNumber;
}

/**
 * Whether the similar runs that showed a pattern bear out what all of its evidence says: beside the
 * domain's rate it may show no more than that its tasks are hard, or easy.
 */
function bearsOut(
  content: PatternContent,
  { polarity, isStopped }: Assessment,
  runs: readonly EpisodeDigest[],
  expected: ExpectedOutcomes,
): boolean {
  if (isStopped) return true;
  const worth = worthOfPattern(definitionOf(content).tools(content), runs, expected);
  return polarity === "avoid" ? worth === "worse" : worth === "better" || worth === "unknown";
}

interface Finding {
  content: PatternContent;
  assessment: Assessment;
}

/** Evidence this alike is that of one finding: share of the one's episodes in the other's. */
const SAME_EPISODES_MIN = 0.8;

/**
 * The first items that tell something, in their order, without those that say again what one before
 * them, or of these, says.
 */
function distinct<T extends Item>(
  items: readonly T[],
  telling: Telling,
  limit: number,
  said: readonly T[] = [],
): T[] {
  const kept: T[] = [];
  for (const item of items) {
    if (kept.length >= limit) break;
    const isSaid = (other: T): boolean => isSameFinding(item, other);
    if (telling.has(item) && !said.some(isSaid) && !kept.some(isSaid)) kept.push(item);
  }
  return kept;
}

/**
 * `A → B`, `after A: B` and `B in this domain` are one finding where the same episodes show them.
 * How often they were seen stands for which ones they are.
 */
function isSameFinding(a: Finding, b: Finding): boolean {
  if (a.assessment.polarity !== b.assessment.polarity) return false;
  if (a.content.kind === "error_recovery" || b.content.kind === "error_recovery") return false;
  const [fewer, more] = [a, b]
    .map(({ assessment }) => assessment.support.episodes)
    .sort((x, y) => x - y);
  if ((fewer ?? 0) < SAME_EPISODES_MIN * (more ?? 0)) return false;
  const [tools, others] = [a, b].map(({ content }) =>
    definitionOf(content).tools(content).join("\n"),
  );
  const holds = (longer = "", shorter = ""): boolean => `\n${longer}\n`.includes(`\n${shorter}\n`);
  return holds(tools, others) || holds(others, tools);
}

/** The relevance of patterns, by number, summed from its reasons. */
class Relevances {
  readonly #byNumber = new Map<number, Relevance>();

  raise(number: number, reason: keyof Relevance, value: number): void {
    const relevance = this.of(number);
    relevance[reason] = Math.min(1, relevance[reason] + value);
    this.#byNumber.set(number, relevance);
  }

  of(number: number): Relevance {
    return this.#byNumber.get(number) ?? { similar: 0, text: 0, steps: 0 };
  }

  /** Numbers, the most relevant first. */
  strongest(limit: number): number[] {
    const sum = ({ similar, text, steps }: Relevance): number => similar + text + steps;
    return [...this.#byNumber]
      .sort(([a, x], [b, y]) => sum(y) - sum(x) || a - b)
      .slice(0, limit)
      .map(([number]) => number);
  }
}

function relevances(source: Source, teachers: readonly Teacher[], input: RecallInput): Relevances {
  const relevance = new Relevances();
  const top = teachers.slice(0, TEACHERS_MAX);
  const total = top.reduce((sum, { similarity }) => sum + similarity, 0);
  for (const { digest, similarity } of top) {
    for (const number of digest.patterns) relevance.raise(number, "similar", similarity / total);
  }

  const worded = source.candidates(input.task, "pattern", WORDED_MAX);
  const floor = new RelevanceFloor(input.task, worded);
  for (const candidate of worded) {
    const { text, pattern } = candidate;
    if (pattern && floor.admits(candidate)) relevance.raise(pattern.number, "text", text);
  }
  for (const { number } of patternsAfterLastStep(source, input.recent_steps))
    relevance.raise(number, "steps", 1);
  return relevance;
}

/** Patterns that the last step calls for, of each kind that has any. */
function patternsAfterLastStep(
  source: Source,
  recent: RecallInput["recent_steps"],
): NumberedPattern[] {
  const last = recent.at(-1);
  if (!last) return [];
  return lookupsAfter(last).flatMap(({ kind, prefix }) => source.patternsAfter(kind, [prefix]));
}

/** A pattern's score, and what of it comes from where. */
function scored(
  assessment: Assessment,
  relevance: Relevance,
): Pick<LearnedItems["patterns"][number], "score" | "why"> {
  const { similar, text, steps } = RELEVANCE_WEIGHTS;
  const relevant = similar * relevance.similar + text * relevance.text + steps * relevance.steps;
  const { polarity, confidence } = assessment;
  const certainty = polarity === "avoid" ? 1 - confidence : confidence;
  // A certain but average pattern is useless: weigh certainty and gain equally.
  const evidence = (certainty + gainOf(assessment)) / 2;
  const why = {
    similar_episodes: RELEVANCE_SHARE * similar * relevance.similar,
    text: RELEVANCE_SHARE * text * relevance.text,
    recent_steps: RELEVANCE_SHARE * steps * relevance.steps,
    evidence: (1 - RELEVANCE_SHARE) * evidence,
  };
  return { score: RELEVANCE_SHARE * relevant + why.evidence, why };
}
