/**
 * The tools by which an agent asks what its memory knows, and says whether it helped.
 *
 * @module
 */

import * as z from "zod";
import { cursor } from "../../contract/fields.ts";
import { patternPage } from "../../contract/knowledge/answers.ts";
import { patternsQuery } from "../../contract/knowledge/requests.ts";
import {
  advice,
  feedback as feedbackAnswer,
  playbookAnswer,
  recall as recallAnswer,
  searchPage,
} from "../../contract/recall/answers.ts";
import {
  adviseBody,
  feedbackBody,
  playbookBody,
  recallBody,
  searchText,
} from "../../contract/recall/requests.ts";
import { page } from "../answer.ts";
import { trusted, untrusted } from "./answers.ts";
import { tool, type Tool } from "./tool.ts";

/** Items of a list, when the agent does not say, and at most: its context is small. */
const listLimit = z.number().int().min(1).max(50).default(10);

const recall = tool({
  name: "memory_recall",
  title: "Recall what helps",
  description:
    "Call it before a task, and again when you are stuck. Gives similar episodes (those marked warning failed), patterns to do or avoid, a playbook, and the next tools. Name the steps taken so far in recent_steps. Keep the recall_id.",
  input: recallBody,
  output: recallAnswer,
  isReadOnly: true,
  run: async (context, body) => untrusted((await context.run("recall", body)).value),
});

const advise = tool({
  name: "memory_advise",
  title: "Advise on the next step",
  description:
    "Call it before a step that matters, and when a call failed: the next tools, what to avoid, which way led out of such an error, and how the task looks. Name the steps taken so far in recent_steps, with their parameters and what they answered.",
  input: adviseBody,
  output: advice,
  isReadOnly: true,
  run: async (context, body) => untrusted((await context.run("advise", body)).value),
});

const feedback = tool({
  name: "memory_feedback",
  title: "Say whether a recall helped",
  description:
    "Call it when recalled items helped or misled you: their ids in used. It moves what is recalled next time.",
  input: feedbackBody,
  output: feedbackAnswer,
  isReadOnly: false,
  async run(context, body) {
    const { value, durability } = await context.run("feedback", body);
    return trusted({ ...value, durability });
  },
});

const search = tool({
  name: "memory_search",
  title: "Search the memory",
  description: "Full-text search over episodes and patterns, when you know what you look for.",
  input: z.strictObject({ q: searchText.describe("Words"), limit: listLimit, cursor }),
  output: searchPage,
  isReadOnly: true,
  async run(context, { cursor: after = null, ...input }) {
    const { value } = await context.run("search", { ...input, cursor: after });
    return untrusted(page("results", value));
  },
});

const patterns = tool({
  name: "memory_patterns",
  title: "What was learned",
  description:
    "Patterns with their evidence: tool sequences, decisions, recoveries from errors, what fits a context.",
  input: z.strictObject({
    ...patternsQuery.omit({ limit: true, min_support: true }).shape,
    limit: listLimit,
    min_support: z.number().int().min(0).max(1_000_000).default(1),
  }),
  output: patternPage,
  isReadOnly: true,
  async run(context, { cursor: after = null, ...input }) {
    const { value } = await context.run("patterns.list", { ...input, cursor: after });
    return untrusted(page("patterns", value));
  },
});

const playbook = tool({
  name: "memory_playbook",
  title: "A playbook for a task",
  description:
    "The steps that similar successful runs took, with their pitfalls; null when there is none yet.",
  input: playbookBody,
  output: playbookAnswer,
  isReadOnly: true,
  run: async (context, body) => untrusted((await context.run("playbook", body)).value),
});

export const RECALL_TOOLS: readonly Tool[] = [recall, advise, feedback, search, patterns, playbook];
