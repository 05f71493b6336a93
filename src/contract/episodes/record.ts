/**
 * An episode and everything in it, as it is answered, exported and shown. These schemas are the
 * memory's data model: their types are what every other room works with.
 *
 * @module
 */

import * as z from "zod";
import { count, named, share, time } from "../answer-fields.ts";
import { COMPLEXITIES, STATUSES, TASK_TYPES } from "../vocabulary.ts";

export const context = z.object({
  /** Free text, "" when not given. Statistics are kept for each domain. */
  domain: z.string(),
  language: z.string().nullable(),
  framework: z.string().nullable(),
  complexity: z.enum(COMPLEXITIES),
  tags: z.array(z.string()),
});
export type Context = z.infer<typeof context>;

const stepResult = z.discriminatedUnion("type", [
  z.object({ type: z.literal("success"), output: z.string() }),
  z.object({ type: z.literal("error"), message: z.string() }),
  z.object({ type: z.literal("timeout") }),
]);
export type StepResult = z.infer<typeof stepResult>;

export const step = named(
  "Step",
  z.object({
    number: z.number().int().min(1),
    at: time,
    tool: z.string(),
    action: z.string(),
    parameters: z.unknown(),
    result: stepResult
      .nullable()
      .describe("null: unknown, counts neither as success nor as failure"),
    latency_ms: z.number().nullable(),
    tokens: z.number().nullable(),
    metadata: z.record(z.string(), z.string()),
  }),
);
export type Step = z.infer<typeof step>;

const outcome = named(
  "Outcome",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("success"), verdict: z.string(), artifacts: z.array(z.string()) }),
    z.object({
      type: z.literal("partial_success"),
      verdict: z.string(),
      completed: z.array(z.string()),
      failed: z.array(z.string()),
    }),
    z.object({ type: z.literal("failure"), reason: z.string(), details: z.string().nullable() }),
    z.object({ type: z.literal("abstained"), reason: z.string(), signals: z.array(z.string()) }),
  ]),
);
export type Outcome = z.infer<typeof outcome>;

export const reward = named(
  "Reward",
  z
    .object({
      total: share,
      base: share,
      efficiency: share,
      quality: share,
      learning: share,
      /** The weights that the total was made with; they sum to 1. */
      weights: z.object({ base: share, efficiency: share, quality: share, learning: share }),
    })
    .describe("Parts and total in 0…1; the total is the weighted sum of the parts"),
);
export type Reward = z.infer<typeof reward>;

/** Each sentence names its evidence: step numbers, counts, or a comparison with earlier episodes. */
export const reflection = named(
  "Reflection",
  z.object({
    successes: z.array(z.string()),
    improvements: z.array(z.string()),
    insights: z.array(z.string()),
  }),
);
export type Reflection = z.infer<typeof reflection>;

/** Enough, with the steps, for another agent to go on. */
export const checkpoint = z.object({
  id: z.string(),
  at: time,
  step_number: count.describe("The last step that it covers; 0 before the first"),
  reason: z.string(),
  note: z.string().nullable(),
  /** Any JSON value. */
  state: z.unknown(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** Everything about an episode but its steps, as lists and answers show it. */
export const episode = named(
  "Episode",
  z.object({
    id: z.string(),
    namespace: z.string(),
    task: z.string(),
    task_type: z.enum(TASK_TYPES),
    context,
    status: z.enum(STATUSES),
    started_at: time,
    ended_at: time.nullable(),
    updated_at: time,
    outcome: outcome.nullable(),
    reward: reward.nullable(),
    reflection: reflection.nullable(),
    pattern_ids: z.array(z.string()),
    tags: z.array(z.string()),
    checkpoints: z.array(checkpoint),
    metadata: z.record(z.string(), z.string()),
    step_count: count,
    version: z.number().int().min(1).describe("Rises by one with each change; the ETag"),
  }),
);
export type Episode = z.infer<typeof episode>;

export const episodeWithSteps = named(
  "EpisodeWithSteps",
  z.object({ ...episode.shape, steps: z.array(step) }),
);
export type EpisodeWithSteps = z.infer<typeof episodeWithSteps>;
