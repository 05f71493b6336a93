/**
 * The document's part about episodes and what ties them, by "METHOD path".
 *
 * @module
 */

import * as z from "zod";
import { RELATIONSHIP_TYPES } from "../../contract/model.ts";
import * as schema from "../schemas.ts";
import { EXAMPLE_IDS as ids, type RouteDoc } from "./route-doc.ts";
import * as shape from "./shapes.ts";

const episodeId = { schema: schema.idParameter, description: "The episode", example: ids.episode };
export const written = { "Memory-Durability": "queued or stored" };
const tagged = { ...written, ETag: "The version" };
export const reads = ["not_found", "database_unavailable"] as const;
const writes = ["not_found", "database_unavailable", "conflict", "limit_exceeded"] as const;
const deleted = { status: 204, description: "It is gone", headers: written } as const;
const about = { domain: "airline", complexity: "moderate", tags: ["support"] };
const task = "Change the flight of reservation 4WQ150";

const episodes: Record<string, RouteDoc> = {
  "POST /v1/episodes": {
    id: "startEpisode",
    tag: "Episodes",
    summary: "Start an episode",
    description:
      "An agent begins a task. The episode lives at one instance, is durable before this answers, and is on its way to the database. With an Idempotency-Key a repetition gets the first answer.",
    body: {
      schema: schema.startBody,
      examples: {
        support: {
          summary: "A support task",
          body: { task, task_type: "other", context: about, metadata: { trial: "0" } },
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
    },
    answers: [
      {
        status: 201,
        description: "It has begun",
        schema: shape.episodeWritten,
        headers: { ...tagged, Location: "Its address" },
      },
    ],
    errors: ["maintenance", "outbox_full"],
  },
  "GET /v1/episodes": {
    id: "listEpisodes",
    tag: "Episodes",
    summary: "List episodes, newest first",
    description:
      "Shows what was acknowledged, also what the database does not have yet. Stable under inserts.",
    query: schema.listQuery,
    queryExample: { status: "completed", outcome: "success", domain: "airline", limit: 50 },
    answers: [{ status: 200, description: "A page", schema: shape.episodePage }],
    errors: ["database_unavailable"],
  },
  "GET /v1/episodes/:id": {
    id: "getEpisode",
    tag: "Episodes",
    summary: "View an episode with its steps",
    params: { id: episodeId },
    query: schema.nothing,
    answers: [
      {
        status: 200,
        description: "The episode",
        schema: shape.episodeWithSteps,
        headers: { ETag: "The version" },
      },
    ],
    errors: reads,
  },
  "PATCH /v1/episodes/:id": {
    id: "amendEpisode",
    tag: "Episodes",
    summary: "Amend an episode",
    description:
      "Fields that are not named stay. What was learned from an ended episode is corrected with it.",
    params: { id: episodeId },
    ifMatch: true,
    body: {
      schema: schema.patchBody,
      examples: {
        tags: {
          summary: "Other tags, another domain",
          body: { tags: ["vip"], context: { domain: "air" } },
        },
      },
    },
    answers: [
      { status: 200, description: "As it is now", schema: shape.episodeWritten, headers: tagged },
    ],
    errors: [...writes, "precondition_failed"],
  },
  "DELETE /v1/episodes/:id": {
    id: "deleteEpisode",
    tag: "Episodes",
    summary: "Delete an episode everywhere",
    description:
      "From the cache, the index and the database; what was learned from it is taken back.",
    params: { id: episodeId },
    ifMatch: true,
    answers: [deleted],
    errors: [...reads, "precondition_failed"],
  },
  "POST /v1/episodes/:id/steps": {
    id: "logSteps",
    tag: "Episodes",
    summary: "Log one step, or several",
    description:
      "A step sent twice is one step: the same number with the same content is a duplicate, with another content 409.",
    params: { id: episodeId },
    body: {
      schema: z.union([schema.step, schema.severalSteps]),
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
    },
    answers: [
      { status: 201, description: "They are logged", schema: shape.stepsLogged, headers: tagged },
    ],
    errors: [...writes, "episode_ended"],
  },
  "POST /v1/episodes/:id/complete": {
    id: "completeEpisode",
    tag: "Episodes",
    summary: "Complete an episode",
    description:
      "Scores it, writes its reflection and learns from it. `recall_id` says which recall helped, and counts as feedback.",
    params: { id: episodeId },
    body: {
      schema: schema.completeBody,
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
    },
    answers: [
      { status: 200, description: "What it taught", schema: shape.completion, headers: tagged },
    ],
    errors: [...writes, "episode_ended"],
  },
  "POST /v1/episodes/:id/fail": {
    id: "failEpisode",
    tag: "Episodes",
    summary: "Close an episode that its agent left",
    params: { id: episodeId },
    body: {
      schema: schema.failBody,
      examples: {
        left: {
          summary: "The agent crashed",
          body: { reason: "The agent crashed", details: null },
        },
      },
    },
    answers: [
      { status: 200, description: "It is closed", schema: shape.completion, headers: tagged },
    ],
    errors: [...writes, "episode_ended"],
  },
  "POST /v1/episodes/:id/checkpoints": {
    id: "checkpointEpisode",
    tag: "Episodes",
    summary: "Save a checkpoint mid-task",
    params: { id: episodeId },
    body: {
      schema: schema.checkpointBody,
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
    },
    answers: [
      {
        status: 201,
        description: "The checkpoint",
        schema: shape.checkpointWritten,
        headers: written,
      },
    ],
    errors: [...writes, "episode_ended"],
  },
  "GET /v1/episodes/:id/handoff": {
    id: "handOffEpisode",
    tag: "Episodes",
    summary: "What another agent needs to go on",
    params: { id: episodeId },
    query: schema.handoffQuery,
    queryExample: { checkpoint_id: ids.checkpoint },
    answers: [{ status: 200, description: "The handoff pack", schema: shape.handoff }],
    errors: reads,
  },
};

const ties: Record<string, RouteDoc> = {
  "GET /v1/episodes/:id/tags": {
    id: "listTags",
    tag: "Tags and relationships",
    summary: "List an episode's tags",
    params: { id: episodeId },
    answers: [{ status: 200, description: "The tags", schema: shape.tagsRead }],
    errors: reads,
  },
  "POST /v1/episodes/:id/tags": {
    id: "addTags",
    tag: "Tags and relationships",
    summary: "Add tags to an episode",
    params: { id: episodeId },
    body: {
      schema: schema.tagsBody,
      examples: { two: { summary: "Two tags", body: { tags: ["vip", "rebooking"] } } },
    },
    answers: [
      { status: 200, description: "All its tags", schema: shape.tagsWritten, headers: written },
    ],
    errors: writes,
  },
  "DELETE /v1/episodes/:id/tags/:tag": {
    id: "removeTag",
    tag: "Tags and relationships",
    summary: "Remove a tag from an episode",
    params: {
      id: episodeId,
      tag: { schema: z.string().min(1), description: "The tag", example: "support" },
    },
    answers: [
      {
        status: 200,
        description: "The tags that are left",
        schema: shape.tagsWritten,
        headers: written,
      },
    ],
    errors: writes,
  },
  "GET /v1/episodes/:id/relationships": {
    id: "listRelationships",
    tag: "Tags and relationships",
    summary: "List an episode's relationships, in both directions",
    params: { id: episodeId },
    answers: [{ status: 200, description: "The relationships", schema: shape.relationships }],
    errors: reads,
  },
  "POST /v1/episodes/:id/relationships": {
    id: "addRelationship",
    tag: "Tags and relationships",
    summary: "Tie an episode to another",
    description: "parent_child, depends_on and blocks stay acyclic, each on its own.",
    params: { id: episodeId },
    body: {
      schema: schema.relationshipBody,
      examples: {
        follows: {
          summary: "A sequel",
          body: { type: "follows", to: ids.other, reason: "same customer" },
        },
      },
    },
    answers: [
      {
        status: 201,
        description: "The relationship",
        schema: shape.relationshipWritten,
        headers: written,
      },
    ],
    errors: [...writes, "cycle"],
  },
  "DELETE /v1/episodes/:id/relationships/:type/:to": {
    id: "removeRelationship",
    tag: "Tags and relationships",
    summary: "Untie an episode from another",
    params: {
      id: episodeId,
      type: {
        schema: z.enum(RELATIONSHIP_TYPES),
        description: "The kind of relationship",
        example: "related_to",
      },
      to: { schema: schema.idParameter, description: "The other episode", example: ids.other },
    },
    answers: [deleted],
    errors: writes,
  },
};

export const EPISODE_DOCS: Readonly<Record<string, RouteDoc>> = { ...episodes, ...ties };
