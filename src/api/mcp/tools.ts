/**
 * The tools: what an agent does with its memory, in the order it needs them.
 *
 * @module
 */

import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Input } from "../../contract/operations.ts";
import type { Context } from "../context.ts";
import * as shape from "../openapi/shapes.ts";
import * as schema from "../schemas.ts";
import { omitUndefined, startEpisode } from "../start.ts";
import { answering, say, type ToolAnswer } from "./answers.ts";

/** What a tool does to its surroundings, for the client that asks its user. */
const READS = { readOnlyHint: true, openWorldHint: false } as const;
const WRITES = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
} as const;

const episodeId = schema.idParameter.describe("The episode, as memory_start answered");

export function registerTools(server: McpServer, context: Context): void {
  const tool = <I extends z.ZodObject>(
    name: string,
    about: {
      title: string;
      description: string;
      input: I;
      output: z.ZodObject;
      annotations: object;
    },
    run: (input: z.output<I>) => Promise<ToolAnswer>,
  ): void => {
    const { title, description, input, output: outputSchema, annotations } = about;
    // The library's callback type does not follow a generic schema; the schema itself is what
    // validates.
    server.registerTool(
      name,
      { title, description, inputSchema: input as z.ZodObject, outputSchema, annotations },
      (given: unknown) => answering(() => run(given as z.output<I>)),
    );
  };

  tool(
    "memory_recall",
    {
      title: "Recall what helps",
      description:
        "Call it before a task, and again when you are stuck. Gives similar episodes (those marked warning failed), patterns to do or avoid, a playbook, and the next tools. Name the steps taken so far in recent_steps. Keep the recall_id.",
      input: schema.recallBody,
      output: shape.recall,
      annotations: READS,
    },
    async ({ context: about, task_type, ...body }) => {
      const input = { ...body, context: omitUndefined(about), ...(task_type ? { task_type } : {}) };
      return say((await context.run("recall", input)).value, true);
    },
  );
  tool(
    "memory_advise",
    {
      title: "Advise on the next step",
      description:
        "Call it before a step that matters, and when a call failed: the next tools, what to avoid, which way led out of such an error, and how the task looks. Name the steps taken so far in recent_steps, with their parameters and what they answered.",
      input: schema.adviseBody,
      output: shape.advice,
      annotations: READS,
    },
    async (body) =>
      say(
        (await context.run("advise", { ...body, context: omitUndefined(body.context) })).value,
        true,
      ),
  );
  tool(
    "memory_start",
    {
      title: "Start an episode",
      description:
        "Call it when you begin a task. Everything else you log is about the id it answers with.",
      input: schema.startBody,
      output: shape.episodeWritten,
      annotations: WRITES,
    },
    async (body) => {
      const { value, durability } = await startEpisode(context, body);
      return say({ ...value, durability }, false);
    },
  );
  tool(
    "memory_log",
    {
      title: "Log steps",
      description:
        "Call it after each tool call, or with several at once. Say what was called, with what, and what came of it: a success with its output, an error with its message, or a timeout. Errors teach as much as successes.",
      input: schema.severalSteps.extend({ episode_id: episodeId }),
      output: shape.stepsLogged,
      annotations: WRITES,
    },
    async ({ episode_id: id, steps }) => {
      const input = { id, steps: steps.map(omitUndefined) as Input<"episode.steps">["steps"] };
      const { value, durability } = await context.run("episode.steps", input);
      return say({ ...value, durability }, false);
    },
  );
  tool(
    "memory_complete",
    {
      title: "Complete an episode",
      description:
        "Call it once, when the task has ended. Be honest about the outcome: success, partial_success, failure, or abstained. Name the recall_id that helped. Answers with the reward, a reflection and what was learned.",
      input: schema.completeBody.extend({ episode_id: episodeId }),
      output: shape.completion,
      annotations: WRITES,
    },
    async ({ episode_id: id, ...body }) => {
      const { value, durability } = await context.run("episode.complete", { id, ...body });
      return say({ ...value, durability }, true);
    },
  );
  tool(
    "memory_feedback",
    {
      title: "Say whether a recall helped",
      description:
        "Call it when recalled items helped or misled you: their ids in used. It moves what is recalled next time.",
      input: schema.feedbackBody,
      output: shape.feedback,
      annotations: WRITES,
    },
    async (body) => {
      const { value, durability } = await context.run("feedback", body);
      return say({ ...value, durability }, false);
    },
  );
  tool(
    "memory_search",
    {
      title: "Search the memory",
      description: "Full-text search over episodes and patterns, when you know what you look for.",
      input: z.strictObject({
        q: schema.searchText.describe("Words"),
        limit: z.number().int().min(1).max(50).default(10),
        cursor: schema.page.shape.cursor,
      }),
      output: shape.searchPage,
      annotations: READS,
    },
    async ({ q, limit, cursor }) => {
      const { value } = await context.run("search", { q, limit, cursor: cursor ?? null });
      return say(
        { results: value.items, next_cursor: value.next_cursor, degraded: value.degraded },
        true,
      );
    },
  );
  tool(
    "memory_patterns",
    {
      title: "What was learned",
      description:
        "Patterns with their evidence: tool sequences, decisions, recoveries from errors, what fits a context.",
      input: z.strictObject({
        ...schema.patternsQuery.omit({ limit: true, min_support: true }).shape,
        limit: z.number().int().min(1).max(50).default(10),
        min_support: z.number().int().min(0).max(1_000_000).default(1),
      }),
      output: shape.patternPage,
      annotations: READS,
    },
    async ({ limit, cursor, min_support, ...filter }) => {
      const input = { ...omitUndefined(filter), min_support, limit, cursor: cursor ?? null };
      const { value } = await context.run("patterns.list", input);
      return say(
        { patterns: value.items, next_cursor: value.next_cursor, degraded: value.degraded },
        true,
      );
    },
  );
  tool(
    "memory_playbook",
    {
      title: "A playbook for a task",
      description:
        "The steps that similar successful runs took, with their pitfalls; null when there is none yet.",
      input: schema.playbookBody,
      output: shape.playbookAnswer,
      annotations: READS,
    },
    async (body) =>
      say(
        (await context.run("playbook", { ...body, context: omitUndefined(body.context) })).value,
        true,
      ),
  );
  tool(
    "memory_checkpoint",
    {
      title: "Save a checkpoint",
      description:
        "Call it before you stop mid-task, or hand over: why, a note for whoever goes on, and the state it needs.",
      input: schema.checkpointBody.extend({ episode_id: episodeId }),
      output: shape.checkpointWritten,
      annotations: WRITES,
    },
    async ({ episode_id: id, ...body }) => {
      const { value, durability } = await context.run("episode.checkpoint", { id, ...body });
      return say({ ...value, durability }, false);
    },
  );
  tool(
    "memory_resume",
    {
      title: "Resume an episode",
      description:
        "What you need to go on with an episode that you or another agent left: its last checkpoint, recent steps, open errors, next tools.",
      input: schema.handoffQuery.extend({ episode_id: episodeId }),
      output: shape.handoff,
      annotations: READS,
    },
    async ({ episode_id: id, checkpoint_id }) =>
      say(
        (await context.run("episode.handoff", { id, checkpoint_id: checkpoint_id ?? null })).value,
        true,
      ),
  );
}
