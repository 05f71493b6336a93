/**
 * Makes advice for the moment of action from a source: what comes next, what to avoid, which
 * recovery worked, how it will probably end. Each list is bounded, and names its evidence. Reads
 * only; remembering what was shown is the caller's.
 *
 * @module
 */

import type { NextToolView } from "../../../../contract/episodes/answers.ts";
import type { AdviceView } from "../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../contract/recall/requests.ts";
import {
  choicePrefix,
  expectTools,
  isArchived,
  maskError,
  nextToolLookups,
  predictionBasis,
  predictNextActions,
  predictNextTools,
  predictOutcome,
  viewPattern,
  type BaseRates,
} from "../../../../memory/learning/index.ts";
import type { Source } from "../source.ts";
import { recoveriesFrom } from "./advice/recoveries.ts";
import { similarEpisodes, situationOf } from "./similar.ts";

/**
 * Episodes that advice is made from: what is usual in a run is worth knowing even where its task is
 * another.
 */
const EPISODES_MAX = 300;
/** Items of each list of an answer. */
const NEXT_TOOLS_MAX = 5;
const EXPECTED_TOOLS_MAX = 20;
const AVOIDED_MAX = 10;
/** The prediction is asked for this many tools, so that a proposed one has a rank. */
const RANKED_TOOLS_MAX = 50;
/**
 * A proposed tool that has less than this share of the likeliest one's probability is unusual here.
 */
const USUAL_SHARE_MIN = 0.2;

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
  "recoveries[].actions",
  "recoveries[].mended_by",
  "recoveries[].did_not_help",
];

export async function adviseFrom(
  source: Source,
  input: AdviseInput,
  now: number,
): Promise<Omit<AdviceView, "recall_id">> {
  const similar = await similarEpisodes(source, input.task, EPISODES_MAX);
  const situation = situationOf(input);
  const basis = predictionBasis(similar, now, source.ablations);
  const expected = expectTools(input.task, basis, EXPECTED_TOOLS_MAX);
  const lookups = nextToolLookups(input.recent_steps);
  const runs = source.patternsAfter("tool_sequence", lookups).map(({ row }) => row);
  const ranked = predictNextTools(situation, basis, { runs, expected }, RANKED_TOOLS_MAX);
  const next_tools = ranked.slice(0, NEXT_TOOLS_MAX);
  const base = source.baseRates(now);
  const avoid = choicesToAvoid(source, input, base, now);

  return {
    next_tools,
    next_actions: predictNextActions(input.task, input.recent_steps, basis, {
      tools: ranked.filter(({ tool }, i) => i < NEXT_TOOLS_MAX || tool === input.next_tool),
      proposed: input.next_tool,
    }),
    expected_tools: expected
      .slice(0, EXPECTED_TOOLS_MAX)
      .map(({ tool, probability, episodes }) => ({ tool, probability, episodes })),
    avoid,
    recoveries: recoveriesFrom(source, input, now),
    proposed: judge(input.next_tool, ranked, avoid),
    outlook: predictOutcome(situation, basis),
    untrusted: UNTRUSTED,
    served_by: "instance",
    completeness: source.share,
    degraded: source.degraded,
  };
}

/** How a tool that the agent proposes compares with the others; null: it proposes none. */
function judge(
  tool: string | null,
  ranked: readonly NextToolView[],
  avoid: AdviceView["avoid"],
): AdviceView["proposed"] {
  if (tool === null) return null;
  const at = ranked.findIndex((next) => next.tool === tool);
  const probability = ranked[at]?.probability ?? 0;
  const isAvoided = avoid.some((choice) => choice.tool === tool);
  const isUsual = probability > 0 && probability >= USUAL_SHARE_MIN * (ranked[0]?.probability ?? 0);
  const verdict = isAvoided ? "avoid" : isUsual ? "usual" : "unusual";
  return { tool, probability, rank: at < 0 ? null : at + 1, verdict };
}

/** Choices after the last result that ended badly, and calls that only failed again. */
function choicesToAvoid(
  source: Source,
  { recent_steps: recent }: AdviseInput,
  base: BaseRates,
  now: number,
): AdviceView["avoid"] {
  const last = recent.at(-1);
  if (!last) return [];
  const patterns = source.patternsAfter("decision_point", [choicePrefix(last)]);
  const learned = patterns.flatMap(({ row }) => {
    const view = viewPattern(row, base, now);
    if (view.polarity !== "avoid" || isArchived(view) || row.content.kind !== "decision_point")
      return [];

    const { success, failure } = view.support;
    const rate = Math.round((100 * success) / (success + failure));
    const why = `after ${last.tool} (${last.result}), ${rate} % of the runs that chose it succeeded`;
    const { next_tool: tool } = row.content;
    const choice = { tool, why, pattern_id: row.id, episodes: view.episodes };
    return [{ choice, lift: view.lift }];
  });
  const worstFirst = learned
    .sort((a, b) => a.lift - b.lift || (a.choice.pattern_id < b.choice.pattern_id ? -1 : 1))
    .map(({ choice }) => choice);
  return [...repeatedFailure(recent), ...worstFirst].slice(0, AVOIDED_MAX);
}

/** The same tool that failed twice in a row with the same error. */
function repeatedFailure(recent: AdviseInput["recent_steps"]): AdviceView["avoid"] {
  const [before, last] = recent.slice(-2);
  if (!before || !last || before.tool !== last.tool || before.result !== last.result) return [];
  if (last.result === "success" || last.result === "unknown") return [];
  if (maskError(before.message ?? "") !== maskError(last.message ?? "")) return [];

  const why = "it failed twice in a row in the same way";
  return [{ tool: last.tool, why, pattern_id: null, episodes: [] }];
}
