/**
 * Makes the pack by which another agent goes on with an episode: where it was left, what was done
 * since, what is still wrong, and what comes next. Reads only.
 *
 * @module
 */

import type { Checkpoint, Step } from "../../../contract/episodes/record.ts";
import { resultClass } from "../../../contract/episodes/step-result.ts";
import type { HandoffPack } from "../../../contract/episodes/answers.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Input } from "../../../contract/operations.ts";
import { viewOf, type EpisodeRecord } from "../../shared/episode-record.ts";
import { Refused } from "../../shared/refusals.ts";
import type { EpisodeDeps } from "./deps.ts";

/** Steps before the checkpoint that are shown as well. */
const STEPS_BEFORE = 20;

/** Throws `Refused` when there is no such episode or checkpoint. */
export async function handoff(
  { context, rows, store }: EpisodeDeps,
  namespace: string,
  { id, checkpoint_id }: Input<"episode.handoff">,
): Promise<HandoffPack> {
  const record = await store.get(namespace, id);
  const checkpoint = checkpointOf(record, checkpoint_id);
  const steps = rows.steps(namespace, id);
  const covered = checkpoint?.step_number ?? 0;
  const before = steps.filter((step) => step.number <= covered);
  const after = steps.filter((step) => step.number > covered);
  const classes = steps.map((step) => resultClass(step.result));
  const episode = viewOf(record);
  const asked = { namespace, episode: { ...episode, steps } };
  // The namespace's home is out of reach: the pack lacks only what comes next.
  const next = await context.askHome("next", asked).catch(() => ({ tools: [], actions: [] }));
  const { task, context: of } = episode;
  const tools = steps.slice(-LIMITS.recent_steps_max).map(({ tool }) => tool);
  const lessons = await context
    .askHome("lessons_for", { namespace, id, task, context: of, tools })
    .catch(() => []);

  return {
    episode,
    checkpoint,
    recent_steps: [...before.slice(-STEPS_BEFORE), ...after],
    progress: {
      steps: steps.length,
      succeeded: classes.filter((kind) => kind === "success").length,
      failed: classes.filter((kind) => kind === "error" || kind === "timeout").length,
      tools: [...new Set(steps.map((step) => step.tool))],
    },
    open_errors: openErrors(steps),
    next_tools: next.tools,
    next_actions: next.actions,
    lessons,
  };
}

/** @param wanted null: the last one, if there is any */
function checkpointOf(
  { id, checkpoints }: EpisodeRecord,
  wanted: string | null,
): Checkpoint | null {
  if (wanted === null) return checkpoints.at(-1) ?? null;
  const checkpoint = checkpoints.find((one) => one.id === wanted);
  if (checkpoint) return checkpoint;
  const detail = `Episode ${id} has no checkpoint ${wanted}.`;
  throw new Refused("not_found", detail, { path: "checkpoint_id" });
}

/** The last error of each tool that did not succeed afterwards. */
function openErrors(steps: readonly Step[]): HandoffPack["open_errors"] {
  const open = new Map<string, HandoffPack["open_errors"][number]>();
  for (const { number, tool, result } of steps) {
    if (result?.type === "success") open.delete(tool);
    else if (result) {
      const message = result.type === "error" ? result.message : "timeout";
      open.set(tool, { step_number: number, tool, message });
    }
  }
  return [...open.values()];
}
