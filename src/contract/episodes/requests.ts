/**
 * What may be asked about episodes: the routes, the bodies and queries that they take, and the
 * operations of an instance behind them. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import {
  count,
  id,
  json,
  list,
  metadata,
  name,
  nothing,
  orNull,
  partialContext,
  tags,
  task,
  taskType,
  text,
  time,
  wholeContext,
} from "../fields.ts";
import { byteLength } from "../../util/bytes.ts";
import { LIMITS } from "../limits.ts";
import { endLessons } from "../lessons/requests.ts";
import { operation, type Page } from "../operation.ts";
import { del, get, patch, post, type RouteContract } from "../route.ts";
import type { EpisodeSort } from "../vocabulary.ts";
import { wordsQuery } from "../words.ts";
import type { CompletionView, EpisodesFound, HandoffPack, StepsLogged } from "./answers.ts";
import { type EpisodeFilter, episodesQuery } from "../filters/requests.ts";
import type { Checkpoint, Episode } from "./record.ts";

const output = z
  .string()
  .refine(
    (value) => byteLength(value) <= LIMITS.step_output_ceiling_bytes,
    `must have at most ${LIMITS.step_output_ceiling_bytes} bytes, whatever step_output_max_bytes says; it is refused, not cut`,
  );
const stepResult = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("success"), output: output.default("") }),
  z.strictObject({ type: z.literal("error"), message: output }),
  z.strictObject({ type: z.literal("timeout") }),
]);

/** One step as it is logged. */
export const stepBody = z.strictObject({
  /** Unique in the episode; absent: the next one. */
  number: z
    .number()
    .int()
    .min(1, `must be 1 to ${LIMITS.steps_max}`)
    .max(LIMITS.steps_max, `must be 1 to ${LIMITS.steps_max}`)
    .exactOptional(),
  /** Absent: now. */
  at: time.exactOptional(),
  tool: name,
  action: text(LIMITS.text_max).default(""),
  /** Any JSON value. */
  parameters: json(LIMITS.parameters_max_bytes).default({}),
  /** null: unknown, counts neither as success nor as failure. */
  result: orNull(stepResult),
  latency_ms: orNull(z.number().min(0, "must not be negative")),
  tokens: orNull(count),
  metadata: metadata.default({}),
});
export type StepInput = z.output<typeof stepBody>;

export const stepsBody = z.strictObject({
  steps: list(stepBody, LIMITS.steps_per_request_max).min(1, "must have at least 1 entry"),
});

const outcomeList = list(text(LIMITS.text_max), LIMITS.outcome_list_max).default([]);
export const outcome = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("success"),
    verdict: text(LIMITS.text_max).default(""),
    artifacts: outcomeList,
  }),
  z.strictObject({
    type: z.literal("partial_success"),
    verdict: text(LIMITS.text_max).default(""),
    completed: outcomeList,
    failed: outcomeList,
  }),
  z.strictObject({
    type: z.literal("failure"),
    reason: text(LIMITS.text_max).default(""),
    details: orNull(text(LIMITS.text_max)),
  }),
  z.strictObject({
    type: z.literal("abstained"),
    reason: text(LIMITS.text_max).default(""),
    signals: outcomeList,
  }),
]);

export const startBody = z.strictObject({
  task,
  task_type: taskType.default("other"),
  context: wholeContext,
  metadata: metadata.default({}),
  tags: tags.default([]),
  /** The recall that was made for it before, by which a hold-out counts it. */
  recall_id: id.exactOptional(),
});
/** A value that is null goes. */
const changedMetadata = z
  .record(name, text(LIMITS.metadata_value_max).nullable())
  .refine(
    (map) => Object.keys(map).length <= LIMITS.metadata_entries_max,
    `must have at most ${LIMITS.metadata_entries_max} entries`,
  );
export const amendBody = z
  .strictObject({
    task: task.exactOptional(),
    task_type: taskType.exactOptional(),
    context: partialContext.exactOptional(),
    metadata: changedMetadata.exactOptional(),
    tags: tags.exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, "must change something")
  .meta({ minProperties: 1 });
export type Amendment = z.output<typeof amendBody>;

/** What is changed of an episode: its metadata as a whole, or some of it. */
export interface EpisodeChanges extends Omit<Amendment, "metadata"> {
  metadata?: Record<string, string>;
  /** null: the entry goes. What is not named stays. */
  metadata_changes?: Record<string, string | null>;
}

export const completeBody = z.strictObject({
  outcome,
  recall_id: orNull(id),
  /** What the next run should know. */
  lessons: endLessons,
});
const failBody = z.strictObject({
  reason: text(LIMITS.text_max, 1),
  details: orNull(text(LIMITS.text_max)),
});
export const checkpointBody = z.strictObject({
  reason: text(LIMITS.text_max, 1),
  note: orNull(text(LIMITS.text_max)),
  state: json(LIMITS.checkpoint_state_max_bytes).default(null),
});
export const handoffQuery = wordsQuery.extend({ checkpoint_id: id.exactOptional() });

/** Episodes that are asked for together. */
const someBody = z.strictObject({
  ids: list(id, LIMITS.episodes_per_request_max).min(1, "must have at least 1 entry"),
});

const byId = { id };

export const EPISODE_ROUTES = {
  startEpisode: post("/v1/episodes", "write", { body: startBody }),
  listEpisodes: get("/v1/episodes", "read", { query: episodesQuery }),
  getEpisodes: post("/v1/episodes/get", "read", { body: someBody }),
  getEpisode: get("/v1/episodes/:id", "read", { params: byId, query: nothing }),
  amendEpisode: patch("/v1/episodes/:id", "write", {
    params: byId,
    body: amendBody,
    ifMatch: true,
  }),
  deleteEpisode: del("/v1/episodes/:id", "write", { params: byId, ifMatch: true }),
  logSteps: post("/v1/episodes/:id/steps", "write", {
    params: byId,
    body: z.union([stepBody, stepsBody]),
    bodyReadBy: "handler",
  }),
  completeEpisode: post("/v1/episodes/:id/complete", "write", { params: byId, body: completeBody }),
  failEpisode: post("/v1/episodes/:id/fail", "write", { params: byId, body: failBody }),
  checkpointEpisode: post("/v1/episodes/:id/checkpoints", "write", {
    params: byId,
    body: checkpointBody,
  }),
  handOffEpisode: get("/v1/episodes/:id/handoff", "read", { params: byId, query: handoffQuery }),
} as const satisfies Record<string, RouteContract>;

/** An input with `id` is about that episode. */
interface ById {
  id: string;
}

type CompleteBody = z.output<typeof completeBody>;
type CompleteInput = Omit<CompleteBody, "lessons"> & Partial<Pick<CompleteBody, "lessons">>;

/** `if_match`: the versions that the episode may have; null: any. */
interface IfMatch {
  if_match: readonly number[] | null;
}

export const EPISODE_OPERATIONS = {
  "episode.start": operation<ById & z.output<typeof startBody>, Episode>("episode", "write"),
  /** An `EpisodeWithSteps` as JSON: nobody on its way to the client needs to look into it. */
  "episode.get": operation<ById, { version: number; json: string }>("episode", "read"),
  "episode.patch": operation<ById & IfMatch & { changes: EpisodeChanges }, Episode>(
    "episode",
    "write",
  ),
  "episode.delete": operation<ById & IfMatch, { id: string; deleted: true }>("episode", "write"),
  "episode.steps": operation<ById & { steps: StepInput[] }, StepsLogged>("episode", "write"),
  "episode.complete": operation<ById & CompleteInput, CompletionView>("episode", "write"),
  "episode.fail": operation<ById & z.output<typeof failBody>, CompletionView>("episode", "write"),
  "episode.checkpoint": operation<ById & z.output<typeof checkpointBody>, Checkpoint>(
    "episode",
    "write",
  ),
  "episode.handoff": operation<ById & { checkpoint_id: string | null }, HandoffPack>(
    "episode",
    "read",
  ),
  /** As many as fit; the others are named, to be asked for next. */
  "episodes.get": operation<{ ids: string[] }, EpisodesFound>("namespace", "read"),
  "episodes.list": operation<
    {
      filter: EpisodeFilter;
      limit: number;
      cursor: string | null;
      sort?: EpisodeSort;
      /** The name of a kept filter. */
      kept?: string;
    },
    Page<Episode>
  >("namespace", "read"),
};
