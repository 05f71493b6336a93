/**
 * What is answered about episodes and what ties them, as schemas. `same` holds each to the type
 * that the operation returns, so a field that is added, lost or renamed does not compile.
 *
 * @module
 */

import * as z from "zod";
import {
  COMPLEXITIES,
  PATTERN_KINDS,
  RELATIONSHIP_TYPES,
  STATUSES,
  TASK_TYPES,
  type Checkpoint,
  type Context,
  type Episode,
  type EpisodeWithSteps,
  type Outcome,
  type Reflection,
  type Relationship,
  type Reward,
  type Step,
  type StepResult,
} from "../../contract/model.ts";
import type { CompletionView, Durability, HandoffPack, Output } from "../../contract/operations.ts";
import { same, named, share, count, time } from "./component.ts";

export const outcomeType = z.enum(["success", "partial_success", "failure", "abstained"]);
const durability = same<Durability>()(
  z
    .enum(["queued", "stored", "none"])
    .describe(
      "queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged",
    ),
);
/** An answer to a write says how durable it is. */
export const written = { durability };

export const context = same<Context>()(
  z.object({
    domain: z.string(),
    language: z.string().nullable(),
    framework: z.string().nullable(),
    complexity: z.enum(COMPLEXITIES),
    tags: z.array(z.string()),
  }),
);
const stepResult = same<StepResult>()(
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("success"), output: z.string() }),
    z.object({ type: z.literal("error"), message: z.string() }),
    z.object({ type: z.literal("timeout") }),
  ]),
);
const step = named(
  "Step",
  same<Step>()(
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
  ),
);
const outcome = named(
  "Outcome",
  same<Outcome>()(
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
  ),
);
const reward = named(
  "Reward",
  same<Reward>()(
    z
      .object({
        total: share,
        base: share,
        efficiency: share,
        quality: share,
        learning: share,
        weights: z.object({ base: share, efficiency: share, quality: share, learning: share }),
      })
      .describe("Parts and total in 0…1; the total is the weighted sum of the parts"),
  ),
);
const reflection = named(
  "Reflection",
  same<Reflection>()(
    z.object({
      successes: z.array(z.string()),
      improvements: z.array(z.string()),
      insights: z.array(z.string()),
    }),
  ),
);
const checkpoint = same<Checkpoint>()(
  z.object({
    id: z.string(),
    at: time,
    step_number: count.describe("The last step that it covers; 0 before the first"),
    reason: z.string(),
    note: z.string().nullable(),
    state: z.unknown(),
  }),
);
const episodeFields = {
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
};
export const episode = named("Episode", same<Episode>()(z.object(episodeFields)));
export const episodeWritten = named("EpisodeWritten", z.object({ ...episodeFields, ...written }));
export const episodeWithSteps = named(
  "EpisodeWithSteps",
  same<EpisodeWithSteps>()(z.object({ ...episodeFields, steps: z.array(step) })),
);
export const stepsLogged = named(
  "StepsLogged",
  same<Output<"episode.steps"> & { durability: Durability }>()(
    z.object({
      episode_id: z.string(),
      accepted: count,
      duplicates: count.describe("Steps that were there already, word for word"),
      last_number: count,
      version: z.number().int(),
      ...written,
    }),
  ),
);
export const completion = named(
  "Completion",
  same<CompletionView & { durability: Durability }>()(
    z.object({
      id: z.string(),
      status: z.enum(STATUSES),
      reward: reward.nullable(),
      reflection: reflection.nullable(),
      patterns: z.array(
        z.object({ id: z.string(), kind: z.enum(PATTERN_KINDS), is_new: z.boolean() }),
      ),
      learning: z
        .enum(["done", "queued"])
        .describe(
          "queued: the namespace's instance is out of reach; it learns as soon as it is back",
        ),
      omitted: z
        .object({ steps: z.number().int(), contributions: z.number().int() })
        .nullable()
        .describe("What of a large episode was left out of learning; null when nothing was"),
      version: z.number().int(),
      ...written,
    }),
  ),
);
export const checkpointWritten = named("Checkpoint", z.object({ ...checkpoint.shape, ...written }));
export const nextTools = z.array(
  z.object({
    tool: z.string(),
    probability: share,
    why: z.string(),
    episodes: z.array(z.string()).describe("The episodes that say so most"),
  }),
);
export const handoff = named(
  "HandoffPack",
  same<HandoffPack>()(
    z.object({
      episode,
      checkpoint: checkpoint.nullable(),
      recent_steps: z.array(step),
      progress: z.object({
        steps: count,
        succeeded: count,
        failed: count,
        tools: z.array(z.string()),
      }),
      open_errors: z.array(z.object({ step_number: count, tool: z.string(), message: z.string() })),
      next_tools: nextTools,
    }),
  ),
);
export const tagsRead = z.object({ tags: z.array(z.string()) });
export const tagsWritten = z.object({ tags: z.array(z.string()), ...written });
const relationship = named(
  "Relationship",
  same<Relationship>()(
    z.object({
      from: z.string(),
      to: z.string(),
      type: z.enum(RELATIONSHIP_TYPES),
      created_at: time,
      reason: z.string().nullable(),
    }),
  ),
);
export const relationships = z.object({ relationships: z.array(relationship) });
export const relationshipWritten = z.object({ ...relationship.shape, ...written });
