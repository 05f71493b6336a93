/**
 * Decides which patterns are heuristics, that is, good enough to be put before an agent as advice,
 * and words them. Pure.
 *
 * @module
 */

import type { HeuristicView, PatternView } from "../../../contract/knowledge/answers.ts";
import { definitionOf } from "../patterns/index.ts";
import type { PatternRow, Standing } from "../types.ts";
import type { BaseRates } from "./baseline.ts";
import { episodesOf } from "./buckets.ts";
import { assessPattern } from "./pattern-view.ts";

/** Supporting episodes of a heuristic at least: fewer may all be runs of one task. */
export const HEURISTIC_EPISODES_MIN = 3;
/**
 * Confidence from which a pattern is promoted, and below which it is demoted: leaving takes more
 * than not entering, so that it does not flicker.
 */
const PROMOTED_CONFIDENCE = 0.4;
const DEMOTED_CONFIDENCE = 0.3;

/** Whether a pattern is a heuristic from now on. @param base as of `now`, ms since the epoch */
export function promotion(row: PatternRow, base: BaseRates, now: number): boolean {
  if (!definitionOf(row.content).heuristic) return false;
  if (episodesOf(row) < HEURISTIC_EPISODES_MIN) return false;
  const view = assessPattern(row, base, now);
  if (view.polarity === "avoid") return true;
  const needed = row.promoted ? DEMOTED_CONFIDENCE : PROMOTED_CONFIDENCE;
  return view.polarity === "do" && view.confidence >= needed;
}

/**
 * Whether a pattern is a heuristic whose evidence was counted anew, in an order of its own: it is
 * what it was when it had as many episodes. Where it never had, it is decided by what is known now,
 * and by whether it was one.
 *
 * @param former what it was before, in any order; none: it is not known
 */
export function promotionAnew(
  row: PatternRow,
  former: readonly Standing[],
  base: BaseRates,
  now: number,
): boolean {
  const same = former.find(({ episodes }) => episodes === episodesOf(row));
  if (same) return same.promoted;
  return promotion({ ...row, promoted: former.some(({ promoted }) => promoted) }, base, now);
}

/** A promoted pattern in words. Its id is the pattern's with `h-` before it. */
export function viewHeuristic({ id, content }: PatternRow, view: PatternView): HeuristicView {
  const { kind, polarity, tools, actions, confidence, lift, support, episodes } = view;
  const definition = definitionOf(content);
  const { condition, action } = definition.heuristic?.(content, polarity === "avoid") ?? {
    condition: definition.describe(content),
    action: "",
  };
  return {
    id: `h-${id}`,
    pattern_id: id,
    kind,
    polarity,
    tools,
    ...(actions ? { actions } : {}),
    condition,
    action,
    confidence,
    lift,
    support,
    episodes,
  };
}
