/**
 * Tool calls of the usual libraries, as steps: OpenAI (chat completions and responses), Anthropic,
 * Vercel AI SDK. It reads the shapes of their messages; none of them is imported.
 *
 * @module
 */

import type { Recording } from "./record.ts";
import type { Step } from "./step.ts";

type Json = { [key: string]: unknown };

/** Characters of what the agent said beside a call, which tell what the call was for. */
const ACTION_MAX = 1_000;

/** The steps of a conversation's messages: a call whose answer is not there yet is left out. */
export function stepsOf(messages: readonly object[]): Step[] {
  return newCalls(messages, new Set());
}

/** As `stepsOf`, without the calls whose ids were seen; those it returns are seen from now on. */
export function newCalls(messages: readonly object[], seen: Set<string>): Step[] {
  const calls = new Calls(seen);
  for (const message of messages as readonly Json[]) {
    const isAssistant = message["role"] === "assistant";
    const action = isAssistant ? textOf(message["content"]).slice(0, ACTION_MAX) : "";
    openAiMessage(calls, message, action);
    for (const block of objects(message["content"])) {
      anthropicBlock(calls, block, action);
      aiSdkPart(calls, block, action);
    }
  }
  return calls.steps;
}

/** Calls of tools, which become steps when their answers come. */
class Calls {
  readonly steps: Step[] = [];
  readonly #seen: Set<string>;
  readonly #byId = new Map<string, Step>();

  constructor(seen: Set<string>) {
    this.#seen = seen;
  }

  open(id: unknown, tool: unknown, parameters: unknown, action: string): void {
    this.#byId.set(String(id), { tool: nameOf(tool), action, parameters: parsed(parameters) });
  }

  answer(id: unknown, content: unknown, isError: boolean): void {
    const call = this.#byId.get(String(id));
    if (!call || this.#seen.has(String(id))) return;
    this.#seen.add(String(id));
    const text = textOf(content);
    const result: Step["result"] =
      isError || looksFailed(text)
        ? { type: "error", message: text }
        : { type: "success", output: text };
    this.steps.push({ ...call, result });
  }
}

/** OpenAI: chat completions, and responses. */
function openAiMessage(calls: Calls, message: Json, action: string): void {
  for (const entry of objects(message["tool_calls"])) {
    const called = object(entry["function"]);
    calls.open(entry["id"], called["name"], called["arguments"], action);
  }
  if (message["role"] === "tool") calls.answer(message["tool_call_id"], message["content"], false);
  if (message["type"] === "function_call")
    calls.open(message["call_id"], message["name"], message["arguments"], "");
  if (message["type"] === "function_call_output")
    calls.answer(message["call_id"], message["output"], false);
}

function anthropicBlock(calls: Calls, block: Json, action: string): void {
  if (block["type"] === "tool_use") calls.open(block["id"], block["name"], block["input"], action);
  if (block["type"] === "tool_result")
    calls.answer(block["tool_use_id"], block["content"], block["is_error"] === true);
}

/** Vercel AI SDK: a part of a `ModelMessage`. */
function aiSdkPart(calls: Calls, part: Json, action: string): void {
  if (part["type"] === "tool-call")
    calls.open(part["toolCallId"], part["toolName"], part["input"] ?? part["args"], action);
  if (part["type"] === "tool-result") {
    const output = part["output"] ?? part["result"];
    const { type, value } = object(output);
    const isError = String(type).startsWith("error") || part["isError"] === true;
    calls.answer(part["toolCallId"], value ?? output, isError);
  }
}

interface AiTool {
  execute?: (input: never, options: never) => unknown;
}

/**
 * The tools of the Vercel AI SDK, each logged when it is executed. Give the result to
 * `generateText({ tools })`.
 */
export function recordTools<T extends Record<string, AiTool>>(recording: Recording, tools: T): T {
  const wrapped = Object.entries(tools).map(([name, tool]) => {
    const { execute } = tool;
    if (!execute) return [name, tool];
    const logged = (input: never, options: never): Promise<unknown> =>
      recording.tool(name, input, () => Reflect.apply(execute, tool, [input, options]) as unknown);
    return [name, { ...tool, execute: logged }];
  });
  return Object.fromEntries(wrapped) as T;
}

/**
 * For `onStepFinish` of the Vercel AI SDK, when the tools are not wrapped: logs the calls of a step
 * with their results.
 */
export function recordAiStep(recording: Recording): (step: object) => void {
  return (step) => {
    const { toolCalls, toolResults, content, text } = step as Json;
    const results = [
      ...objects(toolResults),
      ...objects(content).filter((part) => part["type"] === "tool-error"),
    ];
    for (const call of objects(toolCalls)) {
      const result = results.find((one) => one["toolCallId"] === call["toolCallId"]);
      const failed = result?.["type"] === "tool-error";
      const said = failed ? result["error"] : (result?.["output"] ?? result?.["result"]);
      recording.log({
        tool: nameOf(call["toolName"]),
        action: typeof text === "string" ? text.slice(0, ACTION_MAX) : "",
        parameters: call["input"] ?? call["args"] ?? {},
        result: !result
          ? null
          : failed
            ? { type: "error", message: said instanceof Error ? said.message : textOf(said) }
            : { type: "success", output: textOf(said) },
      });
    }
  };
}

/** Tools report errors as text: "Error: …", or JSON with an `error`. */
function looksFailed(text: string): boolean {
  return /^\s*error\b/i.test(text) || /^\s*\{\s*"error"\s*:\s*(?!null|false)/.test(text);
}

const nameOf = (value: unknown): string =>
  typeof value === "string" && value !== "" ? value : "unknown";

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content === undefined ? "" : (JSON.stringify(content) ?? "");
  return objects(content)
    .map((block) => block["text"])
    .filter((text) => typeof text === "string")
    .join("\n");
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return { arguments: value };
  }
}

function objects(value: unknown): Json[] {
  return Array.isArray(value)
    ? value.filter((item): item is Json => typeof item === "object" && item !== null)
    : [];
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
