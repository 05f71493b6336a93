/**
 * Reads the messages of chats with tool calls as what happened in them, whatever library wrote
 * them: OpenAI (chat completions, responses), Anthropic, Google, Vercel AI SDK, LangChain,
 * OpenTelemetry's GenAI. Whatever else a message holds is skipped; nothing in it makes reading fail. Pure.
 *
 * @module
 */

import type { ChatEvent } from "./events.ts";
import { partEvents } from "./parts.ts";
import { argumentsOf, object, objects, textOf, wordOf, type Json } from "./values.ts";

/** Characters of what was said beside a call, which tell what the call was for. */
const ACTION_MAX = 1_000;

/** Messages are also written as pairs: `["user", "…"]`. */
export function messageOf(value: unknown): Json {
  if (!Array.isArray(value)) return object(value);
  const [role, content] = value as unknown[];
  return { role: role === "human" ? "user" : role, content };
}

/** Whether it is said by somebody; an item of a list of responses is not. */
export const isMessage = (given: Json): boolean => plain(given)["role"] !== undefined;

/** The answer that a value is, as LangChain hands it on; null: it is no message of a tool. */
export function answerIn(value: unknown): Extract<ChatEvent, { type: "result" }> | null {
  const message = plain(object(value));
  const isAnswer = message["role"] === "tool" && "content" in message;
  return isAnswer ? answerOf(message) : null;
}

/** What one message says, in its order. */
export function eventsOf(given: Json): ChatEvent[] {
  const message = plain(given);
  const { role, content } = message;
  const parts = objects(content ?? message["parts"]);
  const text = typeof content === "string" ? content : spoken(parts);
  const action = role === "assistant" ? text.slice(0, ACTION_MAX) : "";
  const events: ChatEvent[] = [];
  if (role === "user" && text.trim() !== "") events.push({ type: "prompt", text });
  const calls = callsOf(message, action);
  events.push(...calls);
  // LangChain says a call twice: beside the content, and in it as the provider wrote it.
  const said = new Set(calls.map((call) => call.type === "call" && call.id));
  const isNew = (event: ChatEvent): boolean => event.type !== "call" || !said.has(event.id);
  for (const part of parts) events.push(...partEvents(part, action).filter(isNew));
  events.push(...partEvents(message, ""));
  if (role === "tool" || role === "function") {
    const hasOwnIds = parts.some((part) => "toolCallId" in part || part["type"] === RESPONSE);
    if (!hasOwnIds) events.push(answerOf(message));
  }
  return events;
}

/** The part of OpenTelemetry's messages that is an answer. */
const RESPONSE = "tool_call_response";

/** What a person or the agent said in the parts of a message. */
function spoken(parts: readonly Json[]): string {
  return parts
    .filter(({ type }) => SPOKEN.has(String(type)))
    .map((part) => textOf(part["text"] ?? part["content"]))
    .join("\n");
}
const SPOKEN = new Set(["text", "input_text", "output_text", "undefined"]);

/** The calls that stand beside the content. */
function callsOf(message: Json, action: string): ChatEvent[] {
  const calls = objects(message["tool_calls"]).map((entry): ChatEvent => {
    const called = object(entry["function"] ?? entry["custom"]);
    const tool = wordOf(called["name"] ?? entry["name"], "unknown");
    const given = called["arguments"] ?? called["input"] ?? entry["args"] ?? entry["arguments"];
    return { type: "call", id: idOf(entry["id"]), tool, parameters: argumentsOf(given), action };
  });
  const { name, arguments: given } = object(message["function_call"]);
  if (typeof name !== "string") return calls;
  return [...calls, { type: "call", id: null, tool: name, parameters: argumentsOf(given), action }];
}

function answerOf(message: Json): Extract<ChatEvent, { type: "result" }> {
  const { status, content, name, tool_call_id: id } = message;
  const verdict = status === "error" ? "error" : status === "success" ? "ended" : "unsaid";
  return { type: "result", id: idOf(id), tool: wordOf(name, "unknown"), content, verdict };
}

const idOf = (id: unknown): string | null =>
  typeof id === "string" || typeof id === "number" ? String(id) : null;

const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  ai: "assistant",
  model: "assistant",
  AIMessageChunk: "assistant",
  HumanMessage: "user",
  AIMessage: "assistant",
  ToolMessage: "tool",
  FunctionMessage: "function",
  SystemMessage: "system",
};

/** LangChain's forms of a message (plain, serialised, wrapped) with a role; others as they are. */
function plain(message: Json): Json {
  const kwargs = object(message["kwargs"]);
  const isConstructed = message["lc"] !== undefined && Array.isArray(message["id"]);
  const data = isConstructed ? kwargs : { ...object(message["data"]), ...message };
  const named = isConstructed ? (message["id"] as unknown[]).at(-1) : message["type"];
  const role = message["role"] ?? ROLES[String(named)] ?? (isToolType(named, data) ? named : null);
  const more = object(data["additional_kwargs"]);
  if (role === null && objects(more["tool_calls"]).length === 0) return message;
  // Arguments that are no JSON stand in a list of their own.
  const calls = [...objects(data["tool_calls"]), ...objects(data["invalid_tool_calls"])];
  const tool_calls = calls.length > 0 ? calls : more["tool_calls"];
  // The type is the role; a part of it would be read as one of a message.
  return {
    ...more,
    ...data,
    tool_calls,
    type: undefined,
    role: ROLES[wordOf(role, "")] ?? role ?? "assistant",
  };
}

/** LangChain's answers have the type `tool`; so do parts of other formats. */
const isToolType = (type: unknown, data: Json): boolean =>
  (type === "tool" || type === "function") && "content" in data && !("state" in data);
