/**
 * Makes the digest of an ended episode: what it contributes to patterns and domains, and what
 * recall and advice read of it. It is made once and kept as long as the episode, so that its
 * evidence can be taken back exactly. Pure, but for hashing, which is asynchronous.
 *
 * @module
 */

import type { Episode, Outcome, Step } from "../../../contract/episodes/record.ts";
import { answerOf, resultClass } from "../../../contract/episodes/step-result.ts";
import type { MinedRun } from "../patterns/definition.ts";
import { patternId, patternKey } from "../patterns/identity.ts";
import { minePatterns } from "../patterns/index.ts";
import { errorOfResult } from "../texts/mask.ts";
import { taskCoverage } from "../texts/task-coverage.ts";
import { unvisitedIds } from "../texts/unvisited-ids.ts";
import type { Contribution, Digest, PathStep } from "../types.ts";
import { boundContributions, boundPath } from "./digest-bounds.ts";
import { baseReward } from "./reward.ts";

/** Distinct patterns of one episode: what a thousand steps without repetition give. */
const CONTRIBUTIONS_MAX = 6_000;
/** Characters of a step's action, and of the outcome's verdict or reason, that a digest keeps. */
const ACTION_LENGTH_MAX = 200;
const SUMMARY_LENGTH_MAX = 500;

/**
 * The digest of an episode, within its bounds in bytes. Work is in proportion to the number of
 * steps. An episode that was not judged contributes nothing.
 *
 * @param usedRecall whether the episode named, when it ended, the recall that it had used
 */
export async function makeDigest(
  episode: Episode,
  steps: readonly Step[],
  usedRecall = false,
): Promise<Digest> {
  const errors = steps.map(({ result }) => errorOfResult(result));
  const [success, failure] = evidenceOf(episode.outcome);
  const isJudged = success + failure > 0;
  const { contributions, omitted } = boundContributions(
    isJudged ? await contributionsOf(episode.namespace, runOf(episode, steps, errors)) : [],
  );
  const path = boundPath(pathOf(episode.task, steps, errors));

  return {
    namespace: episode.namespace,
    episode_id: episode.id,
    version: episode.version,
    task: episode.task,
    task_type: episode.task_type,
    context: episode.context,
    tags: episode.tags,
    status: episode.status,
    outcome: episode.outcome?.type ?? null,
    summary: summaryOf(episode.outcome),
    insights: episode.reflection?.insights ?? [],
    success,
    failure,
    reward: episode.reward ? Math.round(episode.reward.total * 1000) : null,
    started_at: Date.parse(episode.started_at),
    ended_at: Date.parse(episode.ended_at ?? episode.updated_at),
    path: path.path,
    contributions,
    ...(path.omitted + omitted > 0
      ? { omitted: { steps: path.omitted, contributions: omitted } }
      : {}),
    ...(usedRecall ? { used_recall: true } : {}),
  };
}

function runOf(
  episode: Episode,
  steps: readonly Step[],
  errors: readonly (string | null)[],
): MinedRun {
  return {
    tools: steps.map(({ tool }) => tool),
    results: steps.map(({ result }) => resultClass(result)),
    errors,
    latencies: steps.map(({ latency_ms }) => Math.round(latency_ms ?? 0)),
    context: episode.context,
    taskType: episode.task_type,
  };
}

/** The patterns that the run shows, in the order in which they occur first. */
async function contributionsOf(namespace: string, run: MinedRun): Promise<Contribution[]> {
  const sums = new Map<string, Omit<Contribution, "pattern_id">>();
  for (const { content, latency_ms } of minePatterns(run)) {
    const key = patternKey(content);
    const sum = sums.get(key);
    if (sum) {
      sum.occurrences += 1;
      sum.latency_ms += latency_ms;
    } else if (sums.size < CONTRIBUTIONS_MAX) {
      sums.set(key, { content, latency_ms, occurrences: 1 });
    }
  }

  return Promise.all(
    Array.from(sums, async ([key, sum]) => ({
      pattern_id: await patternId(namespace, key),
      ...sum,
    })),
  );
}

function pathOf(
  task: string,
  steps: readonly Step[],
  errors: readonly (string | null)[],
): PathStep[] {
  const answers = steps.map(({ result }) => answerOf(result));
  const coverage = taskCoverage(task, answers);
  const unvisited = unvisitedIds(
    steps.map(({ parameters }, i) => ({ parameters, answer: answers[i] ?? null })),
  );

  return steps.map((step, i) => ({
    number: step.number,
    tool: step.tool,
    action: step.action.slice(0, ACTION_LENGTH_MAX),
    result: resultClass(step.result),
    error: errors[i] ?? null,
    latency_ms: step.latency_ms,
    ...coverage[i],
    untried: unvisited[i] ?? 0,
  }));
}

/** Thousandths of a success and of a failure. Abstaining and abandoning teach neither. */
function evidenceOf(outcome: Outcome | null): [success: number, failure: number] {
  if (!outcome || outcome.type === "abstained") return [0, 0];
  const success = Math.round(baseReward(outcome) * 1000);
  return [success, 1000 - success];
}

function summaryOf(outcome: Outcome | null): string | null {
  if (!outcome) return null;
  const text = "verdict" in outcome ? outcome.verdict : outcome.reason;
  return text.slice(0, SUMMARY_LENGTH_MAX);
}
