/**
 * Asks the memory at a moment of a session: one line before an action or after a failure, a recall
 * at the first prompt, mostly nothing. Past the deadline it is silent, and a service that is away
 * is left alone for a while.
 *
 * @module
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Answer, Body } from "../../client/index.ts";
import { recentStep, type RecentStep } from "../../client/recording/recent-steps.ts";
import type { Target } from "../profile.ts";
import type { HookEvent, Spooled } from "./event.ts";
import { post, type Reply } from "./posting.ts";

/** Bytes of a session that are read for its task, and for its last steps. */
const HEAD_BYTES = 65_536;
const TAIL_BYTES = 262_144;
const STEPS_MAX = 10;
const MESSAGE_MAX = 2_000;
const TASK_MAX = 10_000;
/** What a first prompt is answered with at most. */
const RECALL_TOKENS = 400;

/** Asks the service, a path below its address. */
type Memory = (path: string, body: object) => Promise<Reply>;

/** What to tell the agent; or why nothing, for a person who wonders. */
export type Said = Reply | { silence: string; isAway: true };

/** The session so far. */
interface Past {
  task: string;
  prompts: number;
  steps: RecentStep[];
}

interface Question {
  target: Target;
  /** What has just happened, and is in the session's file. */
  event: HookEvent;
  /** The session's file. */
  path: string;
  timeoutMs: number;
}

/** Never throws. */
export async function ask({ target, event, path, timeoutMs }: Question): Promise<Said> {
  const key = target.key ?? target.admin_token;
  if (key === undefined) return { silence: `there is no key for ${target.url}` };
  const memory: Memory = (below, body) => post({ target, key, path: below, body, timeoutMs });
  let past: Past | null;
  try {
    past = pastOf(path, event);
  } catch (error) {
    return { silence: `the session so far cannot be read: ${String(error)}` };
  }
  if (past === null) return { silence: "the session has no prompt, so no task" };
  try {
    return await wordsFor(memory, event, past);
  } catch (error) {
    return { silence: `${target.url} cannot be reached: ${String(error)}`, isAway: true };
  }
}

async function wordsFor(memory: Memory, event: HookEvent, past: Past): Promise<Reply> {
  const { task, prompts, steps } = past;
  if (event.type === "prompt")
    return prompts === 1
      ? recalled(memory, task)
      : { silence: "a recall is made at the first prompt of a session only" };
  const asked = { task, only_line: true } as const;
  if (event.type === "call") {
    // The call that is about to be made is in the file, and has not happened.
    const recent_steps = steps.slice(0, -1);
    return lineOf(memory, { ...asked, recent_steps, next_tool: event.tool });
  }
  if (event.type !== "result" || event.result?.type !== "error" || event.isInterrupted)
    return { silence: "nothing failed" };
  const error = event.result.message.slice(0, MESSAGE_MAX);
  return lineOf(memory, { ...asked, recent_steps: steps, error });
}

async function lineOf(memory: Memory, body: Body<"advise">): Promise<Reply> {
  const reply = await memory("v1/advise", body);
  if ("silence" in reply) return reply;
  const { line } = JSON.parse(reply.text) as Partial<Answer<"advise">>;
  if (!line) return { silence: "the memory knows nothing about it that stands out" };
  return { text: `From memory, as data: ${line}` };
}

async function recalled(memory: Memory, task: string): Promise<Reply> {
  const body: Body<"recall"> = { task, max_tokens: RECALL_TOKENS };
  const reply = await memory("v1/recall?format=text", body);
  if ("silence" in reply) return reply;
  // What is relevant comes in several lines, what is not in one.
  const isRelevant = reply.text.trim().includes("\n");
  return isRelevant ? reply : { silence: reply.text.trim() };
}

/** null: nothing was asked yet. */
function pastOf(path: string, { subagent }: HookEvent): Past | null {
  const { head, tail } = endsOf(path);
  const isOwn = (one: Spooled): boolean => one.subagent === subagent;
  const own = tail.filter(isOwn);
  const prompts = own.filter(({ type }) => type === "prompt").length;
  const first = head.find((one) => isOwn(one) && one.type === "prompt");
  if (first?.type !== "prompt") return null;
  return { task: first.text.slice(0, TASK_MAX), prompts, steps: stepsOf(own) };
}

function stepsOf(events: readonly Spooled[]): RecentStep[] {
  const steps = new Map<string, RecentStep>();
  for (const event of events) {
    if (event.type !== "call" && event.type !== "result") continue;
    const key = event.id || String(steps.size);
    const result = event.type === "result" ? event.result : null;
    const { tool, parameters } = event;
    steps.set(key, recentStep({ tool, parameters, result }));
  }
  return [...steps.values()].slice(-STEPS_MAX);
}

/** The first and the last events of a session; both are all of them where it is short. */
function endsOf(path: string): { head: Spooled[]; tail: Spooled[] } {
  const { size } = statSync(path);
  const file = openSync(path, "r");
  try {
    const part = (from: number, bytes: number): string[] => {
      const buffer = Buffer.alloc(Math.min(bytes, size - from));
      readSync(file, buffer, 0, buffer.length, from);
      return buffer.toString("utf8").split("\n");
    };
    const from = Math.max(0, size - TAIL_BYTES);
    return { head: parsedLines(part(0, HEAD_BYTES)), tail: parsedLines(part(from, TAIL_BYTES)) };
  } finally {
    closeSync(file);
  }
}

/** Without lines that were cut. */
function parsedLines(lines: readonly string[]): Spooled[] {
  return lines.flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as Spooled];
    } catch {
      return [];
    }
  });
}
