/**
 * Computes what a pattern's evidence means now: how sure it is, whether it beats what is usual,
 * whether it is stale. Pure.
 *
 * @module
 */

import type { PatternView } from "../../../contract/knowledge/answers.ts";
import type { Polarity } from "../../../contract/vocabulary.ts";
import { isoTime } from "../../../util/time.ts";
import { wilsonInterval } from "../../statistics.ts";
import { actionsOf, definitionOf, isKeyed } from "../patterns/index.ts";
import type { PatternRow } from "../types.ts";
import type { BaseRates } from "./baseline.ts";
import { decayedByDomain, totals, weightOfDay } from "./decayed.ts";

/** Successes, ever, below which nothing is recommended: one may be chance. */
const RECOMMENDED_SUCCESSES_MIN = 2;
/** What a use that its user judged counts, in episodes. */
const FEEDBACK_WEIGHT = 1;
/** A pattern whose decayed support is below this many episodes is stale. */
const STALE_SUPPORT = 0.05;

/**
 * - confidence: Wilson lower bound (95 %) of the decayed success rate.
 * - lift: that rate over the rate expected of the domains that the evidence comes from.
 * - polarity: `do` when the rate beats the expected one and there are two successes; `avoid` when
 *   even the upper bound is below it.
 */
export function viewPattern(row: PatternRow, base: BaseRates, now: number): PatternView {
  const { content } = row;
  const definition = definitionOf(content);
  const { occurrences, latency_ms: latency } = totals(row.buckets);
  return {
    id: row.id,
    kind: content.kind,
    description: definition.describe(content),
    tools: definition.tools(content),
    ...(isKeyed(content) ? { actions: actionsOf(content) } : {}),
    condition: definition.condition(content),
    ...assessPattern(row, base, now),
    occurrences,
    mean_latency_ms: latency > 0 && occurrences > 0 ? latency / occurrences : null,
    last_seen_at: isoTime(row.last_seen_at),
    episodes: row.episodes.map((episode) => episode.id),
  };
}

/** What of a pattern's view its evidence says; of most patterns that are looked at it is enough. */
export type Assessment = Pick<PatternView, "polarity" | "confidence" | "lift" | "support">;

export function assessPattern(
  row: Pick<PatternRow, "buckets" | "feedback">,
  base: BaseRates,
  now: number,
): Assessment {
  const { success, failure, expected } = supportNow(row, base, now);
  const total = success + failure;
  const [lower, upper] = wilsonInterval(success, total);
  const rate = total > 0 ? success / total : 0;
  const lift = total > 0 && expected > 0 ? rate / expected : 1;

  const ever = totals(row.buckets);
  let polarity: Polarity = "neutral";
  if (lift > 1 && ever.success >= RECOMMENDED_SUCCESSES_MIN * 1000) polarity = "do";
  else if (upper < expected) polarity = "avoid";
  return {
    polarity,
    confidence: total > 0 ? lower : 0,
    lift,
    support: { success, failure, episodes: ever.episodes },
  };
}

/**
 * Episodes and judged uses as they count now, and the success rate that is usual where the episodes
 * come from.
 */
function supportNow(
  row: Pick<PatternRow, "buckets" | "feedback">,
  base: BaseRates,
  now: number,
): { success: number; failure: number; expected: number } {
  let [success, failure, expected] = [0, 0, 0];
  for (const [domain, support] of decayedByDomain(row.buckets, now)) {
    success += support.success;
    failure += support.failure;
    expected += (support.success + support.failure) * base.rate(domain);
  }
  const observed = success + failure;
  expected = observed > 0 ? expected / observed : base.rate("");

  for (const use of row.feedback) {
    const weight = (FEEDBACK_WEIGHT * weightOfDay(use.day, now)) / 1000;
    success += use.helpful * weight;
    failure += use.unhelpful * weight;
  }
  return { success, failure, expected };
}

/** Whether a pattern is stale: kept, and read by its id, but neither recommended nor listed. */
export function isArchived(view: Pick<PatternView, "support">): boolean {
  return view.support.success + view.support.failure < STALE_SUPPORT;
}

/**
 * How much of what could be gained over the expected rate is gained (or of what could be lost,
 * lost), 0…1.
 */
export function gainOf(view: Assessment): number {
  const total = view.support.success + view.support.failure;
  if (total === 0 || view.lift <= 0) return view.lift <= 0 ? 1 : 0;
  const rate = view.support.success / total;
  const expected = Math.min(0.999, rate / view.lift);
  return rate >= expected ? (rate - expected) / (1 - expected) : (expected - rate) / expected;
}
