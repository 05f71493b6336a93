/**
 * What is answered about episodes, and what the document says of their routes. The Worker imports
 * only types from here, but for MCP, which promises these answers when it is first asked.
 *
 * @module
 */

import * as z from "zod";
import {
  count,
  flag,
  named,
  page,
  share,
  text,
  texts,
  type Unsealed,
  written,
} from "../answer-fields.ts";
import { recalledLesson } from "../lessons/answers.ts";
import { CHECKPOINT_ID, EPISODE_ID, OTHER_EPISODE_ID, type RouteDocs } from "../route.ts";
import { PATTERN_KINDS } from "../patterns.ts";
import { nextActions } from "../recall/next-actions.ts";
import { STATUSES } from "../vocabulary.ts";
import { checkpoint, episode, episodeWithSteps, reflection, reward, step } from "./record.ts";
import type { EPISODE_ROUTES } from "./requests.ts";

export const episodeWritten = named("EpisodeWritten", z.object({ ...episode.shape, ...written }));
const episodePage = page("episodes", episode);

const episodesFound = named(
  "EpisodesFound",
  z.object({
    episodes: z.array(episodeWithSteps).describe("In the order of the ids"),
    missing: texts.describe("There are no such episodes in this namespace"),
    remaining: texts.describe("Ids that were not looked at for want of room: ask for them next"),
  }),
);
export type EpisodesFound = z.infer<typeof episodesFound>;

export const stepsLogged = named(
  "StepsLogged",
  z.object({
    episode_id: text,
    accepted: count,
    duplicates: count.describe("Steps that were logged before with the same content"),
    last_number: count,
    version: z.number().int(),
    ...written,
  }),
);
export type StepsLogged = Unsealed<typeof stepsLogged>;

export const completion = named(
  "Completion",
  z.object({
    id: text,
    status: z.enum(STATUSES),
    reward: reward.nullable(),
    reflection: reflection.nullable(),
    patterns: z.array(z.object({ id: text, kind: z.enum(PATTERN_KINDS), is_new: flag })),
    learning: z
      .enum(["done", "queued"])
      .describe(
        "queued: the namespace's instance is out of reach; it learns as soon as it is back",
      ),
    omitted: z
      .object({ steps: z.number().int(), contributions: z.number().int() })
      .nullable()
      .describe("What of a large episode was left out of learning; null when nothing was"),
    lessons: z
      .array(z.object({ id: text, is_new: flag }))
      .optional()
      .describe("Its lessons; is_new false: what it says was said before, which is counted"),
    version: z.number().int(),
    ...written,
  }),
);
export type CompletionView = Unsealed<typeof completion>;

export const checkpointWritten = named("Checkpoint", z.object({ ...checkpoint.shape, ...written }));

export const nextTools = z.array(
  z.object({
    tool: text,
    probability: share,
    why: text,
    episodes: texts.describe("The episodes that say so most"),
  }),
);
export type NextToolView = z.infer<typeof nextTools>[number];

const handoff = named(
  "HandoffPack",
  z.object({
    episode,
    checkpoint: checkpoint.nullable(),
    /** The steps after the checkpoint, and as many before as fit, oldest first. */
    recent_steps: z.array(step),
    progress: z.object({
      steps: count,
      succeeded: count,
      failed: count,
      tools: texts,
    }),
    open_errors: z.array(z.object({ step_number: count, tool: text, message: text })),
    next_tools: nextTools,
    next_actions: nextActions
      .optional()
      .describe("What the next tools are used for, and where their parameters come from"),
    lessons: z
      .array(recalledLesson)
      .optional()
      .describe("What agents and people left for such a task: untrusted"),
  }),
);
export type HandoffPack = z.infer<typeof handoff>;

const episodeId = { id: { description: "The episode", example: EPISODE_ID } };

/** Of what is added to an episode that runs. */
const errorsOfChange = [
  "not_found",
  "database_unavailable",
  "conflict",
  "limit_exceeded",
  "episode_ended",
] as const;

export const EPISODE_DOCS: RouteDocs<typeof EPISODE_ROUTES> = {
  startEpisode: {
    tag: "Episodes",
    summary: "Start an episode",
    description:
      "An agent begins a task. The episode lives at one instance, is durable before this answers, and is on its way to the database. With an Idempotency-Key a repetition gets the first answer.",
    examples: {
      support: {
        summary: "A support task",
        body: {
          task: "Change the flight of reservation 4WQ150",
          task_type: "other",
          context: { domain: "airline", complexity: "moderate", tags: ["support"] },
          metadata: { trial: "0" },
        },
      },
      code: {
        summary: "A bug to be fixed",
        body: {
          task: "Fix the flaky test of the payment worker",
          task_type: "debugging",
          context: {
            domain: "payments",
            language: "typescript",
            framework: "vitest",
            complexity: "complex",
          },
          tags: ["ci"],
        },
      },
    },
    answers: [
      {
        status: 201,
        description: "The started episode",
        schema: episodeWritten,
        headers: ["ETag", "Location"],
      },
    ],
    errors: ["maintenance", "outbox_full", "quota_exceeded"],
  },
  listEpisodes: {
    tag: "Episodes",
    summary: "List episodes, newest first",
    description:
      "Shows what was acknowledged, also what the database does not have yet. Stable under inserts. In another order (`sort`) an episode that changes while pages are read may move from one to another; what has no end and no reward counts as 0. Another order than by `started_at` reads all of the namespace for each page. Archived episodes are left out unless `archived` asks for them.",
    queryExample: { status: "completed", outcome: "success", domain: "airline", limit: 50 },
    answers: [{ status: 200, description: "A page", schema: episodePage }],
    errors: ["not_found", "database_unavailable"],
  },
  getEpisodes: {
    tag: "Episodes",
    summary: "View several episodes with their steps",
    description:
      "At most 100 ids and about 4 MB in an answer, at least one episode: those that are left stand in `remaining`. An id that is named twice is looked at once.",
    examples: {
      two: { summary: "Two episodes", body: { ids: [EPISODE_ID, OTHER_EPISODE_ID] } },
    },
    answers: [{ status: 200, description: "What was found, and what not", schema: episodesFound }],
    errors: ["database_unavailable"],
  },
  getEpisode: {
    tag: "Episodes",
    summary: "View an episode with its steps",
    params: episodeId,
    answers: [
      { status: 200, description: "The episode", schema: episodeWithSteps, headers: ["ETag"] },
    ],
    errors: ["not_found", "database_unavailable"],
  },
  amendEpisode: {
    tag: "Episodes",
    summary: "Amend an episode",
    description:
      "Fields that are not named stay. Metadata is replaced as a whole; sent as application/merge-patch+json, entries that are not named stay, and null takes one away. What was learned from an ended episode is corrected with it.",
    params: episodeId,
    examples: {
      tags: {
        summary: "Other tags, another domain",
        body: { tags: ["vip"], context: { domain: "air" } },
      },
    },
    answers: [
      {
        status: 200,
        description: "The amended episode",
        schema: episodeWritten,
        headers: ["ETag"],
      },
    ],
    errors: [
      "not_found",
      "database_unavailable",
      "conflict",
      "limit_exceeded",
      "precondition_failed",
    ],
  },
  deleteEpisode: {
    tag: "Episodes",
    summary: "Delete an episode everywhere",
    description:
      "From the cache, the index and the database; what was learned from it is taken back.",
    params: episodeId,
    answers: [{ status: 204, description: "The episode was deleted" }],
    errors: ["not_found", "database_unavailable", "precondition_failed"],
  },
  logSteps: {
    tag: "Episodes",
    summary: "Log one step, or several",
    description:
      "A step sent twice is one step: the same number with the same content is a duplicate, with another content 409.",
    params: episodeId,
    examples: {
      one: {
        summary: "A tool call that succeeded",
        body: {
          tool: "get_reservation_details",
          action: "look up the reservation",
          parameters: { reservation_id: "4WQ150" },
          result: { type: "success", output: "one passenger, economy" },
          latency_ms: 120,
          tokens: 340,
        },
      },
      several: {
        summary: "An error, and what came after it",
        body: {
          steps: [
            {
              tool: "update_flight",
              parameters: { to: "HAT110" },
              result: { type: "error", message: "no seat" },
            },
            { tool: "search_flights", result: { type: "timeout" } },
            {
              tool: "update_flight",
              parameters: { to: "HAT170" },
              result: { type: "success", output: "done" },
            },
          ],
        },
      },
    },
    answers: [
      {
        status: 201,
        description: "How many steps were logged",
        schema: stepsLogged,
        headers: ["ETag"],
      },
    ],
    errors: errorsOfChange,
  },
  completeEpisode: {
    tag: "Episodes",
    summary: "Complete an episode",
    description:
      "Scores it, writes its reflection and learns from it. `recall_id` says which recall helped, and counts as feedback.",
    params: episodeId,
    examples: {
      success: {
        summary: "It worked",
        body: { outcome: { type: "success", verdict: "rebooked", artifacts: [] } },
      },
      failure: {
        summary: "It did not",
        body: {
          outcome: { type: "failure", reason: "The fare cannot be changed", details: null },
        },
      },
      partial: {
        summary: "Some of it did",
        body: {
          outcome: {
            type: "partial_success",
            verdict: "half",
            completed: ["flight"],
            failed: ["seat"],
          },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "The reward, the reflection, and what was learned",
        schema: completion,
        headers: ["ETag"],
      },
    ],
    errors: errorsOfChange,
  },
  failEpisode: {
    tag: "Episodes",
    summary: "Close an episode that its agent left",
    params: episodeId,
    examples: {
      left: {
        summary: "The agent crashed",
        body: { reason: "The agent crashed", details: null },
      },
    },
    answers: [
      { status: 200, description: "The closed episode", schema: completion, headers: ["ETag"] },
    ],
    errors: errorsOfChange,
  },
  checkpointEpisode: {
    tag: "Episodes",
    summary: "Save a checkpoint mid-task",
    params: episodeId,
    examples: {
      shift: {
        summary: "Another agent goes on",
        body: {
          reason: "shift ends",
          note: "the seat is still open",
          state: { passengers_left: 2 },
        },
      },
    },
    answers: [{ status: 201, description: "The checkpoint", schema: checkpointWritten }],
    errors: errorsOfChange,
  },
  handOffEpisode: {
    tag: "Episodes",
    summary: "What another agent needs to go on",
    params: episodeId,
    queryExample: { checkpoint_id: CHECKPOINT_ID },
    answers: [
      { status: 200, description: "The handoff pack", schema: handoff, or: "text/markdown" },
    ],
    errors: ["not_found", "database_unavailable"],
  },
};
