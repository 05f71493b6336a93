/**
 * What a span means, by the conventions that instrumentations follow: OpenTelemetry's GenAI (old
 * names and new), OpenInference, traceloop, Vercel AI SDK, Google's ADK, and what some frameworks
 * add. Pure.
 *
 * @module
 */

import { object, objects, parsed, textOf, wordOf, type Json } from "../../calls/values.ts";
import { lastAsked } from "../../calls/calls.ts";
import { answerIn, messageOf } from "../../calls/messages.ts";
import { resultOf, type CallResult } from "../../calls/results.ts";
import type { Span } from "./otlp.ts";

/** agent: a run, or a part of one. model: a call of a language model. */
export type SpanKind = "agent" | "tool" | "model" | "other";

const OPERATIONS: ReadonlyMap<string, SpanKind> = new Map<string, SpanKind>([
  ["invoke_agent", "agent"],
  ["invoke_workflow", "agent"],
  ["create_agent", "agent"],
  ["execute_tool", "tool"],
  ["chat", "model"],
  ["text_completion", "model"],
  ["generate_content", "model"],
  ["ai.toolCall", "tool"],
  ["ai.generateText", "agent"],
  ["ai.streamText", "agent"],
  ["ai.generateText.doGenerate", "model"],
  ["ai.streamText.doStream", "model"],
  // OpenInference, and traceloop in small letters.
  ["AGENT", "agent"],
  ["WORKFLOW", "agent"],
  ["CHAIN", "agent"],
  ["TASK", "other"],
  ["TOOL", "tool"],
  ["LLM", "model"],
]);

/** What a span is by its own words, for messages; empty: it says nothing. */
export function operationOf({ name, attributes }: Span): string {
  const said =
    attributes["gen_ai.operation.name"] ??
    attributes["openinference.span.kind"] ??
    attributes["traceloop.span.kind"] ??
    attributes["ai.operationId"] ??
    attributes["operation.name"];
  if (typeof said === "string" && said !== "") return said.split(" ", 1)[0] ?? "";
  const [first = ""] = name.split(" ", 1);
  if (OPERATIONS.has(first) && first === first.toLowerCase()) return first;
  return first.startsWith("ai.") ? first : "";
}

export function kindOf(span: Span): SpanKind {
  const operation = operationOf(span);
  const said = OPERATIONS.get(operation) ?? OPERATIONS.get(operation.toUpperCase());
  return said ?? (operation === "" ? kindByNames(span.attributes) : "other");
}

/** Of a span that does not say what it is: whatever its names are of. */
function kindByNames(attributes: Json): SpanKind {
  const has = (name: string): boolean => name in attributes;
  if (["gen_ai.tool.name", "tool.name", "ai.toolCall.name"].some(has)) return "tool";
  const names = ["llm.request.type", "gen_ai.request.model", "gen_ai.prompt.0.role"];
  return names.some(has) ? "model" : "other";
}

/** ADK writes `{}` for what it was told not to record. */
const isLeftOut = (name: string, value: unknown): boolean =>
  value === "{}" && name.startsWith("gcp.vertex.agent.");

const first = (attributes: Json, names: readonly string[]): unknown =>
  names
    .filter((name) => !isLeftOut(name, attributes[name]))
    .map((name) => attributes[name])
    .find((value) => value !== undefined && value !== null);

const TOOL_NAMES = ["gen_ai.tool.name", "ai.toolCall.name", "tool.name", "traceloop.entity.name"];
const CALL_IDS = [
  "gen_ai.tool.call.id",
  "ai.toolCall.id",
  "tool_call.id",
  "tool.call.id",
  "tool.id",
];
const ARGUMENTS = [
  "gen_ai.tool.call.arguments",
  "ai.toolCall.args",
  "tool_arguments",
  "tool.parameters",
  "gen_ai.tool.arguments",
  "gcp.vertex.agent.tool_call_args",
  "tool.call.arguments",
  "gen_ai.input",
  "input",
  "input.value",
  "traceloop.entity.input",
];
const RESULTS = [
  "gen_ai.tool.call.result",
  "ai.toolCall.result",
  "tool_response",
  "gen_ai.tool.result",
  "gen_ai.tool.output",
  "gcp.vertex.agent.tool_response",
  "tool.call.result",
  "gen_ai.output",
  "output",
  "output.value",
  "traceloop.entity.output",
];

export const toolOf = ({ name, attributes }: Span): string =>
  wordOf(first(attributes, TOOL_NAMES), name.replace(/^execute_tool /, "")) || "unknown";

/** null: it says none. */
export function callIdOf({ attributes }: Span): string | null {
  const id = wordOf(first(attributes, CALL_IDS), "");
  return id === "" ? (answerIn(parsed(first(attributes, RESULTS)))?.id ?? null) : id;
}

/** What a process says of itself that tells who it was, by the names of metadata. */
export const RESOURCE_NAMES = {
  service: ["service.name"],
  service_namespace: ["service.namespace"],
  service_version: ["service.version"],
  service_instance: ["service.instance.id"],
  environment: ["deployment.environment.name", "deployment.environment"],
} as const;

/** undefined: it does not say. */
export function argumentsIn({ attributes, events }: Span): unknown {
  const given = first(attributes, ARGUMENTS) ?? eventContent(events, "gen_ai.tool.message");
  return given === undefined ? undefined : unwrapped(parsed(given) ?? {});
}

/** traceloop writes what a function was given: `{"args": [], "kwargs": {…}}`. */
function unwrapped(given: unknown): unknown {
  const { args, kwargs, ...more } = object(given);
  const isCall = Array.isArray(args) && object(kwargs) === kwargs;
  if (!isCall || Object.keys(more).length > 0) return given;
  const named = kwargs as Json;
  if (args.length === 0) return named;
  return Object.keys(named).length === 0 && args.length === 1 ? args[0] : given;
}

/** undefined: it does not say. */
export function outputIn({ attributes, events }: Span): unknown {
  const said = first(attributes, RESULTS) ?? eventContent(events, "gen_ai.choice");
  if (said === undefined) return undefined;
  const held = parsed(said);
  // A text is written as JSON by some: "\"ok\"".
  return typeof held === "string" ? held : said;
}

function eventContent(events: Span["events"], name: string): unknown {
  const { content, message } = events.find((event) => event.name === name)?.attributes ?? {};
  return content ?? message;
}

/** What it failed with; null: it has not failed. */
export function failureOf({ status, message, attributes, events }: Span): string | null {
  const exception = events.find(({ name }) => name === "exception")?.attributes;
  const type = attributes["error.type"] ?? attributes["exception.type"];
  if (status !== "error" && type === undefined && !exception) return null;
  const { "exception.type": thrown, "exception.message": said } = exception ?? {};
  const text = textOf(said ?? attributes["exception.message"] ?? attributes["error.message"]);
  const kind = wordOf(thrown ?? type, "");
  if (text === "") return message || kind || "error";
  return kind === "" || text.startsWith(kind) ? text : `${kind}: ${text}`;
}

/**
 * What came of a tool. null: unknown; it has not failed, but nothing says what came of it.
 *
 * @param output what came back; undefined: nothing says
 */
export function toolResult(span: Span, output: unknown): CallResult | null {
  const failure = failureOf(span);
  if (failure !== null) {
    const { "error.type": type } = span.attributes;
    const timedOut = /timeout/i.test(wordOf(type, ""));
    return timedOut ? { type: "timeout" } : resultOf(failure, "error");
  }
  const answer = answerIn(parsed(output));
  if (answer) return resultOf(answer.content, answer.verdict);
  if (output !== undefined) {
    const isError = object(parsed(output))["isError"] === true;
    return resultOf(output, isError ? "error" : span.status === "ok" ? "ended" : "unsaid");
  }
  return span.status === "ok" ? { type: "success", output: "" } : null;
}

const INPUTS = ["input.value", "traceloop.entity.input", "ai.prompt", "gen_ai.input"];

/** What was asked, where it does not stand in messages; empty: it does not say. */
export function inputOf({ attributes }: Span): string {
  const held = parsed(first(attributes, INPUTS));
  if (typeof held === "string") return held;
  const fields = object(held);
  const inner = ASKED.map((name) => fields[name]).find((value) => value !== undefined);
  const said = typeof inner === "string" ? inner : object(inner)["input"];
  if (typeof said === "string") return said;
  const messages = object(inner)["messages"] ?? fields["messages"];
  return lastAsked(objects(messages).map(messageOf)) ?? "";
}
const ASKED = ["inputs", "input", "prompt", "query", "question", "message", "task", "text"];
