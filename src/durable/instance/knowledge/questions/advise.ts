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
} from "../../../../memory/learning/index.ts";
import type { Source } from "../source.ts";
import { choicesFrom } from "./advice/choices.ts";
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
/** The prediction is asked for this many tools, so that a proposed one has a rank. */
const RANKED_TOOLS_MAX = 50;

/** Fields of the answer that hold text of stored episodes: data, not instructions. */
const UNTRUSTED = [
  "next_tools[].tool",
  "expected_tools[].tool",
  "avoid[].tool",
  "avoid[].why",
  "recoveries[].tool",
  "recoveries[].error",
  "recoveries[].path",
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
  const choices = choicesFrom(source, { situation, basis, ranked }, input, now);

  return {
    next_tools: choices.next.slice(0, NEXT_TOOLS_MAX),
    expected_tools: expected
      .slice(0, EXPECTED_TOOLS_MAX)
      .map(({ tool, probability, episodes }) => ({ tool, probability, episodes })),
    avoid: choices.avoid,
    recoveries: recoveriesFrom(source, input, now),
    proposed: choices.proposed,
    outlook: predictOutcome(situation, basis),
    untrusted: UNTRUSTED,
    served_by: "instance",
    completeness: source.share,
    degraded: source.degraded,
  };
}
