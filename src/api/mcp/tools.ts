/**
 * The tools by which an agent asks what its memory knows, says whether it helped, and records what
 * it does.
 *
 * @module
 */

import * as z from "zod";
import { page } from "../answer.ts";
import { inWords, tool, type Tool, trusted, untrusted } from "./tool.ts";
import type { Success } from "../request-context.ts";
import { startEpisode } from "../routes/episodes.ts";
import { withRunningSteps } from "../running-steps.ts";
import {
  checkpointWritten,
  completion,
  episodeWritten,
  stepsLogged,
} from "../../contract/episodes/answers.ts";
import {
  checkpointBody,
  completeBody,
  handoffQuery,
  startBody,
  stepsBody,
} from "../../contract/episodes/requests.ts";
import { cursor, id, name } from "../../contract/fields.ts";
import { patternPage } from "../../contract/knowledge/answers.ts";
import { patternsQuery } from "../../contract/knowledge/requests.ts";
import { lessonAdded, lessonPage } from "../../contract/lessons/answers.ts";
import { lessonBody } from "../../contract/lessons/requests.ts";
import { feedback as feedbackAnswer, searchPage } from "../../contract/recall/answers.ts";
import {
  adviseBody,
  feedbackBody,
  playbookBody,
  recallBody,
  searchText,
} from "../../contract/recall/requests.ts";
import { wordsInput } from "../../contract/words.ts";
import {
  adviceInWords,
  handoffInWords,
  playbookInWords,
  recallInWords,
} from "../../memory/words/index.ts";

import { LESSON_KINDS } from "../../contract/vocabulary.ts";

/** What a write came to, and how durable that is. */
const written = ({ value, durability }: Success<object>) => ({ ...value, durability });

/** Items of a list, when the agent does not say, and at most: its context is small. */
const listLimit = z.number().int().min(1).max(50).default(10);

/** What a question says of a running task, in fewer words than the document has for it. */
const running = {
  recent_steps: recallBody.shape.recent_steps.describe("Oldest first"),
  episode_id: recallBody.shape.episode_id.describe("The running episode: its logged steps count"),
};

const recall = tool({
  name: "memory_recall",
  title: "Recall what helps",
  description:
    "Call it before a task, and again when you are stuck. Gives similar episodes (those marked warning failed), patterns to do or avoid, a playbook, lessons that earlier runs left, and the next tools. Name the running episode in episode_id, or the steps taken so far in recent_steps. Keep the recall_id.",
  input: recallBody.extend({ ...running, ...wordsInput }),
  isReadOnly: true,
  async run(context, { format, evidence, ...body }) {
    // Words choose from everything that was found.
    const max_tokens = format === "text" ? null : (body.max_tokens ?? null);
    const input = await withRunningSteps(context, { ...body, max_tokens });
    const { value } = await context.run("recall", input);
    return inWords(value, { ...body, format, evidence }, recallInWords);
  },
});

const advise = tool({
  name: "memory_advise",
  title: "Advise on the next step",
  description:
    "Call it before a step that matters, and when a call failed: the next tools, what to avoid, which way led out of such an error, and how the task looks. Name the running episode in episode_id, or the steps taken so far in recent_steps, with their parameters and what they answered.",
  input: adviseBody.extend({ ...running, ...wordsInput }),
  isReadOnly: true,
  async run(context, { format, max_tokens, evidence, ...body }) {
    const { value } = await context.run("advise", await withRunningSteps(context, body));
    return inWords(value, { format, max_tokens, evidence }, adviceInWords);
  },
});

const feedback = tool({
  name: "memory_feedback",
  title: "Say whether a recall helped",
  description:
    "Call it when recalled items helped or misled you: their ids in used. It moves what is recalled next time.",
  input: feedbackBody,
  output: feedbackAnswer,
  isReadOnly: false,
  run: async (context, body) => trusted(written(await context.run("feedback", body))),
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
    "The steps that similar successful runs took, with their pitfalls; it says when there is none.",
  input: playbookBody.extend({ ...running, ...wordsInput }),
  isReadOnly: true,
  async run(context, { format, max_tokens, evidence, ...body }) {
    const { value } = await context.run("playbook", await withRunningSteps(context, body));
    return inWords(value, { format, max_tokens, evidence }, playbookInWords);
  },
});

const lessons = tool({
  name: "memory_lessons",
  title: "What agents and people say",
  description:
    "Lessons that earlier runs and people left, those that fit the words in q best. A recall brings the ones that fit its task by itself.",
  input: z.strictObject({
    q: searchText.describe("Words").exactOptional(),
    kind: z.enum(LESSON_KINDS).exactOptional(),
    tool: name.exactOptional(),
    limit: listLimit,
    cursor,
  }),
  output: lessonPage,
  isReadOnly: true,
  async run(context, { cursor: after = null, ...input }) {
    const { value } = await context.run("lessons.list", { ...input, cursor: after });
    return untrusted(page("lessons", value));
  },
});

const lesson = tool({
  name: "memory_lesson",
  title: "Say what the next run should know",
  description:
    "Call it when you learned something that the next run should know and that is not about this episode alone: one sentence to do, to avoid, or a fact, with the tools or the domain it applies to. Name in supersedes the lesson whose place it takes.",
  input: lessonBody,
  output: lessonAdded,
  isReadOnly: false,
  run: async (context, body) => untrusted(written(await context.run("lessons.add", body))),
});

export const RECALL_TOOLS: readonly Tool[] = [
  recall,
  advise,
  feedback,
  search,
  patterns,
  playbook,
  lessons,
  lesson,
];

const episodeId = id.describe("The episode, as memory_start answered");

const start = tool({
  name: "memory_start",
  title: "Start an episode",
  description:
    "Call it when you begin a task. Everything else you log is about the id it answers with.",
  input: startBody,
  output: episodeWritten,
  isReadOnly: false,
  run: async (context, body) => trusted(written(await startEpisode(context, body))),
});

const log = tool({
  name: "memory_log",
  title: "Log steps",
  description:
    "Call it after each tool call, or with several at once. Say what was called, with what, and what came of it: a success with its output, an error with its message, or a timeout. Errors teach as much as successes.",
  input: stepsBody.extend({ episode_id: episodeId }),
  output: stepsLogged,
  isReadOnly: false,
  async run(context, { episode_id, steps }) {
    return trusted(written(await context.run("episode.steps", { id: episode_id, steps })));
  },
});

const complete = tool({
  name: "memory_complete",
  title: "Complete an episode",
  description:
    "Call it once, when the task has ended. Be honest about the outcome: success, partial_success, failure, or abstained. Name the recall_id that helped. Leave in lessons what the next run should know, a sentence each. Answers with the reward, a reflection and what was learned.",
  input: completeBody.extend({ episode_id: episodeId }),
  output: completion,
  isReadOnly: false,
  async run(context, { episode_id, ...body }) {
    const input = { id: episode_id, ...body };
    return untrusted(written(await context.run("episode.complete", input)));
  },
});

const checkpoint = tool({
  name: "memory_checkpoint",
  title: "Save a checkpoint",
  description:
    "Call it before you stop mid-task, or hand over: why, a note for whoever goes on, and the state it needs.",
  input: checkpointBody.extend({ episode_id: episodeId }),
  output: checkpointWritten,
  isReadOnly: false,
  async run(context, { episode_id, ...body }) {
    const input = { id: episode_id, ...body };
    return trusted(written(await context.run("episode.checkpoint", input)));
  },
});

const resume = tool({
  name: "memory_resume",
  title: "Resume an episode",
  description:
    "What you need to go on with an episode that you or another agent left: its last checkpoint, recent steps, open errors, next tools.",
  input: handoffQuery.extend({ episode_id: episodeId, ...wordsInput }),
  isReadOnly: true,
  async run(context, { episode_id, checkpoint_id = null, ...words }) {
    const { value } = await context.run("episode.handoff", { id: episode_id, checkpoint_id });
    return inWords(value, words, handoffInWords);
  },
});

export const RECORD_TOOLS: readonly Tool[] = [start, log, complete, checkpoint, resume];
