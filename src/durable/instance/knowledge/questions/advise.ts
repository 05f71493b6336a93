/**
 * Makes advice for the moment of action from a source: what comes next, what to avoid, which
 * recovery worked, how it will probably end. Each list is bounded, and names its evidence. Reads
 * only; remembering what was shown is the caller's.
 *
 * @module
 */

import type { AdviceView } from "../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../contract/recall/requests.ts";
import {
  expectTools,
  nextToolLookups,
  predictionBasis,
  predictNextTools,
  predictOutcome,
  withoutTools,
} from "../../../../memory/learning/index.ts";
import { shownAdvice } from "../curated/shown.ts";
import type { Source } from "../source.ts";
import type { ForecastRecord } from "../records.ts";
import { correctedOutcome, correctedTools } from "./advice/corrected.ts";
import { forecastOf, type Corrections } from "./advice/forecasts.ts";
import { choicesFrom } from "./advice/choices.ts";
import { nextActionsFrom, type NextQuestion } from "./advice/next-actions.ts";
import { recoveriesFrom } from "./advice/recoveries.ts";
import { lineOf } from "./advice/line.ts";
import { relevanceFloor, similarEpisodes, situationOf } from "./similar.ts";

/**
 * Episodes that advice is made from: what is usual in a run is worth knowing even where its task is
 * another.
 */
const EPISODES_MAX = 300;
/** Items of each list of an answer. */
const NEXT_TOOLS_MAX = 5;
const EXPECTED_TOOLS_MAX = 20;
/** The prediction is asked for this many tools, so that a proposed one has a rank. */
const RANKED_TOOLS_MAX = 50;

/** Fields of the answer that hold text of stored episodes: data, not instructions. */
const UNTRUSTED = [
  "next_tools[].tool",
  "next_actions[].action",
  "next_actions[].parameters",
  "expected_tools[].tool",
  "avoid[].tool",
  "avoid[].why",
  "recoveries[].tool",
  "recoveries[].error",
  "recoveries[].path",
  "line",
  "recoveries[].actions",
  "recoveries[].mended_by",
  "recoveries[].did_not_help",
  "lessons[].text",
  "lessons[].applies_to",
];

/** Advice, and what of it is a forecast of the episode that it is asked about. */
export interface Advised {
  advice: Omit<AdviceView, "recall_id">;
  forecast: ForecastRecord | null;
}

export async function adviseFrom(
  source: Source,
  input: AdviseInput,
  corrections: Corrections,
  now: number,
): Promise<Advised> {
  const lookups = nextToolLookups(input.recent_steps);
  const runs = source.patternsAfter("tool_sequence", lookups).map(({ row }) => row);
  const found = await similarEpisodes(source, input.task, EPISODES_MAX);
  // A task that nothing here is about, begun with steps that nobody took, is answered by silence.
  const isKnown = runs.length > 0 || relevanceFloor(input, found).isMet;
  const basis = predictionBasis(isKnown ? found : [], now, source.ablations);
  // What was tried in vain, here or there, says nothing of what comes next.
  const recent = withoutTools(input.recent_steps, basis.detours);
  const asked = situationOf(input);
  const situation = { ...asked, recent };
  const expected = expectTools(input.task, basis, EXPECTED_TOOLS_MAX);
  const predicted = predictNextTools(situation, basis, { runs, expected }, RANKED_TOOLS_MAX);
  const ranked = correctedTools(predicted, corrections.next);
  const choices = choicesFrom(source, { situation: asked, basis, ranked }, input, now);
  const estimated = predictOutcome(situation, basis);
  const outlook = correctedOutcome(estimated, corrections.outcome);

  const learned = {
    next_tools: choices.next.slice(0, NEXT_TOOLS_MAX),
    next_actions: nextActionsFrom(source, onward(input, recent, choices.next), basis, now),
    expected_tools: expected
      .slice(0, EXPECTED_TOOLS_MAX)
      .map(({ tool, probability, episodes }) => ({ tool, probability, episodes })),
    avoid: choices.avoid,
    recoveries: recoveriesFrom(source, input, now),
    proposed: choices.proposed,
    outlook,
    untrusted: UNTRUSTED,
    served_by: "instance" as const,
    completeness: source.share,
    degraded: source.degraded,
  };
  // What a person banned or rewrote is so in the line, too.
  const advice = shownAdvice(source.curation, learned);
  const line = lineOf(input, advice, basis.expected.runs);
  const made = { tools: predicted, success: estimated?.success ?? null };
  const shown = { tools: ranked, success: outlook?.success ?? null };
  const forecast = forecastOf(input, made, shown);
  return { advice: { ...(input.only_line ? silent(advice) : advice), line }, forecast };
}

/** What the next actions are asked for: those of the tools that are told, and of the proposed one. */
function onward(
  { task, next_tool: proposed }: AdviseInput,
  recent: NextQuestion["recent"],
  next: NextQuestion["tools"],
): NextQuestion {
  const tools = next.filter(({ tool }, i) => i < NEXT_TOOLS_MAX || tool === proposed);
  return { task, recent, tools, proposed };
}

/** Without its lists: for who wants the one line, and a short answer. */
function silent(advice: Advised["advice"]): Advised["advice"] {
  const [next_tools, next_actions, expected_tools] = [[], [], []];
  const [avoid, recoveries] = [[], []];
  return {
    ...advice,
    next_tools,
    next_actions,
    expected_tools,
    avoid,
    recoveries,
    proposed: null,
    outlook: null,
  };
}
