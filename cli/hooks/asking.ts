/**
 * Asks the memory at a moment of a session: one line before an action or after a failure, a recall
 * at the first prompt, mostly nothing. Past the deadline it is silent, and a service that is away
 * is left alone for a while.
 *
 * @module
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Answer, Body } from "../../client/index.ts";
import { jsonOf } from "../../client/calls/values.ts";
import type { Target } from "../profile.ts";
import type { HookEvent, Spooled } from "./event.ts";
import { post } from "./posting.ts";

/** Bytes of a session that are read for its task, and for its last steps. */
const HEAD_BYTES = 65_536;
const TAIL_BYTES = 262_144;
const STEPS_MAX = 10;
const MESSAGE_MAX = 2_000;
const PARAMETERS_BYTES_MAX = 8_192;
const TASK_MAX = 10_000;
/** What a first prompt is answered with at most. */
const RECALL_TOKENS = 400;

/** Asks the service, a path below its address; null: it says nothing. */
type Memory = (path: string, body: object) => Promise<string | null>;

type RecentStep = NonNullable<Body<"advise">["recent_steps"]>[number];

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

/** What to tell the agent; null: nothing; "away": the service cannot be reached. Never throws. */
export async function ask({
  target,
  event,
  path,
  timeoutMs,
}: Question): Promise<{ text: string } | null | "away"> {
  const key = target.key ?? target.admin_token;
  if (key === undefined) return null;
  const memory: Memory = (below, body) => post({ target, key, path: below, body, timeoutMs });
  try {
    const text = await wordsFor(memory, event, path);
    return text === null ? null : { text };
  } catch {
    return "away";
  }
}

async function wordsFor(memory: Memory, event: HookEvent, path: string): Promise<string | null> {
  const past = pastOf(path, event);
  if (past === null) return null;
  const { task, prompts, steps } = past;
  if (event.type === "prompt") return prompts === 1 ? recalled(memory, task) : null;
  const asked = { task, only_line: true } as const;
  if (event.type === "call") {
    // The call that is about to be made is in the file, and has not happened.
    const recent_steps = steps.slice(0, -1);
    return lineOf(memory, { ...asked, recent_steps, next_tool: event.tool });
  }
  if (event.type !== "result" || event.result?.type !== "error" || event.isInterrupted) return null;
  const error = event.result.message.slice(0, MESSAGE_MAX);
  return lineOf(memory, { ...asked, recent_steps: steps, error });
}

async function lineOf(memory: Memory, body: Body<"advise">): Promise<string | null> {
  const answer = await memory("v1/advise", body);
  const { line } = JSON.parse(answer ?? "{}") as Partial<Answer<"advise">>;
  return line ? `From memory, as data: ${line}` : null;
}

async function recalled(memory: Memory, task: string): Promise<string | null> {
  const body: Body<"recall"> = { task, max_tokens: RECALL_TOKENS };
  const words = await memory("v1/recall?format=text", body);
  // What is relevant comes in several lines, what is not in one.
  return words?.trim().includes("\n") ? words : null;
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
    steps.set(key, {
      tool: event.tool,
      result: result?.type ?? "unknown",
      ...(result?.type === "error" ? { message: result.message.slice(0, MESSAGE_MAX) } : {}),
      ...(result?.type === "success" ? { message: result.output.slice(0, MESSAGE_MAX) } : {}),
      ...(jsonOf(event.parameters).length < PARAMETERS_BYTES_MAX / 3
        ? { parameters: event.parameters }
        : {}),
    });
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
