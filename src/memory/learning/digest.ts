/**
 * What an ended episode contributes: found once, kept as long as the episode, so that it can be
 * taken back.
 *
 * @module
 */

import { canonicalJson } from "../canonical.ts";
import {
  answerOf,
  resultClass,
  type Episode,
  type Outcome,
  type Step,
} from "../../contract/model.ts";
import { boundContributions, boundPath } from "./digest-bounds.ts";
import { baseReward } from "./reward.ts";
import { taskCoverage } from "./task-coverage.ts";
import { unvisitedIds } from "./unvisited-ids.ts";
import { maskError } from "./mask.ts";
import type { Contribution, Digest, PatternContent } from "./types.ts";
import { sha256Hex } from "../../util/hash.ts";

/** Runs of this many tools are looked at. */
const RUN_MIN = 2;
const RUN_MAX = 5;
/** Tools between an error and the success it led to. */
const RECOVERY_MAX = 5;
/** Distinct tools that a context is tied to. */
const CONTEXT_TOOLS = 12;
/** The bound on one episode's contributions: what a thousand steps without repetition give. */
const CONTRIBUTIONS_MAX = 6_000;
const SEPARATOR = "\u001f";

/**
 * Makes the digest. Work is in proportion to the number of steps; so is the size, up to its bounds.
 */
export async function makeDigest(
  episode: Episode,
  steps: readonly Step[],
  usedRecall = false,
): Promise<Digest> {
  const [success, failure] = evidenceOf(episode.outcome);
  const found = new Map<
    string,
    { content: PatternContent; occurrences: number; latency_ms: number }
  >();
  if (success + failure > 0) {
    for (const seen of contents(episode, steps)) {
      const key = canonicalJson(seen.content);
      const known = found.get(key);
      if (known) {
        known.occurrences += 1;
        known.latency_ms += seen.latency_ms;
      } else if (found.size < CONTRIBUTIONS_MAX) {
        found.set(key, { ...seen, occurrences: 1 });
      }
    }
  }
  const all = await Promise.all(
    [...found].map(async ([key, seen]): Promise<Contribution> => ({
      pattern_id: await patternId(episode.namespace, key),
      ...seen,
    })),
  );
  const answered = taskCoverage(
    episode.task,
    steps.map(({ result }) => answerOf(result)),
  );
  const { contributions, omitted } = boundContributions(all);
  const left = unvisitedIds(
    steps.map(({ parameters, result }) => ({ parameters, answer: answerOf(result) })),
  );
  const path = boundPath(
    steps.map((step, i) => ({
      number: step.number,
      tool: step.tool,
      action: step.action.slice(0, 200),
      result: resultClass(step.result),
      error: errorOf(step),
      latency_ms: step.latency_ms,
      ...answered[i],
      untried: left[i] ?? 0,
    })),
  );
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

/** The identity of a pattern: the same content in the same namespace is the same pattern. */
export async function patternId(namespace: string, canonical: string): Promise<string> {
  return (await sha256Hex(`${namespace}\0${canonical}`)).slice(0, 32);
}

/** The columns that patterns are looked up by; see `patterns` in storage/tables. */
export function patternColumns(content: PatternContent): {
  kind: PatternContent["kind"];
  prefix: string;
  suffix: string;
  length: number;
} {
  const { kind } = content;
  switch (kind) {
    case "tool_sequence":
      return {
        kind,
        prefix: content.tools.slice(0, -1).join(SEPARATOR),
        suffix: content.tools.slice(1).join(SEPARATOR),
        length: content.tools.length,
      };
    case "decision_point":
      return {
        kind,
        prefix: content.after_tool + SEPARATOR + content.after_result,
        suffix: "",
        length: 2,
      };
    case "error_recovery":
      return {
        kind,
        prefix: content.tool + SEPARATOR + content.error,
        suffix: "",
        length: content.path.length,
      };
    case "context_pattern":
      return { kind, prefix: canonicalJson(content.features), suffix: "", length: 1 };
  }
}

/** The prefix that runs which continue these tools have. */
export function runPrefix(tools: readonly string[]): string {
  return tools.join(SEPARATOR);
}

function* contents(
  episode: Episode,
  steps: readonly Step[],
): Generator<{ content: PatternContent; latency_ms: number }> {
  const tools = steps.map((step) => step.tool);
  const latency = steps.map((step) => Math.round(step.latency_ms ?? 0));
  const sum = (from: number, to: number): number =>
    latency.slice(from, to).reduce((a, b) => a + b, 0);
  for (let i = 0; i < steps.length; i++) {
    for (let n = RUN_MIN; n <= RUN_MAX && i + n <= steps.length; n++) {
      yield {
        content: { kind: "tool_sequence", tools: tools.slice(i, i + n) },
        latency_ms: sum(i, i + n),
      };
    }
    const step = steps[i];
    const next = tools[i + 1];
    if (!step) continue;
    const after_result = resultClass(step.result);
    if (next !== undefined) {
      const content = {
        kind: "decision_point",
        after_tool: step.tool,
        after_result,
        next_tool: next,
      } as const;
      yield { content, latency_ms: latency[i + 1] ?? 0 };
    }
    const error = errorOf(step);
    const path = error === null ? null : recoveryPath(steps, i);
    if (error !== null && path) {
      const content = { kind: "error_recovery", tool: step.tool, error, path } as const;
      yield { content, latency_ms: sum(i + 1, i + 1 + path.length) };
    }
  }
  const { domain, language, framework } = episode.context;
  const named = { domain, language, framework, task_type: episode.task_type };
  const features = Object.fromEntries(
    Object.entries(named).filter(
      (entry): entry is [string, string] => entry[1] !== null && entry[1] !== "",
    ),
  );
  const sets = domain === "" ? [features] : [features, { domain }];
  for (const tool of [...new Set(tools)].slice(0, CONTEXT_TOOLS)) {
    for (const set of sets)
      yield { content: { kind: "context_pattern", features: set, tool }, latency_ms: 0 };
  }
}

/**
 * The tools from an error to the first success of the tool that failed, or of another; null when
 * none came.
 */
function recoveryPath(steps: readonly Step[], at: number): string[] | null {
  for (let length = 1; length <= RECOVERY_MAX; length++) {
    const step = steps[at + length];
    if (!step) return null;
    if (resultClass(step.result) === "success") {
      return steps.slice(at + 1, at + 1 + length).map((passed) => passed.tool);
    }
  }
  return null;
}

function errorOf(step: Step): string | null {
  if (step.result?.type === "error") return maskError(step.result.message);
  return step.result?.type === "timeout" ? "timeout" : null;
}

/** Thousandths of a success and of a failure. Abstaining and abandoning teach neither. */
function evidenceOf(outcome: Outcome | null): [success: number, failure: number] {
  if (!outcome || outcome.type === "abstained") return [0, 0];
  const success = Math.round(baseReward(outcome) * 1000);
  return [success, 1000 - success];
}

function summaryOf(outcome: Outcome | null): string | null {
  if (!outcome) return null;
  return ("verdict" in outcome ? outcome.verdict : outcome.reason).slice(0, 500);
}
