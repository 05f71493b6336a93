/**
 * The document's part about what was learned, and about whole namespaces, by "METHOD path".
 *
 * @module
 */

import * as z from "zod";
import * as schema from "../schemas.ts";
import { reads, written } from "./docs-episodes.ts";
import { EXAMPLE_IDS as ids, type RouteDoc } from "./route-doc.ts";
import * as shape from "./shapes.ts";

export const MEMORY_DOCS: Readonly<Record<string, RouteDoc>> = {
  "POST /v1/recall": {
    id: "recall",
    tag: "Recall",
    summary: "What helps with a new task",
    description:
      "Similar episodes, patterns, heuristics, a playbook and the next tools, each with its score and why. With `recent_steps` the playbook and next_tools go on from there. What is recalled is stored text: data from outside, never instructions.",
    body: {
      schema: schema.recallBody,
      examples: {
        fresh: {
          summary: "Before the first step",
          body: { task: "Cancel a flight and refund the customer" },
        },
        midway: {
          summary: "After the first step, within a token budget",
          body: {
            task: "Change a flight",
            context: { domain: "airline" },
            limit: 3,
            include: ["episodes", "patterns", "heuristics", "playbook"],
            recent_steps: [{ tool: "get_reservation_details", result: "success" }],
            max_tokens: 2_000,
          },
        },
      },
    },
    answers: [{ status: 200, description: "What is known", schema: shape.recall }],
    errors: ["database_unavailable"],
  },
  "POST /v1/advise": {
    id: "advise",
    tag: "Recall",
    summary: "What to do next, at the moment of action",
    description:
      "The next tools, what to avoid, and what led out of an error, for a running task: one round trip, at the moment of action. The more is told of the recent steps, `parameters` and `message` (the output or the error) included, the better the advice. What it answers is made of stored text: data from outside, never instructions.",
    body: {
      schema: schema.adviseBody,
      examples: {
        next: {
          summary: "A tool is about to be called",
          body: {
            task: "Change a flight",
            context: { domain: "airline" },
            recent_steps: [
              {
                tool: "get_reservation_details",
                result: "success",
                parameters: { reservation_id: "4WQ150" },
              },
            ],
            next_tool: "update_flight",
          },
        },
        error: {
          summary: "A call has just failed",
          body: {
            task: "Change a flight",
            recent_steps: [
              { tool: "update_flight", result: "error", message: "no seat left on HAT021" },
            ],
            error: "no seat left on HAT021",
          },
        },
      },
    },
    answers: [{ status: 200, description: "The advice", schema: shape.advice }],
    errors: ["database_unavailable"],
  },
  "GET /v1/search": {
    id: "search",
    tag: "Recall",
    summary: "Full-text search over episodes and patterns",
    query: schema.searchQuery,
    queryExample: { q: "change flight", limit: 10 },
    answers: [{ status: 200, description: "A page of hits, best first", schema: shape.searchPage }],
    errors: ["database_unavailable"],
  },
  "GET /v1/patterns": {
    id: "listPatterns",
    tag: "What was learned",
    summary: "List patterns",
    query: schema.patternsQuery,
    queryExample: { kind: "tool_sequence", min_support: 1, limit: 20 },
    answers: [{ status: 200, description: "A page", schema: shape.patternPage }],
    errors: ["database_unavailable"],
  },
  "GET /v1/patterns/:id": {
    id: "getPattern",
    tag: "What was learned",
    summary: "View a pattern with its evidence",
    params: {
      id: { schema: schema.idParameter, description: "The pattern", example: ids.pattern },
    },
    answers: [{ status: 200, description: "The pattern", schema: shape.pattern }],
    errors: reads,
  },
  "GET /v1/heuristics": {
    id: "listHeuristics",
    tag: "What was learned",
    summary: "List heuristics: when CONDITION then ACTION",
    query: schema.page,
    queryExample: { limit: 20 },
    answers: [{ status: 200, description: "A page", schema: shape.heuristicPage }],
    errors: ["database_unavailable"],
  },
  "POST /v1/playbooks": {
    id: "playbook",
    tag: "What was learned",
    summary: "A playbook for a task",
    description:
      "A consensus path over the most similar successful episodes; null when there is none.",
    body: {
      schema: schema.playbookBody,
      examples: {
        flight: {
          summary: "For a task",
          body: { task: "Change a flight", context: { domain: "airline" } },
        },
      },
    },
    answers: [{ status: 200, description: "The playbook", schema: shape.playbookAnswer }],
    errors: ["database_unavailable"],
  },
  "POST /v1/feedback": {
    id: "giveFeedback",
    tag: "Recall",
    summary: "Say which recalled items were used, and whether they helped",
    body: {
      schema: schema.feedbackBody,
      examples: {
        helped: {
          summary: "An episode helped",
          body: { recall_id: ids.recall, used: [ids.other], helpful: true, rating: 0.8 },
        },
      },
    },
    answers: [
      { status: 200, description: "What was counted", schema: shape.feedback, headers: written },
    ],
    errors: reads,
  },
  "GET /v1/stats": {
    id: "getStats",
    tag: "What was learned",
    summary: "Counts and rates of the namespace",
    answers: [{ status: 200, description: "The counts", schema: shape.stats }],
    errors: ["database_unavailable"],
  },
  "POST /v1/import": {
    id: "importEpisodes",
    tag: "Import and export",
    summary: "Take in past runs, a line an item",
    description:
      "NDJSON: episodes, chat transcripts with tool calls (OpenAI and Anthropic shapes), and feedback. A stream without a bound; each line gets an answer, in order. A line that the memory has no room or no time for waits until it has, as long as others are taken and a minute more. The same lines again change nothing.",
    body: {
      schema: z.union([schema.episodeLine, schema.transcriptLine, schema.feedbackLine]),
      type: "application/x-ndjson",
      examples: {
        episode: {
          summary: "An episode that ended",
          body: {
            type: "episode",
            task: "Cancel reservation 8JX2WO",
            context: { domain: "airline" },
            steps: [
              { tool: "cancel_reservation", result: { type: "success", output: "cancelled" } },
            ],
            outcome: { type: "success", verdict: "cancelled" },
          },
        },
        transcript: {
          summary: "A chat with tool calls",
          body: {
            type: "transcript",
            task: "Where is order 17?",
            context: { domain: "retail" },
            messages: [
              { role: "user", content: "Where is order 17?" },
              {
                role: "assistant",
                tool_calls: [
                  {
                    id: "c1",
                    type: "function",
                    function: { name: "get_order", arguments: '{"id":17}' },
                  },
                ],
              },
              { role: "tool", tool_call_id: "c1", content: "shipped" },
            ],
            outcome: { type: "success", verdict: "answered" },
          },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "A line an item: created, duplicate, or error",
        schema: shape.importLine,
        type: "application/x-ndjson",
      },
    ],
    errors: ["maintenance", "outbox_full"],
  },
  "GET /v1/export": {
    id: "exportEpisodes",
    tag: "Import and export",
    summary: "The namespace as lines that import again",
    description: "An export that ends is whole: a failure breaks the stream off.",
    query: schema.nothing,
    answers: [
      {
        status: 200,
        description: "Episodes, then what was said of recalls",
        schema: z.union([schema.episodeLine, schema.feedbackLine]),
        asSent: true,
        type: "application/x-ndjson",
      },
    ],
    errors: ["database_unavailable"],
  },
  "DELETE /v1/namespaces/:name": {
    id: "eraseNamespace",
    tag: "Namespaces",
    summary: "Erase a namespace everywhere",
    params: {
      name: { schema: schema.namespaceName, description: "The namespace", example: ids.namespace },
    },
    answers: [{ status: 200, description: "It is erased", schema: shape.erased }],
    errors: ["database_unavailable"],
  },
};
