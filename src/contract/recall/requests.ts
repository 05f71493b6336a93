/**
 * What may be asked of the memory for a task: recall, advice, search, a playbook, and feedback on
 * what was recalled. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import {
  id,
  json,
  list,
  name,
  orNull,
  page,
  partialContext,
  share,
  task,
  taskType,
  text,
} from "../fields.ts";
import { byteLength } from "../../util/bytes.ts";
import { archived } from "../filters/requests.ts";
import { LIMITS } from "../limits.ts";
import { operation, type Page } from "../operation.ts";
import { get, post, type RouteContract } from "../route.ts";
import { type ArchivedChoice, RESULT_CLASSES } from "../vocabulary.ts";
import { TOKENS_MIN, wordsQuery } from "../words.ts";
import type { AdviceView, FeedbackView, PlaybookAnswer, RecallView, SearchHit } from "./answers.ts";

/** Characters of the id of an item that a feedback names. */
const USED_ID_MAX = 200;

/** The steps of the running task, oldest first. The more they say, the better the answer. */
const recentSteps = list(
  z.strictObject({
    tool: name,
    result: z.enum(RESULT_CLASSES).default("unknown"),
    /** The output or the error. */
    message: text(LIMITS.text_max).exactOptional(),
    /** Any JSON value. */
    parameters: json(LIMITS.parameters_max_bytes).exactOptional(),
  }),
  LIMITS.recent_steps_max,
)
  .refine(
    (steps) => byteLength(JSON.stringify(steps)) <= LIMITS.recent_steps_max_bytes,
    `must have at most ${LIMITS.recent_steps_max_bytes} bytes as JSON, all steps together`,
  )
  .meta({
    description: `Oldest first. A message has at most ${LIMITS.text_max} characters, the parameters of a step at most ${LIMITS.parameters_max_bytes} bytes as JSON, all steps together at most ${LIMITS.recent_steps_max_bytes}.`,
  })
  .default([]);

/** The running episode that the question is about; by it a hold-out counts it. */
const episodeId = id
  .exactOptional()
  .describe(
    "The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results",
  );

/** A step of the running task, as a question names it. */
export type RecentStep = z.output<typeof recentSteps>[number];

/** How many steps the named episode had, where the memory itself looked it up. */
interface StepsTaken {
  steps_taken?: number;
}

const RECALL_KINDS = ["episodes", "patterns", "heuristics", "playbook", "lessons"] as const;

export const recallBody = z.strictObject({
  task,
  context: partialContext.default({}),
  task_type: taskType.exactOptional(),
  limit: z
    .number()
    .int()
    .min(1)
    .max(LIMITS.recall_max, `must be at most ${LIMITS.recall_max}`)
    .default(LIMITS.recall_default),
  include: z.array(z.enum(RECALL_KINDS)).default([...RECALL_KINDS]),
  recent_steps: recentSteps,
  episode_id: episodeId,
  max_tokens: orNull(z.number().int().min(TOKENS_MIN, `must be at least ${TOKENS_MIN}`)),
});
export type RecallInput = z.output<typeof recallBody> & StepsTaken;

export const adviseBody = z.strictObject({
  task,
  context: partialContext.default({}),
  recent_steps: recentSteps,
  episode_id: episodeId,
  /** The tool that the caller means to use next. */
  next_tool: orNull(name),
  /** The error that the caller is looking at; null: that of the last step, if it failed. */
  error: orNull(text(LIMITS.text_max)),
  /** For the moment of action: the answer's line alone, its lists empty. */
  only_line: z.boolean({ error: "must be true or false" }).exactOptional(),
});
export type AdviseInput = z.output<typeof adviseBody> & StepsTaken;

export const playbookBody = z.strictObject({
  task,
  context: partialContext.default({}),
  recent_steps: recentSteps,
  episode_id: episodeId,
});

export const feedbackBody = z.strictObject({
  recall_id: id,
  used: list(text(USED_ID_MAX, 1), LIMITS.feedback_used_max),
  helpful: z.boolean(),
  rating: orNull(share),
});

const searchQuery = page.extend({
  q: text(LIMITS.url_text_max, 1),
  archived: archived.exactOptional(),
});
/** A query that does not come in an address. */
export const searchText = text(LIMITS.search_text_max, 1);

export const RECALL_ROUTES = {
  recall: post("/v1/recall", "read", { query: wordsQuery, body: recallBody }),
  advise: post("/v1/advise", "read", { query: wordsQuery, body: adviseBody }),
  search: get("/v1/search", "read", { query: searchQuery }),
  playbook: post("/v1/playbooks", "read", { query: wordsQuery, body: playbookBody }),
  giveFeedback: post("/v1/feedback", "write", { body: feedbackBody }),
} as const satisfies Record<string, RouteContract>;

export const RECALL_OPERATIONS = {
  /** The latest steps of an episode, as `recent_steps` has them, and how many it has in all. */
  "episode.recent": operation<{ id: string }, { steps: RecentStep[]; count: number }>(
    "episode",
    "read",
  ),
  recall: operation<RecallInput, RecallView>("namespace", "read"),
  advise: operation<AdviseInput, AdviceView>("namespace", "read"),
  search: operation<
    { q: string; limit: number; cursor: string | null; archived?: ArchivedChoice },
    Page<SearchHit>
  >("namespace", "read"),
  playbook: operation<z.output<typeof playbookBody> & StepsTaken, PlaybookAnswer>(
    "namespace",
    "read",
  ),
  feedback: operation<z.output<typeof feedbackBody>, FeedbackView>("namespace", "write"),
};
