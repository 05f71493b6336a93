/**
 * Reads the τ-bench retail trajectories (MIT, sierra-research/tau-bench) as lines for `POST
 * /v1/import`.
 *
 * @module
 */

export interface TauStep {
  n: number;
  tool: string;
  args: unknown;
  thought: string | null;
  result: string | null;
  ok: boolean | null;
}

/** One run of an agent on one task, in the shape that all sets of runs have. */
export interface Run {
  id: string;
  domain: string;
  agent_variant: string;
  task_id: number | string;
  trial?: number;
  task: string;
  steps: TauStep[];
  /** Tools of a correct run; not in every file. */
  expected_tools?: string[];
  outcome: { success: boolean | null; reward?: number | null };
}

export interface TauEpisode extends Run {
  task_id: number;
  trial: number;
  outcome: { success: boolean | null; reward: number | null };
}

/** A run that crashed before its first step has neither an outcome nor steps: it was abandoned. */
export function tauEpisodeLine(row: Run): Record<string, unknown> {
  const crashed = row.steps.length === 0;
  const success = row.outcome.success === true;
  return {
    type: "episode",
    id: row.id,
    task: row.task,
    task_type: "other",
    context: { domain: row.domain, tags: [row.agent_variant] },
    metadata: {
      task_id: String(row.task_id),
      trial: String(row.trial ?? 0),
      agent_variant: row.agent_variant,
    },
    steps: row.steps.map((step) => ({
      number: step.n,
      tool: step.tool,
      action: (step.thought ?? "").slice(0, 1_000),
      parameters: step.args,
      result: resultOf(step),
    })),
    ...(crashed
      ? { status: "abandoned" }
      : {
          outcome: success
            ? { type: "success", verdict: `reward ${row.outcome.reward ?? 1}` }
            : { type: "failure", reason: `reward ${row.outcome.reward ?? 0}` },
        }),
  };
}

function resultOf({ ok, result }: TauStep): Record<string, unknown> | null {
  if (result === null) return null;
  return ok === false ? { type: "error", message: result } : { type: "success", output: result };
}

/** A run as a chat with tool calls, and what it was worth. */
export interface TauTranscript {
  task_id: number;
  trial: number;
  reward: number;
  info: { task: { instruction: string } };
  traj: Record<string, unknown>[];
}

export function tauTranscriptLine(row: TauTranscript): Record<string, unknown> {
  return {
    type: "transcript",
    id: `tau-chat-${row.task_id}-${row.trial}`,
    task: row.info.task.instruction,
    context: { domain: "customer-service/retail", tags: ["transcript"] },
    messages: row.traj,
    outcome:
      row.reward === 1
        ? { type: "success", verdict: `reward ${row.reward}` }
        : { type: "failure", reason: `reward ${row.reward}` },
  };
}
