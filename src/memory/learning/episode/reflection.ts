/**
 * Puts into words how an episode went: sentences for a person, each with its evidence (step
 * numbers, counts, the comparison with earlier episodes). Made from the steps and figures alone, no
 * language model. Pure.
 *
 * @module
 */

import type { Outcome, Reflection, Reward, Step } from "../../../contract/episodes/record.ts";
import { resultClass } from "../../../contract/episodes/step-result.ts";
import { canonicalJson } from "../../canonical.ts";
import type { Baseline } from "../evidence/baseline.ts";
import { errorOfResult } from "../texts/mask.ts";
import { isError } from "./judgement.ts";

/** Sentences of each list of a reflection. */
const SENTENCES_MAX = 10;
/** Episodes of the domain from which on it is compared with: the median of fewer is chance. */
const COMPARED_EPISODES_MIN = 3;
/** Characters of a reason, and of an error's template, that a sentence repeats. */
const REASON_LENGTH_MAX = 200;
const ERROR_LENGTH_MAX = 120;
/** Tools of a recovery, the last ones, and entries of any list, that a sentence names. */
const RECOVERY_TOOLS_MAX = 5;
const LISTED_MAX = 8;

/** Beginnings of the insights that we write ourselves. */
const DECLINED = "The task was declined: ";
const USUAL = "The usual success rate of this domain is ";
const RECOVERED = 'After "';

/**
 * Whether an insight is one of ours: it repeats the outcome, the tools and the errors, or is
 * true of many episodes, so that a search need not find it.
 */
export function isGenerated(insight: string): boolean {
  return [DECLINED, USUAL, RECOVERED].some((beginning) => insight.startsWith(beginning));
}

/** At most ten sentences in each list, the most telling first. */
export function reflect(
  steps: readonly Step[],
  outcome: Outcome,
  reward: Reward,
  baseline: Baseline,
): Reflection {
  const reflection: Reflection = { successes: [], improvements: [], insights: [] };
  addOutcome(reflection, outcome, steps.length);
  addResults(reflection, steps);
  addRepeatedCalls(reflection, steps);
  addComparison(reflection, steps.length, reward, baseline);

  const { successes, improvements, insights } = reflection;
  return {
    successes: successes.slice(0, SENTENCES_MAX),
    improvements: improvements.slice(0, SENTENCES_MAX),
    insights: insights.slice(0, SENTENCES_MAX),
  };
}

function addOutcome(reflection: Reflection, outcome: Outcome, stepCount: number): void {
  const { successes, improvements, insights } = reflection;
  switch (outcome.type) {
    case "success":
      successes.push(`The task succeeded after ${counted(stepCount, "step")}.`);
      break;
    case "partial_success": {
      const { completed, failed } = outcome;
      successes.push(`${completed.length} parts were completed, ${failed.length} were not.`);
      if (failed.length > 0) improvements.push(`Not completed: ${listed(failed)}.`);
      break;
    }
    case "failure":
      improvements.push(`The task failed: ${outcome.reason.slice(0, REASON_LENGTH_MAX)}`);
      break;
    case "abstained":
      insights.push(`${DECLINED}${outcome.reason.slice(0, REASON_LENGTH_MAX)}`);
  }
}

function addResults(
  { successes, improvements, insights }: Reflection,
  steps: readonly Step[],
): void {
  const classes = steps.map((step) => resultClass(step.result));
  const succeeded = classes.filter((result) => result === "success").length;
  const failed = steps.filter((_, i) => isError(classes[i] ?? "unknown"));
  if (succeeded > 0 && failed.length === 0)
    successes.push(`All ${succeeded} known results were successes.`);

  for (const { tool, error, from, to, path } of recoveries(steps)) {
    successes.push(`${tool} failed at step ${from} and succeeded at step ${to}.`);
    insights.push(
      `${RECOVERED}${error}" from ${tool}, ${listed(path)} led to success (steps ${from}–${to}).`,
    );
  }
  if (failed.length > 0) {
    const numbers = listed(failed.map(({ number }) => String(number)));
    improvements.push(`${counted(failed.length, "step")} of ${steps.length} failed (${numbers}).`);
  }
}

function addRepeatedCalls({ improvements }: Reflection, steps: readonly Step[]): void {
  const calls = Map.groupBy(steps, (step) => `${step.tool}\n${canonicalJson(step.parameters)}`);
  for (const same of calls.values()) {
    const [first] = same;
    if (!first || same.length < 2) continue;
    const numbers = listed(same.map(({ number }) => String(number)));
    improvements.push(
      `${first.tool} was called with the same parameters ${same.length} times (steps ${numbers}).`,
    );
  }
}

function addComparison(
  { successes, improvements, insights }: Reflection,
  stepCount: number,
  reward: Reward,
  { median_steps, episodes, success_rate }: Baseline,
): void {
  if (episodes < COMPARED_EPISODES_MIN) return;

  if (median_steps !== null) {
    const median = `the median of ${median_steps} over ${episodes} successful episodes of this domain`;
    const difference = stepCount - median_steps;
    const steps = counted(stepCount, "step");
    if (difference > 0) improvements.push(`${steps}: ${difference} more than ${median}.`);
    else if (difference < 0 && reward.base >= 0.5)
      successes.push(`${steps}: ${-difference} fewer than ${median}.`);
  }
  if (success_rate !== null) insights.push(`${USUAL}${Math.round(success_rate * 100)} %.`);
}

interface Recovery {
  tool: string;
  error: string;
  /** Numbers of the step that failed and of the one that succeeded. */
  from: number;
  to: number;
  path: string[];
}

/** From the first failure of a tool to its next success. */
function recoveries(steps: readonly Step[]): Recovery[] {
  const failing = new Map<string, { at: number; error: string }>();
  const recovered: Recovery[] = [];
  for (const [i, { tool, result, number }] of steps.entries()) {
    const failure = failing.get(tool);
    if (!failure) {
      const error = errorOfResult(result);
      if (error !== null) failing.set(tool, { at: i, error: error.slice(0, ERROR_LENGTH_MAX) });
    } else if (result?.type === "success") {
      failing.delete(tool);
      const path = steps.slice(failure.at + 1, i + 1).map((step) => step.tool);
      recovered.push({
        tool,
        error: failure.error,
        from: steps[failure.at]?.number ?? 0,
        to: number,
        path: path.slice(-RECOVERY_TOOLS_MAX),
      });
    }
  }
  return recovered;
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function listed(values: readonly string[]): string {
  const beginning = values.slice(0, LISTED_MAX).join(", ");
  return values.length > LISTED_MAX
    ? `${beginning} and ${values.length - LISTED_MAX} more`
    : beginning;
}
