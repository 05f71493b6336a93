/**
 * The JSON that agents hand to their hooks, as each of them documents it, read without trust. What
 * an episode has no use for is no event. Pure.
 *
 * @module
 */

import { resultOf, type CallResult } from "../../client/calls/results.ts";
import {
  argumentsOf,
  object,
  parsed,
  textOf,
  wordOf,
  type Json,
} from "../../client/calls/values.ts";
import { codexResult } from "../importers/coding/codex-results.ts";
import type { Agent, Happened, HookEvent } from "./event.ts";
import { verdictOf } from "./verdict.ts";

/** Fields that say where a session runs. */
const ABOUT = ["cwd", "model", "cursor_version", "permission_mode", "agent_type"] as const;

/**
 * The events that a hook's JSON tells.
 *
 * @param name the event's name, where the JSON does not have it
 */
export function eventsOf(agent: Agent, payload: Json, name: string): HookEvent[] {
  const session = wordOf(
    payload["session_id"] ?? payload["conversation_id"] ?? payload["sessionID"],
    "",
  );
  if (session === "") return [];
  const subagent = wordOf(payload["agent_id"], "");
  const base = { session, ...(subagent === "" ? {} : { subagent }) };
  const event = wordOf(payload["hook_event_name"], name);
  return happened(agent, event, payload).map((one) => ({ ...base, ...one }));
}

function happened(agent: Agent, event: string, payload: Json): Happened[] {
  switch (event.charAt(0).toLowerCase() + event.slice(1)) {
    case "sessionStart":
      return [{ type: "start", source: wordOf(payload["source"], ""), about: aboutOf(payload) }];
    case "userPromptSubmit":
    case "beforeSubmitPrompt":
      return promptEvents(textOf(payload["prompt"]), payload);
    case "userPromptExpansion":
      return commandEvents(payload);
    case "preToolUse":
      return [{ type: "call", ...callOf(payload) }];
    case "postToolUse":
      return [{ type: "result", ...callOf(payload), result: resultIn(agent, payload) }];
    case "postToolUseFailure":
      return [failureOf(payload)];
    case "subagentStart":
      return [{ type: "subagent", kind: wordOf(payload["agent_type"], "") }];
    case "stop":
    case "subagentStop":
      return [{ type: "stop", how: wordOf(payload["status"], "completed") }];
    case "stopFailure":
      return [{ type: "stop", how: "error" }];
    case "interrupt":
      return [{ type: "stop", how: "aborted" }];
    case "sessionEnd":
      return [{ type: "end", reason: wordOf(payload["reason"], "") }];
    default:
      return [];
  }
}

function aboutOf(payload: Json): Record<string, string> {
  const said = ABOUT.flatMap((field) => {
    const word = wordOf(payload[field], "");
    return word === "" ? [] : [[field, word] as const];
  });
  return Object.fromEntries(said);
}

/** What a person typed: mostly words for the agent, sometimes a verdict for the memory. */
function promptEvents(text: string, payload: Json): Happened[] {
  const verdict = verdictOf(text);
  if (verdict) return [{ type: "verdict", ...verdict }];
  if (text.trim() === "") return [];
  return [
    { type: "start", source: "", about: aboutOf(payload) },
    { type: "prompt", text },
  ];
}

/** A command comes again as the prompt that it becomes, so only a verdict is one here. */
function commandEvents({ command_name: name, command_args: given }: Json): Happened[] {
  const verdict = verdictOf(`/${wordOf(name, "")} ${wordOf(given, "")}`);
  return verdict ? [{ type: "verdict", ...verdict }] : [];
}

function callOf(payload: Json): { id: string; tool: string; parameters: unknown } {
  const { tool_name: tool, tool_use_id: id, tool_input: input } = payload;
  return { id: wordOf(id, ""), tool: wordOf(tool, "unknown"), parameters: argumentsOf(input) };
}

function failureOf(payload: Json): Happened {
  const said = payload["error"] ?? payload["error_message"];
  const isTimeout = payload["failure_type"] === "timeout";
  const result = resultOf(said, isTimeout ? "timeout" : "error");
  const isInterrupted = payload["is_interrupt"] === true;
  const mark = isInterrupted ? ({ isInterrupted } as const) : {};
  return { type: "result", ...callOf(payload), result, ...mark };
}

function resultIn(agent: Agent, payload: Json): CallResult | null {
  const output = payload["tool_response"] ?? payload["tool_output"];
  if (output === undefined) return null;
  if (agent === "codex") return codexResult(output, undefined);
  const held = parsed(output);
  const { exitCode, exit_code: code = exitCode, isError, is_error, interrupted } = object(held);
  const isFailed =
    (typeof code === "number" && code !== 0) || [isError, is_error, interrupted].includes(true);
  return resultOf(saidBy(held), isFailed ? "error" : "ended");
}

/** What a tool wrote: the text of a command, blocks of content, or data. */
function saidBy(held: unknown): unknown {
  const { stdout, stderr, output, content } = object(held);
  if (typeof stdout === "string")
    return [stdout, wordOf(stderr, "")].filter((text) => text !== "").join("\n");
  if (typeof output === "string") return output;
  return Array.isArray(content) ? content : held;
}
