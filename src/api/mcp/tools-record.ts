/**
 * The tools by which an agent records what it does: an episode, its steps, checkpoints, its end.
 *
 * @module
 */

import {
  checkpointWritten,
  completion,
  episodeWritten,
  handoff,
  stepsLogged,
} from "../../contract/episodes/answers.ts";
import {
  checkpointBody,
  completeBody,
  handoffQuery,
  startBody,
  stepsBody,
} from "../../contract/episodes/requests.ts";
import { id } from "../../contract/fields.ts";
import { startEpisode } from "../routes/start-episode.ts";
import { trusted, untrusted } from "./answers.ts";
import { tool, type Tool } from "./tool.ts";

const episodeId = id.describe("The episode, as memory_start answered");

const start = tool({
  name: "memory_start",
  title: "Start an episode",
  description:
    "Call it when you begin a task. Everything else you log is about the id it answers with.",
  input: startBody,
  output: episodeWritten,
  isReadOnly: false,
  async run(context, body) {
    const { value, durability } = await startEpisode(context, body);
    return trusted({ ...value, durability });
  },
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
    const input = { id: episode_id, steps };
    const { value, durability } = await context.run("episode.steps", input);
    return trusted({ ...value, durability });
  },
});

const complete = tool({
  name: "memory_complete",
  title: "Complete an episode",
  description:
    "Call it once, when the task has ended. Be honest about the outcome: success, partial_success, failure, or abstained. Name the recall_id that helped. Answers with the reward, a reflection and what was learned.",
  input: completeBody.extend({ episode_id: episodeId }),
  output: completion,
  isReadOnly: false,
  async run(context, { episode_id, ...body }) {
    const input = { id: episode_id, ...body };
    const { value, durability } = await context.run("episode.complete", input);
    return untrusted({ ...value, durability });
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
    const { value, durability } = await context.run("episode.checkpoint", input);
    return trusted({ ...value, durability });
  },
});

const resume = tool({
  name: "memory_resume",
  title: "Resume an episode",
  description:
    "What you need to go on with an episode that you or another agent left: its last checkpoint, recent steps, open errors, next tools.",
  input: handoffQuery.extend({ episode_id: episodeId }),
  output: handoff,
  isReadOnly: true,
  async run(context, { episode_id, checkpoint_id = null }) {
    const input = { id: episode_id, checkpoint_id };
    return untrusted((await context.run("episode.handoff", input)).value);
  },
});

export const RECORD_TOOLS: readonly Tool[] = [start, log, complete, checkpoint, resume];
