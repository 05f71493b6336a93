/**
 * What an episode says about itself, in sentences that name their evidence.
 *
 * @module
 */

import { canonicalJson } from "../canonical.ts";
import {
  resultClass,
  type Episode,
  type Outcome,
  type Reflection,
  type Reward,
  type Step,
} from "../../contract/model.ts";
import type { Baseline } from "./baseline.ts";
import { maskError } from "./mask.ts";

/** Sentences of each kind. */
const SENTENCES_MAX = 10;
/** Episodes below which a median says little. */
const COMPARE_FROM = 3;

const DECLINED = "The task was declined: ";
const USUAL = "The usual success rate of this domain is ";
const RECOVERED = 'After "';

/**
 * Whether an insight is one of ours: it repeats what the outcome, the tools and the errors say, or
 * is true of many.
 */
export function isGenerated(insight: string): boolean {
  return [DECLINED, USUAL, RECOVERED].some((beginning) => insight.startsWith(beginning));
}

export function reflect(
  _episode: Episode,
  steps: readonly Step[],
  outcome: Outcome,
  reward: Reward,
  baseline: Baseline,
): Reflection {
  const successes: string[] = [];
  const improvements: string[] = [];
  const insights: string[] = [];
  const classes = steps.map((step) => resultClass(step.result));
  const numbersOf = (...kinds: string[]): number[] =>
    steps.flatMap((step, i) => (kinds.includes(classes[i] ?? "") ? [step.number] : []));
  const good = numbersOf("success");
  const bad = numbersOf("error", "timeout");

  if (outcome.type === "success")
    successes.push(`The task succeeded after ${count(steps.length, "step")}.`);
  if (outcome.type === "partial_success") {
    successes.push(
      `${outcome.completed.length} parts were completed, ${outcome.failed.length} were not.`,
    );
    if (outcome.failed.length > 0) improvements.push(`Not completed: ${list(outcome.failed)}.`);
  }
  if (outcome.type === "failure")
    improvements.push(`The task failed: ${outcome.reason.slice(0, 200)}`);
  if (outcome.type === "abstained") insights.push(`${DECLINED}${outcome.reason.slice(0, 200)}`);
  if (good.length > 0 && bad.length === 0)
    successes.push(`All ${good.length} known results were successes.`);

  for (const recovery of recoveries(steps)) {
    successes.push(
      `${recovery.tool} failed at step ${recovery.from} and succeeded at step ${recovery.to}.`,
    );
    insights.push(
      `${RECOVERED}${recovery.error}" from ${recovery.tool}, ${list(recovery.path)} led to success (steps ${recovery.from}–${recovery.to}).`,
    );
  }
  if (bad.length > 0) {
    improvements.push(
      `${count(bad.length, "step")} of ${steps.length} failed (${list(bad.map(String))}).`,
    );
  }
  for (const [tool, numbers] of repeatedCalls(steps)) {
    improvements.push(
      `${tool} was called with the same parameters ${numbers.length} times (steps ${list(numbers.map(String))}).`,
    );
  }
  const { median_steps, episodes, success_rate } = baseline;
  if (median_steps !== null && episodes >= COMPARE_FROM) {
    const than = `than the median of ${median_steps} over ${episodes} successful episodes of this domain`;
    if (steps.length > median_steps)
      improvements.push(
        `${count(steps.length, "step")}: ${steps.length - median_steps} more ${than}.`,
      );
    else if (steps.length < median_steps && reward.base >= 0.5) {
      successes.push(
        `${count(steps.length, "step")}: ${median_steps - steps.length} fewer ${than}.`,
      );
    }
  }
  if (success_rate !== null && episodes >= COMPARE_FROM) {
    insights.push(`${USUAL}${Math.round(success_rate * 100)} %.`);
  }
  return {
    successes: successes.slice(0, SENTENCES_MAX),
    improvements: improvements.slice(0, SENTENCES_MAX),
    insights: insights.slice(0, SENTENCES_MAX),
  };
}

function recoveries(
  steps: readonly Step[],
): { tool: string; error: string; from: number; to: number; path: string[] }[] {
  const open = new Map<string, { at: number; error: string }>();
  const found: { tool: string; error: string; from: number; to: number; path: string[] }[] = [];
  for (const [i, { tool, result, number }] of steps.entries()) {
    if (result?.type === "error" || result?.type === "timeout") {
      if (!open.has(tool))
        open.set(tool, {
          at: i,
          error: result.type === "error" ? maskError(result.message).slice(0, 120) : "timeout",
        });
    } else if (result?.type === "success") {
      const failed = open.get(tool);
      if (!failed) continue;
      open.delete(tool);
      const path = steps.slice(failed.at + 1, i + 1).map((step) => step.tool);
      found.push({
        tool,
        error: failed.error,
        from: steps[failed.at]?.number ?? 0,
        to: number,
        path: path.slice(-5),
      });
    }
  }
  return found;
}

function repeatedCalls(steps: readonly Step[]): [tool: string, numbers: number[]][] {
  const calls = Map.groupBy(steps, (step) => `${step.tool}\n${canonicalJson(step.parameters)}`);
  return [...calls.values()]
    .filter((same) => same.length > 1)
    .map((same) => [same[0]?.tool ?? "", same.map((step) => step.number)]);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function list(values: readonly string[]): string {
  const shown = values.slice(0, 8).join(", ");
  return values.length > 8 ? `${shown} and ${values.length - 8} more` : shown;
}
