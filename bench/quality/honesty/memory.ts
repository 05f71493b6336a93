/**
 * A memory in this process, without the service around it: the knowledge of one namespace, as an
 * instance has it, which runs are learned into and questions are asked of.
 *
 * @module
 */

import type { Step } from "../../../src/contract/episodes/record.ts";
import type { AdviceView, RecallView } from "../../../src/contract/recall/answers.ts";
import type { RecentStep } from "../../../src/contract/recall/requests.ts";
import { makeDigest } from "../../../src/memory/learning/index.ts";
import { episodeOf, stepOf } from "../../../test/support/episodes.ts";
import { openKnowledge, type OpenKnowledge } from "../../../test/support/knowledge.ts";
import type { TauEpisode, TauStep } from "../tau.ts";

/** Steps of a run that a question names, and characters of a message. */
const RECENT_MAX = 50;
const MESSAGE_MAX = 10_000;
const AT = Date.parse("2026-01-01T00:00:00.000Z");
const DAY_MS = 86_400_000;

/** What a question tells of its recent steps. */
export type Told = "everything" | "tool and result";

export class Memory {
  readonly knowledge: OpenKnowledge;
  readonly now: number;

  /** @param ageDays how long ago everything is that it learns */
  constructor(ageDays = 1) {
    this.now = AT + ageDays * DAY_MS;
    this.knowledge = openKnowledge({ capacity: 100_000, cacheBytes: 1e9, now: () => this.now });
  }

  learn(run: TauEpisode, endedAt = AT): void {
    const isGood = run.outcome.success === true;
    const ended_at = new Date(endedAt).toISOString();
    const episode = episodeOf(
      run.id,
      isGood
        ? { type: "success", verdict: "", artifacts: [] }
        : { type: "failure", reason: "", details: null },
      {
        task: run.task,
        context: { ...contextOf(run), language: null, framework: null, complexity: "moderate" },
        started_at: ended_at,
        ended_at,
        updated_at: ended_at,
        step_count: run.steps.length,
      },
    );
    this.knowledge.learn(makeDigest(episode, run.steps.map(recordedStep)));
  }

  /** Advice after this many steps of a run. */
  advise(
    run: TauEpisode,
    done: number,
    told: Told = "everything",
    next_tool: string | null = null,
  ): Promise<Omit<AdviceView, "recall_id">> {
    const recent_steps = run.steps.slice(Math.max(0, done - RECENT_MAX), done).map((step) => {
      return recentStep(step, told);
    });
    const question = { task: run.task, context: contextOf(run), recent_steps, next_tool };
    const { questions } = this.knowledge.knowledge;
    return questions.advise("n", { ...question, error: null }, this.now);
  }

  recall(task: string, limit = 10): Promise<RecallView> {
    const { questions } = this.knowledge.knowledge;
    const include = ["episodes", "patterns", "heuristics", "playbook"] as const;
    const question = { task, context: {}, recent_steps: [], limit, max_tokens: null };
    return questions.recall("n", { ...question, include: [...include] }, this.now);
  }
}

function contextOf(run: TauEpisode): { domain: string; tags: string[] } {
  return { domain: run.domain, tags: [run.agent_variant] };
}

function recordedStep(step: TauStep, at: number): Step {
  const { result, ok } = step;
  const recorded =
    result === null
      ? null
      : ok === false
        ? ({ type: "error", message: result } as const)
        : ({ type: "success", output: result } as const);
  return { ...stepOf(at + 1, step.tool, recorded), parameters: step.args };
}

function recentStep(step: TauStep, told: Told): RecentStep {
  const { tool, args, result, ok } = step;
  const known = { tool, result: resultOf(result, ok) };
  if (told !== "everything") return known;
  const message = result === null ? {} : { message: result.slice(0, MESSAGE_MAX) };
  return { ...known, parameters: args, ...message };
}

function resultOf(result: string | null, ok: boolean | null): RecentStep["result"] {
  if (result === null) return "unknown";
  return ok === false ? "error" : "success";
}
