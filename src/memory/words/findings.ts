/**
 * Tells which patterns are one finding: a run of tools, the decision inside it, the heuristic made
 * of it and what the context says of it are seen in the same runs, and say the same. Pure.
 *
 * @module
 */

import { rateOf, type Support } from "./text/numbers.ts";

/** What of a pattern, or of a heuristic, tells whether it says something of its own. */
export interface Finding {
  /** Of the pattern; a heuristic has that of its pattern. */
  readonly pattern_id: string;
  readonly polarity: string;
  /** In order; none where only a sentence is known. */
  readonly tools: readonly string[];
  /** Whether it says when: after which result, or in which context. */
  readonly isConditional: boolean;
  readonly support: Support;
}

/** Two are seen in the same runs when the rarer is seen in this share of the other's at least… */
const SHARED_MIN = 0.8;
/** …and their rates of success are no further apart. */
const RATE_APART_MAX = 0.1;

/**
 * The items, in their order, of which no two are one finding: of those that are, the one that says
 * most stays, which is the one about more tools, then the one that says when. Quadratic in the
 * items, which answers bound.
 */
export function distinctFindings<T>(items: readonly T[], findingOf: (item: T) => Finding): T[] {
  const kept: { at: number; finding: Finding }[] = [];
  const bySaid = items
    .map((item, at) => ({ at, finding: findingOf(item) }))
    .sort((a, b) => saidBy(b.finding) - saidBy(a.finding) || a.at - b.at);
  for (const { at, finding } of bySaid) {
    if (!kept.some((other) => isSame(finding, other.finding))) kept.push({ at, finding });
  }
  const places = new Set(kept.map(({ at }) => at));
  return items.filter((_, at) => places.has(at));
}

const saidBy = ({ tools, isConditional }: Finding): number =>
  2 * tools.length + (isConditional ? 1 : 0);

function isSame(a: Finding, b: Finding): boolean {
  if (a.pattern_id === b.pattern_id) return true;
  if (a.polarity !== b.polarity || !isSeenTogether(a.support, b.support)) return false;
  return a.tools.length <= b.tools.length ? isRunIn(a.tools, b.tools) : isRunIn(b.tools, a.tools);
}

function isSeenTogether(a: Support, b: Support): boolean {
  const [rarer, more] = [Math.min(a.episodes, b.episodes), Math.max(a.episodes, b.episodes)];
  return rarer >= SHARED_MIN * more && Math.abs(rateOf(a) - rateOf(b)) <= RATE_APART_MAX;
}

/** Whether the tools occur in the others in a row. */
export function isRunIn(tools: readonly string[], others: readonly string[]): boolean {
  if (tools.length === 0) return false;
  return others.some((_, from) => tools.every((tool, i) => others[from + i] === tool));
}
