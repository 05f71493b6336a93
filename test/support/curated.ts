/**
 * Lessons and decisions of a cluster on Node's SQLite, as clients ask for them.
 *
 * @module
 */

import type { LessonView } from "../../src/contract/lessons/answers.ts";
import type { EndLesson } from "../../src/contract/lessons/requests.ts";
import type { Call } from "../../src/contract/call.ts";
import type { Input, Output } from "../../src/contract/operations.ts";
import type { OutcomeType } from "../../src/contract/vocabulary.ts";
import type { NodeInstances } from "./instances.ts";

export const NO_TARGET = { tools: [], domain: null, tags: [], task: null };

/** A lesson as a request has it. */
export function said(text: string, more: Partial<EndLesson> = {}): EndLesson {
  return { text, kind: "do", applies_to: NO_TARGET, supersedes: null, ...more };
}

export function addLesson(
  cluster: NodeInstances,
  text: string,
  more: Partial<EndLesson> = {},
  call: Partial<Call> = {},
): Promise<Output<"lessons.add">> {
  return cluster.do("lessons.add", { ...said(text, more), source: "" }, call);
}

export async function lessonsOf(
  cluster: NodeInstances,
  query: Partial<Input<"lessons.list">> = {},
): Promise<LessonView[]> {
  return (await cluster.do("lessons.list", { limit: 200, cursor: null, ...query })).items;
}

export function recallOf(
  cluster: NodeInstances,
  task: string,
  more: Partial<Input<"recall">> = {},
): Promise<Output<"recall">> {
  return cluster.do("recall", {
    task,
    context: {},
    limit: 10,
    include: ["episodes", "patterns", "heuristics", "playbook", "lessons"],
    recent_steps: [],
    max_tokens: null,
    ...more,
  });
}

export function adviceOf(
  cluster: NodeInstances,
  task: string,
  more: Partial<Input<"advise">> = {},
): Promise<Output<"advise">> {
  const none = { context: {}, recent_steps: [], next_tool: null, error: null };
  return cluster.do("advise", { task, ...none, ...more });
}

export function decide(
  cluster: NodeInstances,
  kind: Input<"curation.decide">["kind"],
  id: string,
  action: Input<"curation.decide">["action"],
  text: string | null = null,
): Promise<Output<"curation.decide">> {
  return cluster.do("curation.decide", { kind, id, action, text, reason: "" });
}

interface EpisodeOptions {
  /** Of an episode that was started already. */
  id?: string;
  outcome?: OutcomeType;
  recall_id?: string | null;
  lessons?: EndLesson[];
  tools?: readonly string[];
}

/** An episode that ends. Answers with its id, and what the end answered. */
export async function runEpisode(
  cluster: NodeInstances,
  task: string,
  {
    id: started,
    outcome = "success",
    recall_id = null,
    lessons = [],
    tools = ["look", "act"],
  }: EpisodeOptions = {},
): Promise<{ id: string; ended: Output<"episode.complete"> }> {
  const id = started ?? (await cluster.start(task));
  for (const tool of tools) await cluster.step(id, tool);
  const ended = await cluster.do("episode.complete", {
    id,
    outcome:
      outcome === "failure"
        ? { type: "failure", reason: "", details: null }
        : { type: "success", verdict: "", artifacts: [] },
    recall_id,
    lessons,
  });
  cluster.now += 1_000;
  return { id, ended };
}

export function removeEpisode(cluster: NodeInstances, id: string): Promise<unknown> {
  return cluster.do("episode.delete", { id, if_match: null });
}
