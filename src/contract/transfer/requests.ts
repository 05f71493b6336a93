/**
 * What comes in and goes out line by line: episodes, transcripts, and feedback. An export's lines
 * import again. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { outcome, stepBody } from "../episodes/requests.ts";
import {
  id,
  json,
  list,
  metadata,
  nothing,
  orNull,
  share,
  tags,
  task,
  taskType,
  text,
  time,
  wholeContext,
} from "../fields.ts";
import { LIMITS } from "../limits.ts";
import type { Failure } from "../call.ts";
import { batch, operation, type Page } from "../operation.ts";
import { patternContent } from "../patterns.ts";
import { curationLine } from "../curation/requests.ts";
import { lessonLine } from "../lessons/requests.ts";
import { get, post, type RouteContract } from "../route.ts";
import { RELATIONSHIP_TYPES, STATUSES } from "../vocabulary.ts";

const MESSAGES_MAX = 10_000;
const SENTENCES_MAX = 100;
const VERSION_MAX = 1_000_000_000;

const imported = {
  id: id.exactOptional(),
  task_type: taskType.default("other"),
  context: wholeContext,
  metadata: metadata.default({}),
  tags: tags.default([]),
  started_at: orNull(time),
  ended_at: orNull(time),
  outcome: orNull(outcome),
  status: orNull(z.enum(STATUSES)),
};

/** What only the line of an export has. */
const sentences = list(text(LIMITS.text_max), SENTENCES_MAX);
const exported = {
  reward: orNull(
    z.strictObject({
      total: share,
      base: share,
      efficiency: share,
      quality: share,
      learning: share,
      weights: z.strictObject({ base: share, efficiency: share, quality: share, learning: share }),
    }),
  ),
  reflection: orNull(
    z.strictObject({ successes: sentences, improvements: sentences, insights: sentences }),
  ),
  checkpoints: list(
    z.strictObject({
      id,
      at: time,
      step_number: z.number().int().min(0).max(LIMITS.steps_max),
      reason: text(LIMITS.text_max),
      note: text(LIMITS.text_max).nullable(),
      state: json(LIMITS.checkpoint_state_max_bytes),
    }),
    LIMITS.checkpoints_max,
  ).default([]),
  relationships: list(
    z.strictObject({
      to: id,
      type: z.enum(RELATIONSHIP_TYPES),
      created_at: time,
      reason: text(LIMITS.text_max).nullable(),
    }),
    LIMITS.relationships_max,
  ).default([]),
  /** Only of one that has ended. */
  archived_at: time.exactOptional(),
  version: z.number().int().min(1).max(VERSION_MAX).default(1),
};

export const episodeLine = z.strictObject({
  type: z.literal("episode"),
  ...imported,
  task,
  steps: list(stepBody, LIMITS.steps_max).default([]),
  ...exported,
});
type Line = z.output<typeof episodeLine>;

/** An episode as a line of an import or an export has it, with its id. */
export type EpisodeLine = Omit<Line, "type" | "id" | keyof typeof exported> & {
  id: string;
} & Partial<Pick<Line, keyof typeof exported>>;

export const transcriptLine = z.strictObject({
  type: z.literal("transcript"),
  ...imported,
  /** Absent: the first message of the user. */
  task: task.exactOptional(),
  messages: z
    .array(z.looseObject({ role: z.string() }))
    .max(MESSAGES_MAX, `must have at most ${MESSAGES_MAX} entries`),
});

/** Thousandths of a use. */
const thousandths = z
  .number()
  .int()
  .min(0, "must be at least 0")
  .max(1_000, "must be at most 1000");
/**
 * A judged recall: what it moved, so that another memory can be moved alike. It carries contents of
 * patterns, because a pattern's id differs from namespace to namespace.
 */
export const feedbackLine = z.strictObject({
  type: z.literal("feedback"),
  recall_id: id,
  at: time,
  helpful: thousandths,
  unhelpful: thousandths,
  episodes: list(id, LIMITS.feedback_used_max * 2),
  patterns: list(patternContent, LIMITS.feedback_used_max),
});
export type FeedbackLine = Omit<z.output<typeof feedbackLine>, "type">;

/**
 * What becomes of an episode that is there with other content. update: it follows its origin, where
 * it grew, or was judged since.
 */
const onConflict = z.enum(["refuse", "update"]);

export const TRANSFER_ROUTES = {
  importEpisodes: post("/v1/import", "write", {
    query: z.strictObject({ on_conflict: onConflict.default("refuse") }),
    body: z.union([episodeLine, transcriptLine, feedbackLine, lessonLine, curationLine]),
    bodyType: "application/x-ndjson",
    bodyReadBy: "handler",
  }),
  exportEpisodes: get("/v1/export", "read", { query: nothing }),
} as const satisfies Record<string, RouteContract>;

/** created: new. duplicate: the same content was there, or newer. */
interface Imported {
  id: string;
  status: "created" | "duplicate";
}

interface ImportedEpisode {
  id: string;
  status: Imported["status"] | "updated";
}

export interface EpisodeToImport {
  id: string;
  episode: EpisodeLine;
}

/** `on_conflict` absent: refuse. */
interface ImportRule {
  on_conflict?: z.output<typeof onConflict>;
}

/**
 * What became of an episode of several. left: it could not be taken in together with the others,
 * and nothing was done: it is to be sent by itself.
 */
export type SliceAnswer =
  | ImportedEpisode
  | { id: string; status: "refused"; error: Failure }
  | { id: string; status: "left" };

export const TRANSFER_OPERATIONS = {
  "episode.import": operation<EpisodeToImport & ImportRule, ImportedEpisode>("episode", "write"),
  /**
   * Several at once, each as by `episode.import`. The answers are to the first of them: the key may
   * not send more at the moment.
   */
  "episodes.import": batch<
    { episodes: EpisodeToImport[] } & ImportRule,
    { answers: SliceAnswer[] }
  >("write", ({ episodes }) => episodes.length),
  /** In the order of `episodes.list`. */
  "episodes.export": operation<{ cursor: string | null }, Page<EpisodeLine>>("namespace", "read"),
  "feedback.import": operation<FeedbackLine, Imported>("namespace", "write"),
  "feedback.export": operation<{ cursor: string | null }, Page<FeedbackLine>>("namespace", "read"),
};
