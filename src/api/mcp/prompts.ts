/**
 * Prompts: how a person makes an agent use its memory.
 *
 * @module
 */

import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { id } from "../../contract/fields.ts";
import { LIMITS } from "../../contract/limits.ts";
import { recallBody } from "../../contract/recall/requests.ts";
import { handoffInWords, recallInWords } from "../../memory/words/index.ts";
import type { RequestContext } from "../request-context.ts";
import { orProtocolError, untrustedText } from "./tool.ts";

/** Tokens that a recall and a handoff in a prompt may take. */
const WORDS = { maxTokens: 2_000, evidence: false };
/** Patterns that are put into words, and episodes that each is seen in at least. */
const LESSONS_MAX = 30;
const LESSON_SUPPORT_MIN = 2;

export function registerPrompts(server: McpServer, context: RequestContext): void {
  registerWithMemory(server, context);
  registerResumeTask(server, context);
  registerLessons(server, context);
}

/** Instructions, and the words that they are about. */
function messages(instructions: string, about: string) {
  const user = (text: string) => ({
    role: "user" as const,
    content: { type: "text" as const, text },
  });
  return { messages: [user(instructions), user(about)] };
}

function registerWithMemory(server: McpServer, context: RequestContext): void {
  const task = z.string().min(1).max(LIMITS.task_max).describe("What is to be done");
  server.registerPrompt(
    "with_memory",
    {
      title: "Do a task with memory",
      description: "A task, with what is known about it, and how to record it.",
      argsSchema: z.object({ task }),
    },
    async (given) => {
      const input = recallBody.parse({ task: given.task });
      const { value } = await orProtocolError(() => context.run("recall", input));
      return messages(
        `Task: ${given.task}\n\nRecord it: call memory_start first, memory_log after each tool call with its result or error, and memory_complete at the end with the honest outcome and recall_id ${value.recall_id}.`,
        recallInWords(value, WORDS),
      );
    },
  );
}

function registerResumeTask(server: McpServer, context: RequestContext): void {
  server.registerPrompt(
    "resume_task",
    {
      title: "Go on with an episode",
      description: "What another agent left, and how to go on.",
      argsSchema: z.object({ episode_id: id.describe("The episode") }),
    },
    async ({ episode_id }) => {
      const input = { id: episode_id, checkpoint_id: null };
      const { value } = await orProtocolError(() => context.run("episode.handoff", input));
      return messages(
        `Go on with the episode ${episode_id} from where it was left. Look at its open errors first. Log further steps with memory_log, and end it with memory_complete.`,
        handoffInWords(value, WORDS),
      );
    },
  );
}

function registerLessons(server: McpServer, context: RequestContext): void {
  server.registerPrompt(
    "lessons",
    {
      title: "What was learned",
      description: "The strongest patterns and the lessons of this memory, to be put into words.",
    },
    async () => {
      const input = { min_support: LESSON_SUPPORT_MIN, limit: LESSONS_MAX, cursor: null };
      const { value } = await orProtocolError(() => context.run("patterns.list", input));
      const asked = { limit: LESSONS_MAX, cursor: null, state: "active" as const };
      const lessons = await orProtocolError(() => context.run("lessons.list", asked));
      return messages(
        "Put into words what these patterns and lessons teach: what to do, what to avoid, and how sure we are. Name the evidence.",
        untrustedText({ patterns: value.items, lessons: lessons.value.items }),
      );
    },
  );
}
