/**
 * What an episode is: the vocabulary every other room uses. These are the wire shapes as well, so
 * nothing is translated between an instance and the HTTP API. Times are RFC 3339 UTC strings,
 * durations carry their unit in the name.
 *
 * @module
 */

export const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const COMPLEXITIES = ["simple", "moderate", "complex"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export const STATUSES = ["in_progress", "completed", "failed", "abandoned"] as const;
export type Status = (typeof STATUSES)[number];

export const RELATIONSHIP_TYPES = [
  "parent_child",
  "depends_on",
  "follows",
  "related_to",
  "blocks",
  "duplicates",
  "references",
] as const;
export type RelationshipType = (typeof RELATIONSHIP_TYPES)[number];

/** Relationship types whose edges may not form a cycle, each type on its own. */
export const ACYCLIC_RELATIONSHIPS: readonly RelationshipType[] = [
  "parent_child",
  "depends_on",
  "blocks",
];

export interface Context {
  /** Free text, "" when not given. Statistics are kept for each domain. */
  domain: string;
  language: string | null;
  framework: string | null;
  complexity: Complexity;
  tags: string[];
}

export type StepResult =
  | { type: "success"; output: string }
  | { type: "error"; message: string }
  | { type: "timeout" };

/** What a client sends for a step. */
export interface StepInput {
  /** 1…1000, unique in the episode; absent: the next one. */
  number?: number;
  /** Absent: now. */
  at?: string;
  tool: string;
  action: string;
  /** Any JSON value. */
  parameters: unknown;
  /** null: unknown, counts neither as success nor as failure. */
  result: StepResult | null;
  latency_ms: number | null;
  tokens: number | null;
  metadata: Record<string, string>;
}

export interface Step extends StepInput {
  number: number;
  at: string;
}

/** How a step ended, as learning sees it. */
export type ResultClass = "success" | "error" | "timeout" | "unknown";

export type Outcome =
  | { type: "success"; verdict: string; artifacts: string[] }
  | { type: "partial_success"; verdict: string; completed: string[]; failed: string[] }
  | { type: "failure"; reason: string; details: string | null }
  | { type: "abstained"; reason: string; signals: string[] };
export type OutcomeType = Outcome["type"];

/** Parts and total in 0…1; total = Σ part × weight. */
export interface Reward {
  total: number;
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
  /** The weights the total was made with; they sum to 1. */
  weights: { base: number; efficiency: number; quality: number; learning: number };
}

/**
 * Each sentence names its evidence: step numbers, counts, or the comparison with earlier episodes.
 */
export interface Reflection {
  successes: string[];
  improvements: string[];
  insights: string[];
}

/** Enough, with the steps, for another agent to go on. */
export interface Checkpoint {
  id: string;
  at: string;
  /** The last step that the checkpoint covers; 0 before the first. */
  step_number: number;
  reason: string;
  note: string | null;
  /** Any JSON value. */
  state: unknown;
}

/** Everything about an episode but its steps, as lists and answers show it. */
export interface Episode {
  id: string;
  namespace: string;
  task: string;
  task_type: TaskType;
  context: Context;
  status: Status;
  started_at: string;
  ended_at: string | null;
  updated_at: string;
  outcome: Outcome | null;
  reward: Reward | null;
  reflection: Reflection | null;
  pattern_ids: string[];
  tags: string[];
  checkpoints: Checkpoint[];
  metadata: Record<string, string>;
  step_count: number;
  /** Rises by one with each change; the ETag. */
  version: number;
}

export interface EpisodeWithSteps extends Episode {
  steps: Step[];
}

export interface Relationship {
  from: string;
  to: string;
  type: RelationshipType;
  created_at: string;
  reason: string | null;
}

export const PATTERN_KINDS = [
  "tool_sequence",
  "decision_point",
  "error_recovery",
  "context_pattern",
] as const;
export type PatternKind = (typeof PATTERN_KINDS)[number];

/**
 * do: recommended. avoid: significantly worse than the base rate. neutral: not shown unless asked
 * for.
 */
export type Polarity = "do" | "avoid" | "neutral";

/** What a step answered: its output or its error message. */
export function answerOf(result: StepResult | null): string | null {
  if (result?.type === "success") return result.output;
  return result?.type === "error" ? result.message : null;
}

/** The class a step's result falls in. */
export function resultClass(result: StepResult | null): ResultClass {
  return result === null ? "unknown" : result.type;
}
