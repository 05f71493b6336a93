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
import { decayedByDomain, hasStopped, totals, weightOfDay, type Support } from "./decayed.ts";

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
 *   even the upper bound is below it, or when it used to work and has stopped. Whether it is a warning episodes alone decide; a judged use
 *   counts for what the pattern says: a warning that helped is evidence of a failure.
 */
export function viewPattern(row: PatternRow, base: BaseRates, now: number): PatternView {
  const { content } = row;
  const definition = definitionOf(content);
  const { occurrences, latency_ms: latency } = totals(row.buckets);
  const { isStopped: _inside, ...shown } = assessPattern(row, base, now);
  return {
    id: row.id,
    kind: content.kind,
    description: definition.describe(content),
    tools: definition.tools(content),
    ...(isKeyed(content) ? { actions: actionsOf(content) } : {}),
    condition: definition.condition(content),
    ...shown,
    occurrences,
    mean_latency_ms: latency > 0 && occurrences > 0 ? latency / occurrences : null,
    last_seen_at: isoTime(row.last_seen_at),
    episodes: row.episodes.map((episode) => episode.id),
  };
}

/** What of a pattern's view its evidence says; of most patterns that are looked at it is enough. */
export interface Assessment extends Pick<
  PatternView,
  "polarity" | "confidence" | "lift" | "support"
> {
  /** It used to work, and has stopped. */
  isStopped: boolean;
}

export function assessPattern(
  row: Pick<PatternRow, "buckets" | "feedback">,
  base: BaseRates,
  now: number,
): Assessment {
  const observed = observedNow(row, base, now);
  const ever = totals(row.buckets);
  const uses = weightedFeedback(row, now);
  // Whoever tries it nevertheless, and says so, takes the warning back.
  const isStopped = hasStopped(row.buckets) && uses.unhelpful <= uses.helpful;
  const seen = judged(observed, observed.expected, ever.success);
  // A use that helped confirms what was said: of a warning, that the choice fails.
  const said = feedbackNow(uses, isStopped || seen.polarity === "avoid");
  const support = {
    success: observed.success + said.success,
    failure: observed.failure + said.failure,
  };
  const { polarity, lower, lift } = judged(support, observed.expected, ever.success);
  // Whoever finds a warning unhelpful does not recommend what it warns of.
  const isWithdrawn = seen.polarity === "avoid" && polarity === "do";
  return {
    polarity: isStopped ? "avoid" : isWithdrawn ? "neutral" : polarity,
    confidence: lower,
    lift,
    support: { ...support, episodes: ever.episodes },
    isStopped,
  };
}

/** What a success rate says against the expected one. @param ever thousandths of successes */
function judged(
  { success, failure }: Support,
  expected: number,
  ever: number,
): { polarity: Polarity; lower: number; lift: number } {
  const total = success + failure;
  if (total <= 0) return { polarity: "neutral", lower: 0, lift: 1 };

  const [lower, upper] = wilsonInterval(success, total);
  const lift = expected > 0 ? success / total / expected : 1;
  if (lift > 1 && ever >= RECOMMENDED_SUCCESSES_MIN * 1000) return { polarity: "do", lower, lift };
  return { polarity: upper < expected ? "avoid" : "neutral", lower, lift };
}

/** Episodes as they count now, and the success rate that is usual where they come from. */
function observedNow(
  { buckets }: Pick<PatternRow, "buckets">,
  base: BaseRates,
  now: number,
): Support & { expected: number } {
  let [success, failure, expected] = [0, 0, 0];
  for (const [domain, support] of decayedByDomain(buckets, now)) {
    success += support.success;
    failure += support.failure;
    expected += (support.success + support.failure) * base.rate(domain);
  }
  const total = success + failure;
  return { success, failure, expected: total > 0 ? expected / total : base.rate("") };
}

/** Uses of a pattern that helped and that did not, as they count now. */
export interface JudgedUses {
  helpful: number;
  unhelpful: number;
}

export function weightedFeedback(
  { feedback }: Pick<PatternRow, "feedback">,
  now: number,
): JudgedUses {
  const sum = { helpful: 0, unhelpful: 0 };
  for (const { day, helpful, unhelpful } of feedback) {
    const weight = (FEEDBACK_WEIGHT * weightOfDay(day, now)) / 1000;
    sum.helpful += helpful * weight;
    sum.unhelpful += unhelpful * weight;
  }
  return sum;
}

/** Judged uses as evidence for the success of what the pattern is about. */
function feedbackNow({ helpful, unhelpful }: JudgedUses, isWarning: boolean): Support {
  return isWarning
    ? { success: unhelpful, failure: helpful }
    : { success: helpful, failure: unhelpful };
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
