/**
 * Says what to avoid and what a proposed tool looks like, and keeps one answer from contradicting
 * itself: what is to be avoided is not proposed, and what is proposed first is not warned of.
 *
 * @module
 */

import type { AdviceView } from "../../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import { RESULT_CLASSES, type ResultClass } from "../../../../../contract/vocabulary.ts";
import { actionKey } from "../../../../../memory/actions/index.ts";
import { canonicalJson } from "../../../../../memory/canonical.ts";
import {
  choicePrefix,
  errorOfRecentStep,
  judgeChoices,
  patternId,
  patternKey,
  weightedFeedback,
  type JudgedChoice,
  type JudgedUses,
  type NextTool,
  type PredictionBasis,
  type Situation,
} from "../../../../../memory/learning/index.ts";
import type { Source } from "../../source.ts";

/** Items of the list. */
const AVOIDED_MAX = 10;
/**
 * A proposed tool that has less than this share of the likeliest one's probability is unusual here.
 */
const USUAL_SHARE_MIN = 0.2;

interface Prediction {
  situation: Situation;
  basis: PredictionBasis;
  /** The likeliest tools first, far more of them than an answer shows. */
  ranked: readonly NextTool[];
}

type TakenStep = AdviseInput["recent_steps"][number];

interface Choices {
  /** The likeliest first, without those to avoid. */
  next: NextTool[];
  avoid: AdviceView["avoid"];
  proposed: AdviceView["proposed"];
}

/** A pattern that is about the choice of a tool here, and how its uses were judged. */
interface KnownChoice {
  patternId: string;
  judged: JudgedUses;
}

export function choicesFrom(
  source: Source,
  { situation, basis, ranked }: Prediction,
  { recent_steps: recent, next_tool }: AdviseInput,
  now: number,
): Choices {
  const known = knownChoices(source, recent, now);
  const judgedUses = new Map([...known].map(([tool, { judged }]) => [tool, judged]));
  const judged = judgeChoices(situation, basis, judgedUses).filter(({ tool }) =>
    mayBeSaid(source, recent, tool),
  );
  const repeated = repeatedFailure(recent, ranked[0]?.tool);
  const stopped = new Set([
    ...repeated.map(({ tool }) => tool),
    ...judged.flatMap(({ verdict, tool }) =>
      verdict === "changed" || verdict === "vain" ? tool : [],
    ),
  ]);
  const next = ranked.filter(({ tool }) => !stopped.has(tool));
  const learned = judged
    .filter(({ verdict, tool }) => verdict !== "noted" && tool !== next[0]?.tool)
    .map(({ tool, why, episodes }) => {
      return { tool, why, pattern_id: known.get(tool)?.patternId ?? null, episodes };
    });
  const avoid = [
    ...repeated,
    ...learned.filter(({ tool }) => repeated.every((other) => other.tool !== tool)),
  ].slice(0, AVOIDED_MAX);
  return { next, avoid, proposed: proposedView(next_tool, ranked, avoid, judged) };
}

/**
 * Whether people let this choice be spoken of: it says what the pattern of the same choice says,
 * whether or not that one is stored. Where a review is required, what has no pattern that somebody
 * could approve is not said.
 */
function mayBeSaid(
  { curation, namespace }: Source,
  recent: AdviseInput["recent_steps"],
  next_tool: string,
): boolean {
  const last = recent.at(-1);
  if (!last) return !curation.isReviewed;
  const ids = resultsOf(last).map((after_result) => {
    const kind = "decision_point";
    const content = { kind, after_tool: last.tool, after_result, next_tool } as const;
    return patternId(namespace, patternKey(content));
  });
  if (!ids.every((id) => curation.isListed("pattern", id))) return false;
  return ids.some((id) => curation.allows("pattern", id));
}

/** The patterns about what was chosen after the last step, by tool. */
function knownChoices(
  source: Source,
  recent: AdviseInput["recent_steps"],
  now: number,
): Map<string, KnownChoice> {
  const last = recent.at(-1);
  if (!last) return new Map();
  const prefixes = resultsOf(last).map((result) => choicePrefix({ tool: last.tool, result }));
  const known = new Map<string, KnownChoice>();
  for (const { row } of source.patternsAfter("decision_point", prefixes)) {
    if (row.content.kind !== "decision_point") continue;
    const { next_tool: tool } = row.content;
    // Those of most support come first.
    if (!known.has(tool))
      known.set(tool, { patternId: row.id, judged: weightedFeedback(row, now) });
  }
  return known;
}

/** What the last step may have come to. */
function resultsOf({ result }: TakenStep): readonly ResultClass[] {
  return result === "unknown" ? RESULT_CLASSES : [result];
}

/** null: none was proposed. */
function proposedView(
  tool: string | null,
  ranked: readonly NextTool[],
  avoid: AdviceView["avoid"],
  judged: readonly JudgedChoice[],
): AdviceView["proposed"] {
  if (tool === null) return null;
  const at = ranked.findIndex((next) => next.tool === tool);
  const probability = ranked[at]?.probability ?? 0;
  const avoided = avoid.find((choice) => choice.tool === tool);
  const isUsual = probability > 0 && probability >= USUAL_SHARE_MIN * (ranked[0]?.probability ?? 0);
  const verdict = avoided ? "avoid" : isUsual ? "usual" : "unusual";
  const noted = judged.find((choice) => choice.tool === tool && choice.verdict === "noted");
  const why = avoided?.why ?? noted?.why ?? null;
  return { tool, probability, rank: at < 0 ? null : at + 1, verdict, why };
}

/**
 * The tool that failed twice in a row with the same error. Where similar runs go on with it, it is
 * the call that fails and not the tool, which may do much else: then it is warned of only when the
 * call was the same both times, and its parameters do not make another action of it.
 *
 * @param usual what similar runs do next; undefined: that is not known
 */
function repeatedFailure(
  recent: readonly TakenStep[],
  usual: string | undefined,
): AdviceView["avoid"] {
  const [before, last] = recent.slice(-2);
  if (!before || !last || before.tool !== last.tool || before.result !== last.result) return [];
  // What was not told may have been another error.
  const error = errorOfRecentStep(last);
  if (error === null || errorOfRecentStep(before) !== error) return [];
  if (last.result === "unknown" || (last.tool === usual && !isSameCall(before, last))) return [];

  const why = "it failed twice in a row in the same way";
  return [{ tool: last.tool, why, pattern_id: null, episodes: [] }];
}

/** Whether a tool that always does the same was asked for the very same. */
function isSameCall(a: TakenStep, b: TakenStep): boolean {
  if (a.parameters === undefined || b.parameters === undefined) return false;
  if (actionKey(b.tool, b.parameters) !== null) return false;
  return canonicalJson(a.parameters) === canonicalJson(b.parameters);
}
