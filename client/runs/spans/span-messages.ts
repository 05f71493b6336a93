/**
 * The messages that the span of a model, or of an agent, holds: as JSON in an attribute, as
 * numbered attributes, or as events, by the names of each convention. Pure.
 *
 * @module
 */

import { object, objects, parsed, wordOf, type Json } from "../../calls/values.ts";
import type { Span } from "./otlp.ts";

const INPUTS = [
  "gen_ai.input.messages",
  "ai.prompt.messages",
  "gen_ai.prompt",
  "pydantic_ai.all_messages",
  "llm.input_messages",
];
const OUTPUTS = ["gen_ai.output.messages", "gen_ai.completion", "llm.output_messages"];
/** Numbered attributes: `gen_ai.prompt.0.content`, `llm.input_messages.0.message.role`. */
const NUMBERED_INPUTS = ["gen_ai.prompt.", "llm.input_messages.", "llm.prompts."];
const NUMBERED_OUTPUTS = ["gen_ai.completion.", "llm.output_messages.", "llm.completions."];
const MESSAGES_MAX = 10_000;

/** In their order: what went in, then what came out. */
export function messagesOf(span: Span): Json[] {
  const { attributes } = span;
  const input = listed(attributes, INPUTS) ?? numbered(attributes, NUMBERED_INPUTS);
  const output = listed(attributes, OUTPUTS) ?? numbered(attributes, NUMBERED_OUTPUTS);
  const made = [...(input ?? promptOf(attributes)), ...(output ?? answerOf(attributes))];
  if (made.length > 0) return made;
  const events = eventMessages(span);
  return events.length > 0 ? events : heldMessages(attributes);
}

/** What some hold whole: Google's ADK its request and answer, OpenInference any value. */
function heldMessages(attributes: Json): Json[] {
  const { contents } = object(parsed(attributes["gcp.vertex.agent.llm_request"]));
  const { content } = object(parsed(attributes["gcp.vertex.agent.llm_response"]));
  const made = [...objects(contents), ...objects([content])];
  if (made.length > 0) return made;
  const isMessage = (value: Json): boolean =>
    ["role", "lc", "tool_calls"].some((name) => name in value) || value["type"] === "human";
  return [listed(attributes, ["input.value"]), listed(attributes, ["output.value"])].flatMap(
    (messages) => messages?.filter(isMessage) ?? [],
  );
}

function listed(attributes: Json, names: readonly string[]): Json[] | null {
  for (const name of names) {
    const held = parsed(attributes[name]);
    const list = Array.isArray(held) ? (held as unknown[]) : object(held)["messages"];
    // LangChain has a list for each of its prompts.
    if (Array.isArray(list)) return objects(list.flatMap((one) => parsed(one)));
  }
  return null;
}

/** Vercel AI SDK's prompt, and the calls that came out. */
function promptOf(attributes: Json): Json[] {
  const { prompt, messages } = object(parsed(attributes["ai.prompt"]));
  if (typeof prompt === "string") return [{ role: "user", content: prompt }];
  return objects(messages ?? prompt);
}

function answerOf(attributes: Json): Json[] {
  const calls = objects(parsed(attributes["ai.response.toolCalls"]));
  if (calls.length === 0) return [];
  const said = { type: "text", text: wordOf(attributes["ai.response.text"], "") };
  const made = calls.map((call) => ({ type: "tool-call", ...call }));
  return [{ role: "assistant", content: [said, ...made] }];
}

/** null: there is none of these names. */
function numbered(attributes: Json, prefixes: readonly string[]): Json[] | null {
  const made = new Map<number, Json>();
  for (const [name, value] of Object.entries(attributes)) {
    const prefix = prefixes.find((one) => name.startsWith(one));
    if (prefix === undefined) continue;
    const [index = "", ...path] = name.slice(prefix.length).split(".");
    const at = Number(index);
    if (!Number.isInteger(at) || at < 0 || at >= MESSAGES_MAX) continue;
    const message = made.get(at) ?? {};
    made.set(at, message);
    put(message, path[0] === "message" ? path.slice(1) : path, value);
  }
  if (made.size === 0) return null;
  return [...made].sort(([a], [b]) => a - b).map(([, message]) => withCalls(message));
}

const DEPTH_MAX = 8;

function put(message: Json, path: readonly string[], value: unknown): void {
  let held = message;
  for (const name of path.slice(0, Math.min(path.length, DEPTH_MAX) - 1)) {
    const inner = object(held[name]);
    held[name] = inner;
    held = inner;
  }
  const last = path.at(-1);
  if (last !== undefined) held[last] = value;
}

/** Numbered calls as a list: `tool_calls.0.tool_call.function.name`, `tool_calls.0.name`. */
function withCalls(message: Json): Json {
  const calls = Object.values(object(message["tool_calls"])).map((held) => {
    const call = object(object(held)["tool_call"] ?? held);
    return "function" in call ? call : { id: call["id"], function: call };
  });
  return calls.length > 0 ? { ...message, tool_calls: calls } : message;
}

/** Events, as the first conventions had them. */
const EVENT_ROLES: ReadonlyMap<string, string> = new Map<string, string>([
  ["gen_ai.user.message", "user"],
  ["gen_ai.assistant.message", "assistant"],
  ["gen_ai.tool.message", "tool"],
  ["gen_ai.system.message", "system"],
  ["gen_ai.choice", "assistant"],
]);

function eventMessages({ events }: Span): Json[] {
  return events.flatMap(({ name, attributes }): Json[] => {
    const input = listed(attributes, INPUTS);
    const output = listed(attributes, OUTPUTS);
    if (input || output) return [...(input ?? []), ...(output ?? [])];
    const role = EVENT_ROLES.get(name);
    if (role === undefined) return [];
    const { content, message, tool_calls: calls, id } = attributes;
    const inner = object(parsed(message));
    return [
      {
        role,
        content: inner["content"] ?? content ?? (Object.keys(inner).length > 0 ? "" : message),
        tool_calls: parsed(calls ?? inner["tool_calls"]),
        tool_call_id: id,
      },
    ];
  });
}
