/**
 * Makes the answer to a recall from a source: similar episodes, what worked, what failed, what to
 * do next. Lists that were not asked for are empty. Reads only; remembering what was shown is the
 * caller's.
 *
 * @module
 */

import type { RecallView } from "../../../../contract/recall/answers.ts";
import type { PlaybookView } from "../../../../contract/recall/playbook.ts";
import type { NextActionView } from "../../../../contract/recall/next-actions.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import {
  expectTools,
  judgeChoices,
  makePlaybook,
  nextToolLookups,
  predictionBasis,
  predictNextTools,
  withoutTools,
  type ExpectedTool,
  type PredictionBasis,
  type SimilarEpisode,
} from "../../../../memory/learning/index.ts";
import { rankEpisodes, type RelevanceFloor } from "../../../../memory/ranking/index.ts";
import type { Source } from "../source.ts";
import { correctedTools } from "./advice/corrected.ts";
import type { Corrections } from "./advice/forecasts.ts";
import { nextActionsFrom } from "./advice/next-actions.ts";
import { recoveriesFrom } from "./advice/recoveries.ts";
import { learnedItems, type Teacher } from "./learned-items.ts";
import {
  relevanceFloor,
  similarEpisodes,
  situationOf,
  type FoundEpisode,
  type TaskQuestion,
} from "./similar.ts";

/**
 * Episodes that the text search hands to ranking: what is further down no context lifts among those
 * that are shown.
 */
const CANDIDATES_MAX = 60;
/** Similar episodes from which the playbook is made and the next tools are predicted. */
const SIMILAR_MAX = 30;

/** Fields of the answer that hold text of stored episodes: data, not instructions. */
const UNTRUSTED = [
  "episodes[].task",
  "episodes[].summary",
  "episodes[].insights",
  "episodes[].tools",
  "patterns[].description",
  "patterns[].condition",
  "patterns[].tools",
  "patterns[].actions",
  "heuristics[].condition",
  "heuristics[].action",
  "heuristics[].actions",
  "playbook.steps[].action",
  "playbook.steps[].tool",
  "playbook.steps[].parameters",
  "playbook.steps[].when",
  "playbook.steps[].for_each",
  "playbook.steps[].pitfalls",
  "playbook.steps[].ways_out",
  "playbook.detours",
  "next_tools[].tool",
  "recoveries[].tool",
  "recoveries[].error",
  "recoveries[].path",
  "recoveries[].actions",
  "recoveries[].mended_by",
  "recoveries[].did_not_help",
  "lessons[].text",
  "lessons[].applies_to",
];

export async function recallFrom(
  source: Source,
  input: RecallInput,
  corrections: Corrections,
  now: number,
): Promise<Omit<RecallView, "recall_id">> {
  const similar = await similarEpisodes(source, input.task, Math.max(CANDIDATES_MAX, input.limit));
  const floor = relevanceFloor(input, similar);
  const teachers = preferContext(similar, floor, input.context);
  const basis = predictionBasis(similar, now, source.ablations);
  const wants = new Set(input.include);
  const wantsLearned = wants.has("patterns") || wants.has("heuristics");
  const episodes = wants.has("episodes")
    ? rankedEpisodes(source, { similar, floor }, input, now)
    : [];
  const learned = wantsLearned
    ? learnedItems(source, { teachers, expected: basis.expected }, input, now)
    : { patterns: [], heuristics: [] };
  // Where no episode is relevant nothing is suggested, unless the steps themselves are known.
  const isSuggested = teachers.length > 0 || input.recent_steps.length > 0;
  const models = teachers.length > 0 ? similar.slice(0, SIMILAR_MAX) : [];
  const forecast = new Forecast(source, models, input, now);
  const met = { recent_steps: input.recent_steps, next_tool: null, error: null };
  const recoveries = wants.has("patterns") ? recoveriesFrom(source, met, now) : [];

  return {
    episodes,
    patterns: wants.has("patterns") ? learned.patterns : [],
    heuristics: wants.has("heuristics") ? learned.heuristics : [],
    playbook: wants.has("playbook") ? playbookOf(forecast, teachers, input, now) : null,
    next_tools: isSuggested ? forecast.nextTools(corrections) : [],
    ...(recoveries.length > 0 ? { recoveries } : {}),
    untrusted: UNTRUSTED,
    served_by: "instance",
    completeness: source.share,
    degraded: source.degraded,
    truncated: 0,
  };
}

/** null: no similar episode succeeded. */
export async function playbookFrom(
  source: Source,
  question: TaskQuestion,
  now: number,
): Promise<PlaybookView | null> {
  const similar = await similarEpisodes(source, question.task, CANDIDATES_MAX);
  const forecast = new Forecast(source, similar.slice(0, SIMILAR_MAX), question, now);
  const teachers = preferContext(similar, relevanceFloor(question, similar), question.context);
  return playbookOf(forecast, teachers, question, now);
}

/** The tools that come next, and what they are used for. */
export interface Next {
  tools: RecallView["next_tools"];
  actions: NextActionView[];
}

export async function nextFrom(
  source: Source,
  question: TaskQuestion,
  corrections: Corrections,
  now: number,
): Promise<Next> {
  const similar = await similarEpisodes(source, question.task, CANDIDATES_MAX);
  const forecast = new Forecast(source, similar, question, now);
  const tools = forecast.nextTools(corrections);
  return { tools, actions: forecast.nextActions(tools, now) };
}

function playbookOf(
  { expected }: Forecast,
  teachers: readonly Teacher[],
  { task, recent_steps: recent }: TaskQuestion,
  now: number,
): PlaybookView | null {
  return makePlaybook({ task, recent }, teachers, expected, now);
}

function rankedEpisodes(
  source: Source,
  { similar, floor }: { similar: readonly FoundEpisode[]; floor: RelevanceFloor },
  input: RecallInput,
  now: number,
): RecallView["episodes"] {
  const digests = new Map(similar.map(({ digest }) => [digest.episode_id, digest]));
  const usage = source.usage([...digests.keys()]);
  const candidates = similar.map(({ candidate }) => candidate);
  return rankEpisodes(candidates, { ...input, floor }, { digests, usage, now });
}

/** The relevant ones, most similar first; those of another domain than the caller's count half. */
function preferContext(
  similar: readonly FoundEpisode[],
  floor: RelevanceFloor,
  context: RecallInput["context"],
): Teacher[] {
  return similar
    .filter(({ candidate }) => floor.admits(candidate))
    .map(({ digest, similarity }) => {
      const isForeign = context.domain && digest.context.domain !== context.domain;
      return { digest, similarity: isForeign ? similarity / 2 : similarity };
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, SIMILAR_MAX);
}

/** What is predicted from similar episodes; what several answers need is computed once. */
class Forecast {
  readonly #source: Source;
  readonly #question: TaskQuestion;
  readonly #basis: PredictionBasis;
  #expected: ExpectedTool[] | null = null;

  constructor(
    source: Source,
    similar: readonly SimilarEpisode[],
    question: TaskQuestion,
    now: number,
  ) {
    this.#source = source;
    this.#question = question;
    this.#basis = predictionBasis(similar, now, source.ablations);
  }

  get expected(): ExpectedTool[] {
    this.#expected ??= expectTools(this.#question.task, this.#basis);
    return this.#expected;
  }

  nextActions(tools: RecallView["next_tools"], now: number): NextActionView[] {
    const { task, recent_steps: recent } = this.#question;
    const onward = withoutTools(recent, this.#basis.detours);
    const asked = { task, recent: onward, tools, proposed: null };
    return nextActionsFrom(this.#source, asked, this.#basis, now);
  }

  nextTools(corrections: Corrections): RecallView["next_tools"] {
    const { expected } = this;
    const lookups = nextToolLookups(this.#question.recent_steps);
    const runs = this.#source.patternsAfter("tool_sequence", lookups).map(({ row }) => row);
    const asked = situationOf(this.#question);
    // What has stopped working is not proposed, however often it was the next one.
    const stopped = judgeChoices(asked, this.#basis).flatMap(({ verdict, tool }) =>
      verdict === "changed" ? tool : [],
    );
    const situation = { ...asked, recent: withoutTools(asked.recent, this.#basis.detours) };
    const predicted = predictNextTools(situation, this.#basis, { runs, expected });
    const next = predicted.filter(({ tool }) => !stopped.includes(tool));
    return correctedTools(next, corrections.next);
  }
}
