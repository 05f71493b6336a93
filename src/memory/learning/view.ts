/**
 * What a pattern's evidence means now: how sure it is, whether it beats what is usual, and whether
 * to say so.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import type { Polarity } from "../../contract/model.ts";
import type { HeuristicView, PatternView } from "../../contract/operations.ts";
import { decay, wilsonInterval } from "../statistics.ts";
import { decayed, type BaseRates } from "./baseline.ts";
import type { LearningSettings } from "./settings.ts";
import type { PatternContent, PatternRow } from "./types.ts";
import { isoTime } from "../../util/time.ts";

/** Successes below which nothing is recommended, decayed or not. */
const MIN_SUCCESSES = 2;
/** What a use that its user judged counts, in episodes. */
const FEEDBACK_WEIGHT = 1;

/**
 * - confidence: Wilson lower bound (95 %) of the decayed success rate.
 * - lift: that rate over the rate expected of the domains that the evidence comes from.
 * - polarity: `do` when the rate beats the expected one and there are two successes; `avoid` when
 *   even the upper bound is below it.
 */
export function viewPattern(
  row: PatternRow,
  base: BaseRates,
  now: number,
  settings: LearningSettings,
): PatternView {
  const halfLife = settings.half_life_days * MS.day;
  let { success, failure } = decayed(row.buckets, now, settings);
  const observed = success + failure;
  let expected = 0;
  for (const bucket of row.buckets) {
    const weight =
      ((bucket.success + bucket.failure) / 1000) * decay(now - bucket.day * MS.day, halfLife);
    expected += weight * base.rate(bucket.domain);
  }
  expected = observed > 0 ? expected / observed : base.rate("");
  for (const word of row.feedback) {
    const weight = (FEEDBACK_WEIGHT * decay(now - word.day * MS.day, halfLife)) / 1000;
    success += word.helpful * weight;
    failure += word.unhelpful * weight;
  }
  const total = success + failure;
  const [lower, upper] = wilsonInterval(success, total);
  const rate = total > 0 ? success / total : 0;
  const lift = total > 0 && expected > 0 ? rate / expected : 1;
  const sum = (field: "success" | "episodes" | "occurrences" | "latency_ms"): number =>
    row.buckets.reduce((all, bucket) => all + bucket[field], 0);
  const occurrences = sum("occurrences");
  const latency = sum("latency_ms");
  let polarity: Polarity = "neutral";
  if (lift > 1 && sum("success") >= MIN_SUCCESSES * 1000) polarity = "do";
  else if (upper < expected) polarity = "avoid";
  return {
    id: row.id,
    kind: row.content.kind,
    polarity,
    description: describe(row.content),
    tools: toolsOf(row.content),
    condition: conditionOf(row.content),
    confidence: total > 0 ? lower : 0,
    lift,
    support: { success, failure, episodes: sum("episodes") },
    occurrences,
    mean_latency_ms: latency > 0 && occurrences > 0 ? latency / occurrences : null,
    last_seen_at: isoTime(row.last_seen_at),
    episodes: row.episodes.map((episode) => episode.id),
  };
}

/** A pattern whose decayed support is below this many episodes is stale. */
const STALE_SUPPORT = 0.05;

/** Stale and weak: kept, but neither recommended nor listed; read by its id it says so. */
export function isArchived(view: Pick<PatternView, "support">): boolean {
  return view.support.success + view.support.failure < STALE_SUPPORT;
}

/**
 * How much of what could be gained over the expected rate is gained (or of what could be lost,
 * lost), 0…1.
 */
export function gainOf(view: PatternView): number {
  const total = view.support.success + view.support.failure;
  if (total === 0 || view.lift <= 0) return view.lift <= 0 ? 1 : 0;
  const rate = view.support.success / total;
  const expected = Math.min(0.999, rate / view.lift);
  return rate >= expected ? (rate - expected) / (1 - expected) : (expected - rate) / expected;
}

/**
 * Whether a pattern is a heuristic from now on; leaving takes more than not entering, so that it
 * does not flicker.
 */
export function promotion(row: PatternRow, view: PatternView, settings: LearningSettings): boolean {
  if (view.kind !== "decision_point" && view.kind !== "error_recovery") return false;
  if (view.support.episodes < settings.promote_episodes) return false;
  if (view.polarity === "avoid") return true;
  const needed = row.promoted ? settings.demote_confidence : settings.promote_confidence;
  return view.polarity === "do" && view.confidence >= needed;
}

export function viewHeuristic(row: PatternRow, view: PatternView): HeuristicView {
  const { content } = row;
  const avoid = view.polarity === "avoid";
  let condition = describe(content);
  let action = "";
  if (content.kind === "decision_point") {
    condition = `after ${content.after_tool} with result ${content.after_result}`;
    action = `${avoid ? "avoid" : "use"} ${content.next_tool}`;
  } else if (content.kind === "error_recovery") {
    condition = `when ${content.tool} fails with "${content.error}"`;
    action = `${avoid ? "do not count on" : "try"} ${content.path.join(", then ")}`;
  }
  const { polarity, confidence, lift, support, episodes } = view;
  return {
    id: `h-${row.id}`,
    pattern_id: row.id,
    polarity,
    condition,
    action,
    confidence,
    lift,
    support,
    episodes,
  };
}

/** One line for a person. */
export function describe(content: PatternContent): string {
  switch (content.kind) {
    case "tool_sequence":
      return content.tools.join(" → ");
    case "decision_point":
      return `after ${content.after_tool} (${content.after_result}): ${content.next_tool}`;
    case "error_recovery":
      return `${content.tool} failed with "${content.error}": ${content.path.join(" → ")}`;
    case "context_pattern":
      return `${Object.entries(content.features)
        .map(([name, value]) => `${name} ${value}`)
        .join(", ")}: ${content.tool}`;
  }
}

export function toolsOf(content: PatternContent): string[] {
  switch (content.kind) {
    case "tool_sequence":
      return content.tools;
    case "decision_point":
      return [content.after_tool, content.next_tool];
    case "error_recovery":
      return [content.tool, ...content.path];
    case "context_pattern":
      return [content.tool];
  }
}

function conditionOf(content: PatternContent): Record<string, string> | null {
  switch (content.kind) {
    case "tool_sequence":
      return null;
    case "decision_point":
      return { after_tool: content.after_tool, after_result: content.after_result };
    case "error_recovery":
      return { tool: content.tool, error: content.error };
    case "context_pattern":
      return content.features;
  }
}
