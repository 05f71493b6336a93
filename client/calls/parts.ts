/**
 * Reads one part of a message, or an item of a list of responses, as the calls and results that it
 * holds. Pure.
 *
 * @module
 */

import type { ChatEvent } from "./events.ts";
import type { Verdict } from "./results.ts";
import { argumentsOf, object, textOf, wordOf, type Json } from "./values.ts";

/** The calls and results of a part; none when it is of another type. */
export function partEvents(part: Json, action: string): ChatEvent[] {
  const type = String(part["type"]);
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read) return read(part, action);
  if (type.startsWith("tool-") && "toolCallId" in part) return uiPart(part, type.slice(5), action);
  if (type.endsWith("_tool_result") && "tool_use_id" in part) return [serverResult(part)];
  return type === "undefined" && part["role"] === undefined ? googleEvents(part, action) : [];
}

/** Google's parts have no type; what they hold is their name. */
function googleEvents(part: Json, action: string): ChatEvent[] {
  const made = object(part["function_call"] ?? part["functionCall"]);
  const came = object(part["function_response"] ?? part["functionResponse"]);
  const events: ChatEvent[] = [];
  if (made["name"] !== undefined) events.push(call(made["id"], made["name"], made["args"], action));
  if (came["name"] !== undefined)
    events.push(result(came["id"], came["response"], "unsaid", came["name"]));
  return events;
}

type Reader = (part: Json, action: string) => ChatEvent[];

const call = (id: unknown, tool: unknown, given: unknown, action: string): ChatEvent => ({
  type: "call",
  id: idOf(id),
  tool: wordOf(tool, "unknown"),
  parameters: argumentsOf(given),
  action,
});
const result = (id: unknown, content: unknown, verdict: Verdict, tool?: unknown): ChatEvent => ({
  type: "result",
  id: idOf(id),
  tool: wordOf(tool, "unknown"),
  content,
  verdict,
});
const idOf = (id: unknown): string | null =>
  typeof id === "string" || typeof id === "number" ? String(id) : null;

/** Anthropic. A result that is not marked as an error may still be one by its text. */
const toolUse: Reader = (part, action) => [call(part["id"], part["name"], part["input"], action)];
const toolResult: Reader = (part) => [
  result(part["tool_use_id"], part["content"], part["is_error"] === true ? "error" : "unsaid"),
];

/** The result of a tool that runs at Anthropic: an error has a type of its own. */
function serverResult(part: Json): ChatEvent {
  const { type, error_code: code } = object(part["content"]);
  const isError = String(type).endsWith("_error");
  const content = isError && typeof code === "string" ? code : part["content"];
  return result(part["tool_use_id"], content, isError ? "error" : "ended");
}

/** OpenAI's responses. */
const functionCall: Reader = (item) => [
  call(item["call_id"] ?? item["id"], item["name"], item["arguments"] ?? item["input"], ""),
];
const functionOutput: Reader = (item) => [result(item["call_id"], item["output"], "unsaid")];
const mcpCall: Reader = (item) => {
  const { id, name, arguments: given, output, error } = item;
  const hasFailed = error !== undefined && error !== null && error !== "";
  const made = call(id, name, given, "");
  if (!hasFailed && (output === undefined || output === null)) return [made];
  return [made, hasFailed ? result(id, error, "error") : result(id, output, "ended")];
};

/** Vercel AI SDK: parts of a `ModelMessage`. */
const aiCall: Reader = (part, action) => [
  call(part["toolCallId"], part["toolName"], part["input"] ?? part["args"], action),
];
const aiResult: Reader = (part) => {
  const output = part["output"] ?? part["result"];
  const { type, value, reason } = object(output);
  const kind = typeof type === "string" && "value" in object(output) ? type : "";
  const isDenied = type === "execution-denied";
  const isError = kind.startsWith("error") || isDenied || part["isError"] === true;
  const content = isDenied ? (reason ?? "execution denied") : kind === "" ? output : value;
  return [result(part["toolCallId"], content, isError ? "error" : "unsaid", part["toolName"])];
};
const aiError: Reader = (part) => {
  const { error } = part;
  const said = error instanceof Error ? error.message : error;
  return [result(part["toolCallId"], said, "error", part["toolName"])];
};

/** Vercel AI SDK: parts of a `UIMessage`, which hold a call and what came of it. */
function uiPart(part: Json, tool: string, action: string): ChatEvent[] {
  const { toolCallId: id, state, errorText } = part;
  const made = call(id, tool, part["input"] ?? part["rawInput"] ?? part["args"], action);
  if (state === "output-error") return [made, result(id, errorText, "error")];
  if (state === "output-denied") return [made, result(id, "execution denied", "error")];
  const isDone = state === "output-available" || state === "result";
  return isDone ? [made, result(id, part["output"] ?? part["result"], "ended")] : [made];
}
const aiInvocation: Reader = (part, action) => {
  const invocation = object(part["toolInvocation"]);
  return uiPart(invocation, wordOf(invocation["toolName"], "unknown"), action);
};
const aiDynamic: Reader = (part, action) =>
  uiPart(part, wordOf(part["toolName"], "unknown"), action);

/** OpenTelemetry's GenAI messages. */
const otelCall: Reader = (part, action) =>
  "function" in part ? [] : [call(part["id"], part["name"], part["arguments"], action)];
const otelResponse: Reader = (part) => [
  result(part["id"], part["response"] ?? part["result"] ?? textOf(part["content"]), "unsaid"),
];

const READERS: Readonly<Record<string, Reader>> = {
  tool_use: toolUse,
  server_tool_use: toolUse,
  mcp_tool_use: toolUse,
  tool_result: toolResult,
  mcp_tool_result: toolResult,
  function_call: functionCall,
  function_call_output: functionOutput,
  custom_tool_call: functionCall,
  custom_tool_call_output: functionOutput,
  mcp_call: mcpCall,
  "tool-call": aiCall,
  "tool-result": aiResult,
  "tool-error": aiError,
  "tool-invocation": aiInvocation,
  "dynamic-tool": aiDynamic,
  tool_call: otelCall,
  tool_call_response: otelResponse,
};
