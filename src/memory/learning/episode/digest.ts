/**
 * Makes the digest of an ended episode: what recall and advice read of it, and all that its
 * evidence for patterns and domains follows from. Pure.
 *
 * @module
 */

import type { Episode, Outcome, Step } from "../../../contract/episodes/record.ts";
import { MS } from "../../../contract/limits.ts";
import { answerOf, resultClass } from "../../../contract/episodes/step-result.ts";
import { errorOfResult } from "../texts/mask.ts";
import { taskCoverage } from "../texts/task-coverage.ts";
import { unvisitedIds } from "../texts/unvisited-ids.ts";
import { DIGEST_FORMAT, type Digest, type PathStep } from "../types.ts";
import { withCalls } from "./calls.ts";
import { boundPath } from "./digest-bounds.ts";
import { baseReward } from "./reward.ts";

/** Characters of a step's action, and of the outcome's verdict or reason, that a digest keeps. */
const ACTION_LENGTH_MAX = 200;
const SUMMARY_LENGTH_MAX = 500;
/** What a step took at most, as far as it is learned: sums of so long times stay exact. */
const LATENCY_MAX_MS = 7 * MS.day;

/**
 * The digest of an episode, within its bounds in bytes. Work is in proportion to the number of
 * steps.
 *
 * @param usedRecall whether the episode named, when it ended, the recall that it had used
 */
export function makeDigest(episode: Episode, steps: readonly Step[], usedRecall = false): Digest {
  const [success, failure] = evidenceOf(episode.outcome);
  const called = withCalls(episode.task, steps, pathOf(episode.task, steps));
  const { path, omitted } = boundPath(called);

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
    path,
    ...(omitted > 0 ? { omitted: { steps: omitted } } : {}),
    ...(usedRecall ? { used_recall: true } : {}),
    format: DIGEST_FORMAT,
    ...(episode.archived_at === undefined ? {} : { archived: true }),
  };
}

function pathOf(task: string, steps: readonly Step[]): PathStep[] {
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
    error: errorOfResult(step.result),
    latency_ms:
      step.latency_ms === null ? null : Math.min(LATENCY_MAX_MS, Math.round(step.latency_ms)),
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
