/**
 * An episode and everything in it, as it is answered, exported and shown. These schemas are the
 * memory's data model: their types are what every other room works with.
 *
 * @module
 */

import * as z from "zod";
import {
  count,
  named,
  share,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from "../answer-fields.ts";
import { COMPLEXITIES, STATUSES, TASK_TYPES } from "../vocabulary.ts";

export const context = z.object({
  /** Free text, "" when not given. Statistics are kept for each domain. */
  domain: text,
  language: textOrNull,
  framework: textOrNull,
  complexity: z.enum(COMPLEXITIES),
  tags: texts,
});
export type Context = z.infer<typeof context>;

const stepResult = z.discriminatedUnion("type", [
  z.object({ type: z.literal("success"), output: text }),
  z.object({ type: z.literal("error"), message: text }),
  z.object({ type: z.literal("timeout") }),
]);
export type StepResult = z.infer<typeof stepResult>;

export const step = named(
  "Step",
  z.object({
    number: z.number().int().min(1),
    at: time,
    tool: text,
    action: text,
    parameters: z.unknown(),
    result: stepResult
      .nullable()
      .describe("null: unknown, counts neither as success nor as failure"),
    latency_ms: z.number().nullable(),
    tokens: z.number().nullable(),
    metadata: z.record(text, text),
  }),
);
export type Step = z.infer<typeof step>;

const outcome = named(
  "Outcome",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("success"), verdict: text, artifacts: texts }),
    z.object({
      type: z.literal("partial_success"),
      verdict: text,
      completed: texts,
      failed: texts,
    }),
    z.object({ type: z.literal("failure"), reason: text, details: textOrNull }),
    z.object({ type: z.literal("abstained"), reason: text, signals: texts }),
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
    successes: texts,
    improvements: texts,
    insights: texts,
  }),
);
export type Reflection = z.infer<typeof reflection>;

/** Enough, with the steps, for another agent to go on. */
export const checkpoint = z.object({
  id: text,
  at: time,
  step_number: count.describe("The last step that it covers; 0 before the first"),
  reason: text,
  note: textOrNull,
  /** Any JSON value. */
  state: z.unknown(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** Everything about an episode but its steps, as lists and answers show it. */
export const episode = named(
  "Episode",
  z.object({
    id: text,
    namespace: text,
    task: text,
    task_type: z.enum(TASK_TYPES),
    context,
    status: z.enum(STATUSES),
    started_at: time,
    ended_at: timeOrNull,
    updated_at: time,
    outcome: outcome.nullable(),
    reward: reward.nullable(),
    reflection: reflection.nullable(),
    pattern_ids: texts,
    tags: texts,
    checkpoints: z.array(checkpoint),
    metadata: z.record(text, text),
    step_count: count,
    archived_at: time
      .exactOptional()
      .describe("When it was archived: it is in no recall, and in lists only if asked for"),
    version: z.number().int().min(1).describe("Rises by one with each change; the ETag"),
  }),
);
export type Episode = z.infer<typeof episode>;

export const episodeWithSteps = named(
  "EpisodeWithSteps",
  z.object({ ...episode.shape, steps: z.array(step) }),
);
export type EpisodeWithSteps = z.infer<typeof episodeWithSteps>;
