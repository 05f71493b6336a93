/**
 * Prompts: how a person makes an agent use its memory.
 *
 * @module
 */

import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import type { Context } from "../context.ts";
import { idParameter, recallBody } from "../schemas.ts";
import { marked, refusing } from "./answers.ts";

const RECALLED_TOKENS = 4_000;

export function registerPrompts(server: McpServer, context: Context): void {
  const user = (text: string) => ({
    role: "user" as const,
    content: { type: "text" as const, text },
  });
  server.registerPrompt(
    "with_memory",
    {
      title: "Do a task with memory",
      description: "A task, with what is known about it, and how to record it.",
      argsSchema: z.object({
        task: z.string().min(1).max(LIMITS.task_max).describe("What is to be done"),
      }),
    },
    async ({ task }) => {
      const {
        context: about,
        task_type: _type,
        ...body
      } = recallBody.parse({ task, max_tokens: RECALLED_TOKENS });
      const input = { ...body, context: about as Record<string, never> };
      const { value } = await refusing(() => context.run("recall", input));
      return {
        messages: [
          user(
            `Task: ${task}\n\nRecord it: call memory_start first, memory_log after each tool call with its result or error, and memory_complete at the end with the honest outcome and recall_id ${value.recall_id}.`,
          ),
          user(marked(value)),
        ],
      };
    },
  );
  server.registerPrompt(
    "resume_task",
    {
      title: "Go on with an episode",
      description: "What another agent left, and how to go on.",
      argsSchema: z.object({ episode_id: idParameter.describe("The episode") }),
    },
    async ({ episode_id }) => {
      const { value } = await refusing(() =>
        context.run("episode.handoff", { id: episode_id, checkpoint_id: null }),
      );
      return {
        messages: [
          user(
            `Go on with the episode ${episode_id} from where it was left. Look at its open errors first. Log further steps with memory_log, and end it with memory_complete.`,
          ),
          user(marked(value)),
        ],
      };
    },
  );
  server.registerPrompt(
    "lessons",
    {
      title: "What was learned",
      description: "The strongest patterns of this memory, to be put into words.",
    },
    async () => {
      const { value } = await refusing(() =>
        context.run("patterns.list", { min_support: 2, limit: 30, cursor: null }),
      );
      return {
        messages: [
          user(
            "Put into words what these patterns teach: what to do, what to avoid, and how sure we are. Name the evidence.",
          ),
          user(marked({ patterns: value.items })),
        ],
      };
    },
  );
}
